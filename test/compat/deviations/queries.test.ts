// Where convex-test differs on queries and pagination (engine.md 10.4 and 10.5).

import type { PaginationOptions } from "invex/server";
import { describe, expect, it } from "vitest";
import type { LabMutationCtx } from "../../fixtures/lab";
import { createLab, rejection } from "../../fixtures/lab";

type Loose = Record<string, (...args: unknown[]) => Loose> & {
  collect(): Promise<{ label: unknown; n: unknown }[]>;
};

async function withRows<T>(
  rows: readonly object[],
  handler: (ctx: LabMutationCtx, table: () => Loose) => Promise<T>,
): Promise<T> {
  const { backend } = createLab();
  return await backend.run(async (ctx) => {
    for (const row of rows) await ctx.db.insert("things", row);
    return await handler(ctx, () => ctx.db.query("things") as unknown as Loose);
  });
}

const numbers = (...ns: unknown[]) => ns.map((n) => ({ n }));
const values = (rows: readonly object[]) => rows.map((row) => ("n" in row ? row.n : "missing"));
const filtered = (table: () => Loose, predicate: (q: Loose) => unknown) =>
  table().filter!(predicate).collect();

describe("filters", () => {
  it("[DEV44] compare by the total order, whatever the types", async () => {
    const rows = [{}, ...numbers(null, 5n, -1, 1, true, "a", [0])];
    const [above, below] = await withRows(rows, async (_ctx, table) => [
      values(await filtered(table, (q) => q.gt!(q.field!("n"), 0))),
      values(await filtered(table, (q) => q.lte!(q.field!("n"), -1))),
    ]);
    expect(above).toEqual([1, true, "a", [0]]);
    expect(below).toEqual(["missing", null, 5n, -1]);
  });

  const evalErrors: [string, (q: Loose) => unknown, string][] = [
    [
      "adding an Int64 and a Float64",
      (q) => q.eq!(q.add!(1n, 1.5), 2),
      "Cannot add 1 (type Int64) and 1.5 (type Float64)",
    ],
    [
      "subtracting strings",
      (q) => q.eq!(q.sub!("a", "b"), 2),
      'Cannot subtract "a" (type String) and "b" (type String)',
    ],
    ["dividing an Int64 by zero", (q) => q.eq!(q.div!(1n, 0n), 2n), "Cannot divide 1 by zero"],
    [
      "an Int64 out of range",
      (q) => q.eq!(q.add!(9223372036854775807n, 1n), 2n),
      "Cannot add 9223372036854775807 and 1: the result is out of range for Int64",
    ],
    ["negating a string", (q) => q.neg!("a"), 'Cannot negate "a" (type String)'],
  ];

  it.each(evalErrors)("[DEV45] %s fails", async (_what, predicate, text) => {
    await expect(withRows(numbers(1), (_ctx, table) => filtered(table, predicate))).rejects.toThrow(
      text,
    );
  });

  it("[DEV45] dividing a Float64 by zero does not", async () => {
    const found = await withRows(numbers(1), (_ctx, table) =>
      filtered(table, (q) => q.eq!(q.div!(q.field!("n"), 0), Number.POSITIVE_INFINITY)),
    );
    expect(values(found)).toEqual([1]);
  });

  it("[DEV46] negation works, on both kinds of number", async () => {
    const found = await withRows(numbers(5, 5n, -5), async (_ctx, table) => [
      values(await filtered(table, (q) => q.eq!(q.neg!(5), q.field!("n")))),
      values(await filtered(table, (q) => q.eq!(q.neg!(-5n), q.field!("n")))),
    ]);
    expect(found).toEqual([[-5], [5n]]);
  });

  it("[DEV47] a predicate and its parts are booleans, and evaluation stops early", async () => {
    const failing = withRows(numbers(1), (_ctx, table) =>
      filtered(table, (q) => q.and!(true, q.field!("n"))),
    );
    await expect(failing).rejects.toThrow("Cannot use value 1.0 (type Float64) as a Boolean");
    await expect(
      withRows(numbers(1), (_ctx, table) => filtered(table, () => "yes")),
    ).rejects.toThrow('Cannot use value "yes" (type String) as a Boolean');
    const early = await withRows(numbers(1), (_ctx, table) =>
      filtered(table, (q) => q.or!(true, q.field!("n"))),
    );
    expect(early).toHaveLength(1);
  });

  it("[DEV48] limit and filter apply in the order written", async () => {
    const found = await withRows(numbers(1, 2, 3, 4), async (_ctx, table) => {
      const big = (q: Loose) => q.gt!(q.field!("n"), 1);
      const limitFirst = await table().limit!(2).filter!(big).collect();
      const filterFirst = await table().filter!(big).limit!(2).collect();
      return [values(limitFirst), values(filterFirst)];
    });
    expect(found).toEqual([[2], [2, 3]]);
  });
});

describe("index ranges", () => {
  it("[DEV49] bounds and equalities may be given in any order", async () => {
    const rows = [1, 2, 3, 4].map((b) => ({ a: 1, b, n: b }));
    const found = await withRows(rows, (_ctx, table) =>
      table().withIndex!("by_a_b", (q: Loose) => q.lt!("b", 4).gt!("b", 1).eq!("a", 1)).collect(),
    );
    expect(values(found)).toEqual([2, 3]);
  });

  const rangeErrors: [string, (q: Loose) => unknown, string][] = [
    [
      "two lower bounds",
      (q) => q.gt!("a", 1).gte!("a", 2),
      'Already defined lower bound in index range. Can\'t add "a" >= 2',
    ],
    [
      "two equalities on one field",
      (q) => q.eq!("a", 1).eq!("a", 2),
      'Already defined equality bound in index range. Can\'t add "a" == ',
    ],
    [
      "bounds on two fields",
      (q) => q.gt!("a", 1).lt!("b", 2),
      "Upper and lower bounds in `range` can only be applied to a single index field. This query against index things.by_a_b",
    ],
    [
      "a field outside the index",
      (q) => q.eq!("z", 1),
      'The index range included a comparison with "z", but things.by_a_b with fields ["a", "b", "_creationTime"] doesn\'t index this field.',
    ],
  ];

  it.each(rangeErrors)("[DEV49] %s fail in Convex's words", async (_what, range, text) => {
    await expect(
      withRows(numbers(1), (_ctx, table) => table().withIndex!("by_a_b", range).collect()),
    ).rejects.toThrow(text);
  });

  it("[DEV50] an unknown index is not found", async () => {
    await expect(
      withRows(numbers(1), (_ctx, table) => table().withIndex!("by_nothing").collect()),
    ).rejects.toThrow("Index things.by_nothing not found.");
  });

  it("[DEV51] nor is a system index of a table that does not exist", async () => {
    for (const index of ["by_id", "by_creation_time"]) {
      const failing = withRows([], (ctx) =>
        (ctx.db.query("nowhere" as "things") as unknown as Loose).withIndex!(index).collect(),
      );
      await expect(failing).rejects.toThrow(`Index nowhere.${index} not found.`);
    }
  });

  it("[DEV54] a bad order, too many operators and a bad field path are refused", async () => {
    const run = (build: (table: Loose) => Loose) =>
      withRows(numbers(1), (_ctx, table) => build(table()).collect());
    await expect(run((table) => table.order!("up"))).rejects.toThrow(
      'Invalid argument `query` for `queryStream`: expected "asc" or "desc"',
    );
    await expect(
      run((table) => {
        let query = table;
        for (let i = 0; i < 257; i += 1) query = query.filter!(() => true);
        return query;
      }),
    ).rejects.toThrow("Can't construct query with more than 256 operators");
    await expect(
      run((table) => table.filter!((q: Loose) => q.eq!(q.field!("not a path"), 1))),
    ).rejects.toThrow("Invalid argument `query` for `queryStream`: ");
  });
});

describe("lazy iteration", () => {
  it("[DEV14] a loop sees what it inserted behind the rows already fetched", async () => {
    const seen = await withRows(
      Array.from({ length: 101 }, (_, n) => ({ n })),
      async (ctx) => {
        let rows = 0;
        for await (const row of ctx.db.query("things").withIndex("by_n")) {
          if (row.n === 0) await ctx.db.insert("things", { n: 1000 });
          rows += 1;
        }
        return rows;
      },
    );
    expect(seen).toBe(102);
  });
});

describe("pagination", () => {
  const options = (more: Partial<PaginationOptions> = {}): PaginationOptions => ({
    numItems: 2,
    cursor: null,
    ...more,
  });

  async function filledWith(ns: number[]) {
    const { backend } = createLab();
    await backend.run(async (ctx) => {
      for (const n of ns) await ctx.db.insert("things", { n });
    });
    const page = (more?: Partial<PaginationOptions>) =>
      backend.run(async (ctx) => {
        const result = await ctx.db.query("things").withIndex("by_n").paginate(options(more));
        return { ...result, page: values(result.page) };
      });
    return { backend, page };
  }

  it("[DEV55] a page that ends with the last row is not done", async () => {
    const { page } = await filledWith([1, 2]);
    const first = await page();
    expect(first.isDone).toBe(false);
    expect(await page({ cursor: first.continueCursor })).toMatchObject({ page: [], isDone: true });
  });

  it("[DEV56] a cursor is opaque, repeatable, and fails when it is no cursor", async () => {
    const { page } = await filledWith([1, 2, 3]);
    const { continueCursor } = await page();
    expect((await page()).continueCursor).toBe(continueCursor);
    for (const cursor of ["", "nonsense", `${continueCursor}0`, continueCursor.slice(2)]) {
      expect((await rejection(page({ cursor }))).message).toContain("Failed to parse cursor");
    }
  });

  it("[DEV57] the number of items is a whole number from 1 to 32,000", async () => {
    const { page } = await filledWith([1]);
    await expect(page({ numItems: 0 })).rejects.toThrow(
      "Must request at least 1 document while paginating",
    );
    await expect(page({ numItems: 32_001 })).rejects.toThrow("Requested too many items: 32001");
    await expect(page({ numItems: 1.5 })).rejects.toThrow("Invalid arguments for `queryPage`: ");
    await expect(page({ numItems: -1 })).rejects.toThrow(
      "`options.numItems` must be a positive number. Received `-1`.",
    );
  });

  it("[DEV58] with an end cursor the maxima and numItems do not count", async () => {
    const { page } = await filledWith([1, 2, 3, 4]);
    const { continueCursor } = await page({ numItems: 3 });
    const again = await page({ numItems: 1, endCursor: continueCursor, maximumRowsRead: 1 });
    expect(again.page).toEqual([1, 2, 3]);
    expect(again.isDone).toBe(false);
  });

  it("[DEV58] without one, a page ends at the row maximum and asks to be split", async () => {
    const { page } = await filledWith([1, 2, 3, 4]);
    const short = await page({ numItems: 4, maximumRowsRead: 3 });
    expect(short).toMatchObject({ page: [1, 2, 3], isDone: false, pageStatus: "SplitRequired" });
  });

  it("[DEV59] the split cursor lies behind row floor(n/2), from three rows on", async () => {
    const { page } = await filledWith([1, 2, 3, 4, 5, 6]);
    const { splitCursor, continueCursor } = await page({ numItems: 5 });
    const left = await page({ endCursor: splitCursor ?? null });
    const right = await page({ cursor: splitCursor ?? null, endCursor: continueCursor });
    expect([left.page, right.page]).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect((await page({ numItems: 2 })).splitCursor).toBeNull();
  });

  it("[DEV60] an end cursor keeps its place when its row is deleted", async () => {
    const { backend, page } = await filledWith([1, 2, 3]);
    const { continueCursor } = await page();
    await backend.run(async (ctx) => {
      const second = await ctx.db
        .query("things")
        .withIndex("by_n", (q) => q.eq("n", 2))
        .unique();
      await ctx.db.delete(second!._id);
    });
    const again = await page({ endCursor: continueCursor });
    expect(again).toMatchObject({ page: [1], isDone: false, continueCursor });
    expect((await page({ cursor: continueCursor })).page).toEqual([3]);
  });

  it("[DEV62] two pages in one function fail, in Convex's words", async () => {
    const { backend } = createLab();
    const twice = backend.run(async (ctx) => {
      await ctx.db.query("things").paginate(options());
      await ctx.db.query("things").paginate(options());
    });
    await expect(twice).rejects.toThrow(
      "This query or mutation function ran multiple paginated queries.",
    );
  });
});
