// Pages: where they begin and end, what they say about themselves, and that nothing falls between.

import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/db/cursor";
import type { Document } from "../../src/db/document";
import type { OrderedQuery, QueryInitializer } from "../../src/db/query";
import type { Transaction } from "../../src/db/transaction";
import { must } from "../../src/shared/assert";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { type OpenDatabase, type OpenOptions, openDatabase } from "./open-database";
import { cursorKey, queryOn } from "./query-on";

interface PageResult {
  readonly page: readonly Document[];
  readonly isDone: boolean;
  readonly continueCursor: string;
  readonly splitCursor: string | null;
  readonly pageStatus: string | null;
}

type Options = {
  numItems: number;
  cursor?: string | null;
  endCursor?: string | null;
  maximumRowsRead?: number;
  maximumBytesRead?: number;
};

type Build = (query: QueryInitializer) => QueryInitializer | OrderedQuery;

// biome-ignore lint/suspicious/noExplicitAny: builders are untyped below the facade
type Builder = any;

const everything: Build = (query) => query;
const ascending: Build = (query) => query.withIndex("by_x_y");
const descending: Build = (query) => query.withIndex("by_x_y").order("desc");
const filtered =
  (build: Build, atLeast: number): Build =>
  (query) =>
    build(query).filter(((q: Builder) => q.gte(q.field("z"), atLeast)) as never);

async function pageOf(
  tx: Transaction,
  build: Build,
  options: Options,
  journal?: string,
): Promise<PageResult> {
  const query = build(queryOn(tx, "anything", journal));
  return (await query.paginate({ cursor: null, ...options })) as PageResult;
}

/** A database with documents `{ x: i }`. */
function filledWith(count: number, options?: OpenOptions): OpenDatabase {
  const open = openDatabase("pages", options);
  open.commit((tx) => {
    for (let x = 0; x < count; x++) tx.insert(open.anything, { x, z: x % 3 });
  });
  return open;
}

const xs = (page: readonly Document[]) => page.map(({ x }) => x);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("what a caller may ask for", () => {
  const invalid: [string, Partial<Options>, string][] = [
    ["no items", { numItems: 0 }, "Must request at least 1 document while paginating"],
    ["too many items", { numItems: 32_001 }, "Requested too many items: 32001"],
    [
      "no rows",
      { maximumRowsRead: 0 },
      "maximumRowsRead and maximumBytesRead must be greater than 0",
    ],
    [
      "no bytes",
      { maximumBytesRead: 0 },
      "maximumRowsRead and maximumBytesRead must be greater than 0",
    ],
    ["half an item", { numItems: 1.5 }, "Invalid arguments for `queryPage`: pageSize"],
    ["half a row", { maximumRowsRead: 0.5 }, "Invalid arguments for `queryPage`: maximumRowsRead"],
    ["less than no bytes", { maximumBytesRead: -1 }, "Invalid arguments for `queryPage`: maximum"],
    [
      "less than no items",
      { numItems: -1 },
      "`options.numItems` must be a positive number. Received `-1`.",
    ],
    ["NaN items", { numItems: Number.NaN }, "Invalid arguments for `queryPage`: pageSize"],
  ];
  it.each(invalid)("[PAG1] not %s", async (_what, options, text) => {
    const tx = filledWith(3).database.begin();
    await expect(pageOf(tx, everything, { numItems: 1, ...options })).rejects.toThrow(text);
    expect(tx.reads.intervalCount()).toBe(0);
    tx.close();
  });

  it("[PAG1] as many items as there may be at most", async () => {
    const tx = filledWith(3).database.begin();
    expect((await pageOf(tx, everything, { numItems: 32_000 })).isDone).toBe(true);
    await expect((queryOn(tx, "anything") as Builder).paginate()).rejects.toThrow(
      "Must provide arg 1 `options` to `paginate`",
    );
    tx.close();
  });
});

describe("a walk through all pages", () => {
  it("[PAG2] sees every row once, and is done when the end was seen, not before", async () => {
    for (const build of [everything, ascending, descending]) {
      const tx = filledWith(10).database.begin();
      const all = xs(await build(queryOn(tx, "anything")).collect());
      for (const numItems of [1, 2, 3, 5, 10, 11]) {
        const seen: (Value | undefined)[] = [];
        let cursor: string | null = null;
        let pages = 0;
        for (let isDone = false; !isDone; pages++) {
          const result: PageResult = await pageOf(tx, build, { numItems, cursor });
          seen.push(...xs(result.page));
          expect(result.isDone).toBe(result.page.length < numItems);
          ({ isDone, continueCursor: cursor } = result);
        }
        expect(seen).toEqual(all);
        expect(pages).toBe(Math.floor(10 / numItems) + 1);
        const after = await pageOf(tx, build, { numItems, cursor });
        expect(after).toEqual({
          page: [],
          isDone: true,
          continueCursor: cursor,
          splitCursor: null,
          pageStatus: null,
        });
      }
      tx.close();
    }
  });

  it("[PAG3] goes on after filtered rows, whatever is written between pages", async () => {
    await forEachSeed(seeds("walk", 80), async (choices, seed) => {
      const open = openDatabase(seed);
      writeRandomly(open, choices, 10);
      const isReversed = choices.chance(0.5);
      const atLeast = choices.below(3);
      const build = filtered(isReversed ? descending : ascending, atLeast);
      let cursor: string | null = null;
      let position: Document | undefined;
      for (let pages = 0; pages < 8; pages++) {
        const tx = open.database.begin();
        if (choices.chance(0.3)) tx.insert(open.anything, randomFields(choices));
        const numItems = 1 + choices.below(4);
        const rows = sorted(await queryOn(tx, "anything").collect(), isReversed);
        const rest = rows.filter((row) => !position || isAfter(row, position, isReversed));
        const result: PageResult = await pageOf(tx, build, { numItems, cursor });
        const wanted = rest.filter(({ z }) => compareValues(z, atLeast) >= 0).slice(0, numItems);
        expect(result.page).toEqual(wanted);
        expect(result.isDone).toBe(wanted.length < numItems);
        open.committer.commit(tx);
        if (result.isDone) break;
        position = wanted.at(-1);
        cursor = result.continueCursor;
        writeRandomly(open, choices, 3);
      }
    });
  });
});

describe("a live page", () => {
  it("[PAG4] keeps its keys: pages side by side never gap and never overlap", async () => {
    await forEachSeed(seeds("live", 60), async (choices, seed) => {
      const open = openDatabase(seed);
      writeRandomly(open, choices, 12);
      const isReversed = choices.chance(0.5);
      const build = isReversed ? descending : ascending;
      const pages: { cursor: string | null; journal: string | undefined; isDone: boolean }[] = [];
      for (let i = 0; i < 12; i++) {
        const tx = open.database.begin();
        const last = pages.at(-1);
        if (last === undefined || (!last.isDone && choices.chance(0.6))) {
          pages.push({ cursor: last?.journal ?? null, journal: undefined, isDone: false });
        }
        const seen: Document[] = [];
        for (const page of pages) {
          const { cursor, journal } = page;
          const result = await pageOf(tx, build, { numItems: 3, cursor }, journal);
          seen.push(...result.page);
          if (journal !== undefined) expect(result.continueCursor).toBe(journal);
          page.journal = result.continueCursor;
          page.isDone = result.isDone;
        }
        const all = sorted(await queryOn(tx, "anything").collect(), isReversed);
        expect(seen).toEqual(pages.at(-1)?.isDone ? all : all.slice(0, seen.length));
        tx.close();
        writeRandomly(open, choices, 4);
      }
    });
  });

  it("[PAG4] of a table that comes to exist goes on", async () => {
    const { database, commit } = openDatabase("late-table");
    const page = async (journal?: string) => {
      const tx = database.begin();
      const result = await queryOn(tx, "late", journal).paginate({ numItems: 2, cursor: null });
      tx.close();
      return result as PageResult;
    };
    const first = await page();
    expect(first).toMatchObject({ page: [], isDone: true });
    commit((tx) => tx.insert(tx.tableForWrite("", "late"), { x: 1 }));
    expect(await page(first.continueCursor)).toMatchObject({ page: [{ x: 1 }], isDone: true });
  });
});

describe("an end cursor", () => {
  it("[PAG5] bounds the page alone: neither numItems nor a maximum does", async () => {
    for (const build of [ascending, descending]) {
      const tx = filledWith(12).database.begin();
      const all = xs(await build(queryOn(tx, "anything")).collect());
      const first = await pageOf(tx, build, { numItems: 3 });
      const second = await pageOf(tx, build, { numItems: 6, cursor: first.continueCursor });
      const again = await pageOf(tx, build, {
        numItems: 1,
        cursor: first.continueCursor,
        endCursor: second.continueCursor,
        maximumRowsRead: 1,
        maximumBytesRead: 1,
      });
      expect(xs(again.page)).toEqual(all.slice(3, 9));
      expect(again).toMatchObject({ isDone: false, continueCursor: second.continueCursor });
      const rest = await pageOf(tx, build, { numItems: 9, cursor: second.continueCursor });
      const toEnd = await pageOf(tx, build, {
        numItems: 1,
        cursor: first.continueCursor,
        endCursor: rest.continueCursor,
      });
      expect(xs(toEnd.page)).toEqual(all.slice(3));
      expect(toEnd.isDone).toBe(true);
      const backwards = await pageOf(tx, build, {
        numItems: 1,
        cursor: second.continueCursor,
        endCursor: first.continueCursor,
      });
      expect(backwards).toMatchObject({ page: [], isDone: false });
      tx.close();
    }
  });

  it("[PAG5] goes before the journal", async () => {
    const tx = filledWith(9).database.begin();
    const small = await pageOf(tx, ascending, { numItems: 2 });
    const large = await pageOf(tx, ascending, { numItems: 5 });
    const options = { numItems: 1, endCursor: small.continueCursor };
    expect(xs((await pageOf(tx, ascending, options, large.continueCursor)).page)).toEqual([0, 1]);
    tx.close();
  });
});

describe("a maximum", () => {
  it("[PAG6] of rows ends a page, to be split, even where no row is left", async () => {
    const tx = filledWith(6).database.begin();
    const options = { numItems: 10, maximumRowsRead: 6 };
    const cut = await pageOf(tx, ascending, options);
    expect(cut).toMatchObject({ isDone: false, pageStatus: "SplitRequired" });
    expect(xs(cut.page)).toEqual(range(0, 6));
    const full = await pageOf(tx, ascending, { numItems: 6, maximumRowsRead: 6 });
    expect(full).toMatchObject({ isDone: false, pageStatus: "SplitRecommended" });
    const next = await pageOf(tx, ascending, { ...options, cursor: cut.continueCursor });
    expect(next).toMatchObject({ page: [], isDone: true, pageStatus: null });
    tx.close();
  });

  it("[PAG6] of rows counts those a filter drops", async () => {
    const tx = filledWith(9).database.begin();
    const cut = await pageOf(tx, filtered(ascending, 2), { numItems: 5, maximumRowsRead: 4 });
    expect(xs(cut.page)).toEqual([2]);
    expect(cut.pageStatus).toBe("SplitRequired");
    const rest = await pageOf(tx, filtered(ascending, 2), {
      numItems: 5,
      cursor: cut.continueCursor,
    });
    expect(xs(rest.page)).toEqual([5, 8]);
    tx.close();
  });

  it("[PAG7] of bytes ends a page after a row at least", async () => {
    const open = filledWith(6);
    const tx = open.database.begin();
    const { size } = must(
      tx.get(open.anything, must((await queryOn(tx, "anything").first())?._id)),
    );
    const page = (maximumBytesRead: number) =>
      pageOf(tx, ascending, { numItems: 10, maximumBytesRead });
    expect(xs((await page(1)).page)).toEqual([0]);
    expect(xs((await page(size)).page)).toEqual([0]);
    expect(xs((await page(size + 1)).page)).toEqual([0, 1]);
    expect(await page(6 * size)).toMatchObject({ isDone: false, pageStatus: "SplitRequired" });
    expect(await page(6 * size + 1)).toMatchObject({
      isDone: true,
      pageStatus: "SplitRecommended",
    });
    tx.close();
  });

  it.each([
    ["documentsRead", 4],
    ["bytesRead", 330],
  ] as const)(
    "[PAG8] of the transaction (%s) ends a page instead of failing it",
    async (metric, limit) => {
      for (const build of [ascending, descending]) {
        const { database } = filledWith(6, { limits: { [metric]: limit } });
        const seen: (Value | undefined)[] = [];
        let cursor: string | null = null;
        for (let isDone = false; !isDone; ) {
          const tx = database.begin();
          const result: PageResult = await pageOf(tx, build, { numItems: 10, cursor });
          expect(result.pageStatus).toBe(result.isDone ? null : "SplitRequired");
          seen.push(...xs(result.page));
          ({ isDone, continueCursor: cursor } = result);
          tx.close();
        }
        expect(seen).toEqual(build === ascending ? range(0, 6) : range(0, 6).reverse());
      }
    },
  );

  it("[PAG8] of the transaction that is reached already ends the page before its first row", async () => {
    for (const build of [ascending, descending]) {
      const { database } = filledWith(6, { limits: { documentsRead: 3 } });
      const tx = database.begin();
      await queryOn(tx, "anything").take(3);
      const none = await pageOf(tx, build, { numItems: 2 });
      expect(none).toMatchObject({ page: [], isDone: false, pageStatus: "SplitRequired" });
      tx.close();
      const other = database.begin();
      const { continueCursor } = none;
      const first = await pageOf(other, build, { numItems: 2, cursor: continueCursor });
      expect(xs(first.page)).toEqual(build === ascending ? [0, 1] : [5, 4]);
      const nothing = await pageOf(other, build, { numItems: 2, endCursor: continueCursor });
      expect(nothing).toMatchObject({ page: [], isDone: false });
      other.close();
    }
  });
});

describe("a split", () => {
  it("[PAG9] is recommended above three quarters of what a page may hold", async () => {
    const tx = filledWith(30).database.begin();
    const status = async (numItems: number, maximumRowsRead: number) =>
      (await pageOf(tx, ascending, { numItems, maximumRowsRead })).pageStatus;
    expect(await status(15, 20)).toBeNull();
    expect(await status(16, 20)).toBe("SplitRecommended");
    expect(await status(30, 40)).toBeNull();
    tx.close();
  });

  it("[PAG9] is recommended for pages of more than 6,144 rows", async () => {
    const tx = filledWith(6200).database.begin();
    expect((await pageOf(tx, everything, { numItems: 6144 })).pageStatus).toBeNull();
    expect((await pageOf(tx, everything, { numItems: 6145 })).pageStatus).toBe("SplitRecommended");
    tx.close();
  });

  it("[PAG10] cuts a page in two that together are the page", async () => {
    for (const build of [ascending, descending, filtered(ascending, 1), filtered(descending, 2)]) {
      const tx = filledWith(20).database.begin();
      for (let numItems = 1; numItems < 9; numItems++) {
        const whole = await pageOf(tx, build, { numItems });
        const { splitCursor, continueCursor } = whole;
        const rows = tx.usage.used.documentsRead;
        const halves = { numItems: 1, cursor: splitCursor };
        if (splitCursor === null) continue;
        const left = await pageOf(tx, build, { numItems: 1, endCursor: splitCursor });
        const leftRows = tx.usage.used.documentsRead - rows;
        const right = await pageOf(tx, build, { ...halves, endCursor: continueCursor });
        const rightRows = tx.usage.used.documentsRead - rows - leftRows;
        expect([...left.page, ...right.page]).toEqual(whole.page);
        expect(leftRows).toBe(Math.floor((leftRows + rightRows) / 2) + 1);
      }
      tx.close();
    }
  });

  it("[PAG10] is possible from three rows on, filtered ones included", async () => {
    const tx = filledWith(9).database.begin();
    const split = async (build: Build, numItems: number) =>
      (await pageOf(tx, build, { numItems })).splitCursor !== null;
    expect([await split(ascending, 2), await split(ascending, 3)]).toEqual([false, true]);
    expect(await split(filtered(ascending, 2), 1)).toBe(true);
    tx.close();
  });
});

describe("a cursor", () => {
  const gte =
    (value: number): Build =>
    (query) =>
      query.withIndex("by_x_y", ((q: Builder) => q.gte("x", value)) as never);
  const queries: Record<string, Build> = {
    everything,
    ascending,
    descending,
    fromOne: gte(1),
    fromTwo: gte(2),
    filteredByOne: filtered(ascending, 1),
    filteredByTwo: filtered(ascending, 2),
    limited: (query) => ascending(query).limit(5),
    filteredThenLimited: (query) => filtered(ascending, 1)(query).limit(5),
    limitedThenFiltered: (query) => filtered((inner) => ascending(inner).limit(5), 1)(query),
    byId: (query) => query.withIndex("by_id"),
    byCreation: (query) => query.withIndex("by_creation_time"),
  };

  it("[PAG11] belongs to its query, as start, as end and in the journal", async () => {
    const tx = filledWith(9).database.begin();
    const cursors = new Map<string, string>();
    for (const [name, build] of Object.entries(queries)) {
      cursors.set(name, (await pageOf(tx, build, { numItems: 1 })).continueCursor);
    }
    expect(new Set(cursors.values()).size).toBe(cursors.size);
    for (const [name, build] of Object.entries(queries)) {
      for (const [other, cursor] of cursors) {
        const asked = [
          pageOf(tx, build, { numItems: 2, cursor }),
          pageOf(tx, build, { numItems: 2, endCursor: cursor }),
          pageOf(tx, build, { numItems: 2 }, cursor),
        ];
        for (const page of await Promise.allSettled(asked)) {
          if (name === other) expect(page.status).toBe("fulfilled");
          else {
            expect(page).toMatchObject({
              reason: {
                data: { isConvexSystemError: true, paginationError: "InvalidCursor" },
                message:
                  "InvalidCursor: Tried to run a query starting from a cursor, but it looks like this cursor is from a different query.",
              },
            });
          }
        }
      }
    }
    tx.close();
  });

  it("[PAG11] is the same text for the same place, whatever the page", async () => {
    const tx = filledWith(9).database.begin();
    const two = await pageOf(tx, ascending, { numItems: 2 });
    const one = await pageOf(tx, ascending, { numItems: 1 });
    const then = await pageOf(tx, ascending, { numItems: 1, cursor: one.continueCursor });
    expect(then.continueCursor).toBe(two.continueCursor);
    tx.close();
  });

  it("[PAG12] that is none, or was tampered with, is refused before anything is read", async () => {
    const tx = filledWith(9).database.begin();
    const { continueCursor } = await pageOf(tx, ascending, { numItems: 1 });
    const { position, fingerprint } = decodeCursor(continueCursor, cursorKey);
    const flipped = `${continueCursor.slice(0, -6)}${continueCursor.at(-6) === "A" ? "B" : "A"}${continueCursor.slice(-5)}`;
    const before = tx.usage.used.documentsRead;
    for (const cursor of ["", "nonsense", "AAAA", continueCursor.slice(4), flipped]) {
      await expect(pageOf(tx, ascending, { numItems: 1, cursor })).rejects.toThrow(
        "Failed to parse cursor",
      );
    }
    expect(tx.usage.used.documentsRead).toBe(before);
    expect(encodeCursor({ position, fingerprint }, cursorKey)).toBe(continueCursor);
    tx.close();
  });
});

function randomFields(choices: Choices): Record<string, Value> {
  const x = choices.pick<Value>([0, 1, 2, 3, "a", null]);
  return { x, y: choices.below(3), z: choices.below(4) };
}

function writeRandomly({ commit, anything }: OpenDatabase, choices: Choices, writes: number): void {
  commit((tx) => {
    const rows = { keys: [], versions: [] as { document: Document }[] };
    tx.scan(anything.byId, { lower: "", upper: "\xff" }, false, 1e6, rows as never);
    const ids = rows.versions.map(({ document }) => document._id);
    for (let i = 0; i < writes; i++) {
      const at = choices.below(ids.length + 1);
      const id = ids[at];
      const dice = choices.below(4);
      if (id === undefined || dice < 2) tx.insert(anything, randomFields(choices));
      else if (dice === 2) tx.replace(anything, id, randomFields(choices));
      else {
        tx.remove(anything, id);
        ids.splice(at, 1);
      }
    }
  });
}

function sorted(rows: readonly Document[], isReversed: boolean): Document[] {
  return [...rows].sort((a, b) => compare(a, b) * (isReversed ? -1 : 1));
}

function isAfter(row: Document, position: Document, isReversed: boolean): boolean {
  return isReversed ? compare(row, position) < 0 : compare(row, position) > 0;
}

function compare(a: Document, b: Document): number {
  for (const field of ["x", "y", "_creationTime", "_id"]) {
    const order = compareValues(a[field], b[field]);
    if (order !== 0) return order;
  }
  return 0;
}
