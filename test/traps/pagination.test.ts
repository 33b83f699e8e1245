// Traps of pagination: done pages, split cursors, cursor reuse, one page per function, live pages.

import { paginationOptsValidator } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query, refs, rejection, watch } from "../fixtures/lab";

const insert = mutation({
  args: { ns: v.array(v.number()) },
  handler: async (ctx, { ns }) => {
    for (const n of ns) await ctx.db.insert("things", { n, a: n, b: n });
  },
});

const list = query({
  args: { opts: paginationOptsValidator, below: v.optional(v.number()) },
  handler: async (ctx, { opts, below }) => {
    const result = await ctx.db
      .query("things")
      .withIndex("by_n", (q) => q.lt("n", below ?? 1000))
      .paginate(opts);
    return { ...result, page: result.page.map((row) => row.n) };
  },
});

const listDesc = query({
  args: { opts: paginationOptsValidator },
  handler: (ctx, { opts }) =>
    ctx.db
      .query("things")
      .withIndex("by_n", (q) => q.lt("n", 1000))
      .order("desc")
      .paginate(opts),
});

const listOtherIndex = query({
  args: { opts: paginationOptsValidator },
  handler: (ctx, { opts }) =>
    ctx.db
      .query("things")
      .withIndex("by_a_b", (q) => q.lt("a", 1000))
      .paginate(opts),
});

const listFiltered = query({
  args: { opts: paginationOptsValidator },
  handler: (ctx, { opts }) =>
    ctx.db
      .query("things")
      .withIndex("by_n", (q) => q.lt("n", 1000))
      .filter((q) => q.gt(q.field("n"), 0))
      .paginate(opts),
});

const opts = (numItems: number, cursor: string | null = null) => ({ numItems, cursor });

async function filled(ns: number[], more: Record<string, unknown> = {}) {
  const { backend } = createLab({
    insert,
    list,
    listDesc,
    listOtherIndex,
    listFiltered,
    ...more,
  });
  await backend.mutation("m:insert", { ns });
  return backend;
}

describe("a page", () => {
  it("[TRAP1] that fits exactly is not done, the next one is empty and done", async () => {
    const backend = await filled([1, 2]);
    const first = await backend.query("m:list", { opts: opts(2) });
    expect(first).toMatchObject({ page: [1, 2], isDone: false });
    const second = await backend.query("m:list", { opts: opts(2, first.continueCursor) });
    expect(second).toMatchObject({ page: [], isDone: true });
  });

  it("[TRAP22] of three rows has a split cursor although no split is advised", async () => {
    const backend = await filled([1, 2, 3]);
    const page = await backend.query("m:list", { opts: opts(3) });
    expect(page.pageStatus).toBeNull();
    expect(typeof page.splitCursor).toBe("string");
    const half = { numItems: 9, cursor: null, endCursor: page.splitCursor };
    expect((await backend.query("m:list", { opts: half })).page).toEqual([1, 2]);
    const small = await backend.query("m:list", { opts: opts(2) });
    expect(small.splitCursor).toBeNull();
  });
});

describe("one paginated query per function", () => {
  it("[TRAP19] a second one fails after its page was computed", async () => {
    let pages = 0;
    const backend = await filled([1, 2], {
      twice: query(async (ctx) => {
        await ctx.db.query("things").paginate(opts(1));
        const before = (await ctx.meta.getTransactionMetrics()).documentsRead.used;
        try {
          await ctx.db.query("things").paginate(opts(1));
        } finally {
          pages = (await ctx.meta.getTransactionMetrics()).documentsRead.used - before;
        }
      }),
    });
    await expect(backend.query("m:twice")).rejects.toThrow(
      "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
    );
    expect(pages).toBe(1);
  });

  it("[TRAP19] one in the parent and one in a nested query are fine", async () => {
    const backend = await filled([1, 2, 3], {
      nested: query(async (ctx) => {
        const own = await ctx.db.query("things").paginate(opts(1));
        const inner = await ctx.runQuery(refs.query("list"), { opts: opts(2) });
        return [own.page.length, inner.page.length];
      }),
    });
    expect(await backend.query("m:nested")).toEqual([1, 2]);
  });
});

describe("a cursor belongs to its query", () => {
  const reuses: [string, string, Record<string, unknown>][] = [
    ["another range value", "m:list", { below: 999 }],
    ["another order", "m:listDesc", {}],
    ["another index", "m:listOtherIndex", {}],
    ["another filter", "m:listFiltered", {}],
  ];

  it.each(reuses)("[TRAP20] %s is refused", async (_what, path, rest) => {
    const backend = await filled([1, 2, 3]);
    const { continueCursor } = await backend.query("m:list", { opts: opts(1) });
    const error = await rejection(backend.query(path, { opts: opts(1, continueCursor), ...rest }));
    expect(error.data).toEqual({ isConvexSystemError: true, paginationError: "InvalidCursor" });
    expect(error.message).toContain(
      "InvalidCursor: Tried to run a query starting from a cursor, but it looks like this cursor is from a different query.",
    );
  });

  it("[TRAP20] another number of items is not", async () => {
    const backend = await filled([1, 2, 3]);
    const { continueCursor } = await backend.query("m:list", { opts: opts(1) });
    const rest = await backend.query("m:list", { opts: opts(7, continueCursor) });
    expect(rest.page).toEqual([2, 3]);
  });
});

describe("live pages", () => {
  it("[TRAP21] page one grows beyond numItems, page two neither moves nor re-runs", async () => {
    const runs: Record<string, number> = { first: 0, second: 0 };
    const backend = await filled([1, 2, 3, 4], {
      live: query({
        args: { name: v.string(), opts: paginationOptsValidator },
        handler: async (ctx, { name, opts }) => {
          runs[name] = (runs[name] ?? 0) + 1;
          const result = await ctx.db.query("things").withIndex("by_n").paginate(opts);
          return { cursor: result.continueCursor, page: result.page.map((row) => row.n) };
        },
      }),
    });
    const first = watch(backend, "m:live", { name: "first", opts: opts(2) });
    await delivered(backend);
    const { cursor } = first.values()[0];
    const second = watch(backend, "m:live", { name: "second", opts: opts(2, cursor) });
    await delivered(backend);
    await backend.mutation("m:insert", { ns: [1.5] });
    await delivered(backend);
    expect(first.values().map((each) => each.page)).toEqual([
      [1, 2],
      [1, 1.5, 2],
    ]);
    expect(first.values()[1].cursor).toBe(cursor);
    expect(second.values().map((each) => each.page)).toEqual([[3, 4]]);
    expect(runs).toEqual({ first: 2, second: 1 });
  });
});
