// Traps of the total order: what range bounds, filters, equality and string comparison take in.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, mutation, rejection } from "../fixtures/lab";

const ROWS = [
  { label: "missing" },
  { label: "null", n: null },
  { label: "bigint", n: 7n },
  { label: "three", n: 3 },
  { label: "five", n: 5 },
  { label: "seven", n: 7 },
  { label: "true", n: true },
  { label: "string", n: "1" },
  { label: "bytes", n: new Uint8Array([1]).buffer },
  { label: "array", n: [0] },
  { label: "object", n: { a: 0 } },
];

async function mixedTable() {
  const { backend } = createLab();
  await backend.run(async (ctx) => {
    for (const row of ROWS) await ctx.db.insert("things", row);
  });
  return backend;
}

const labels = (rows: readonly object[]) => rows.map((row) => "label" in row && row.label);

describe("bounds follow the total order of all types", () => {
  it("[TRAP2] an upper bound alone also returns missing, null and bigint rows", async () => {
    const backend = await mixedTable();
    const below = await backend.run((ctx) =>
      ctx.db
        .query("things")
        .withIndex("by_n", (q) => q.lt("n", 5))
        .collect(),
    );
    expect(labels(below)).toEqual(["missing", "null", "bigint", "three"]);
  });

  it("[TRAP2] a lower bound alone also returns every type that sorts after numbers", async () => {
    const backend = await mixedTable();
    const above = await backend.run((ctx) =>
      ctx.db
        .query("things")
        .withIndex("by_n", (q) => q.gt("n", 5))
        .collect(),
    );
    expect(labels(above)).toEqual(["seven", "true", "string", "bytes", "array", "object"]);
  });

  it("[TRAP3] a filter sees a missing field as lower than anything", async () => {
    const backend = await mixedTable();
    const rows = await backend.run((ctx) =>
      ctx.db
        .query("things")
        .filter((q) => q.lt(q.field("n"), 5))
        .collect(),
    );
    expect(labels(rows)).toEqual(["missing", "null", "bigint", "three"]);
  });
});

describe("equality is identity in the total order", () => {
  async function found(value: unknown, by: "index" | "filter") {
    const { backend } = createLab();
    const rows = await backend.run(async (ctx) => {
      const stored = { one: 1, big: 1n, zero: 0, minus: -0, nan: Number.NaN };
      for (const [label, n] of Object.entries(stored)) await ctx.db.insert("things", { label, n });
      const table = ctx.db.query("things");
      return by === "index"
        ? await table.withIndex("by_n", (q) => q.eq("n", value as never)).collect()
        : await table.filter((q) => q.eq(q.field("n"), value as never)).collect();
    });
    return labels(rows);
  }

  it.each(["index", "filter"] as const)("[TRAP4] by %s", async (by) => {
    expect(await found(1, by)).toEqual(["one"]);
    expect(await found(1n, by)).toEqual(["big"]);
    expect(await found(0, by)).toEqual(["zero"]);
    expect(await found(-0, by)).toEqual(["minus"]);
    expect(await found(Number.NaN, by)).toEqual(["nan"]);
  });

  it("[TRAP4] in a literal validator", async () => {
    const { backend } = createLab({
      zero: mutation({ args: { x: v.literal(0) }, handler: async () => "ok" }),
      one: mutation({ args: { x: v.literal(1) }, handler: async () => "ok" }),
      big: mutation({ args: { x: v.literal(1n) }, handler: async () => "ok" }),
    });
    expect(await backend.mutation("m:zero", { x: 0 })).toBe("ok");
    expect(await backend.mutation("m:big", { x: 1n })).toBe("ok");
    const text = (await rejection(backend.mutation("m:zero", { x: -0 }))).message;
    expect(text).toContain("`-0.0` does not match literal validator `v.literal(0.0)`.Path: .x");
    await expect(backend.mutation("m:one", { x: 1n })).rejects.toThrow(
      "`1` does not match literal validator `v.literal(1.0)`.",
    );
    await expect(backend.mutation("m:big", { x: 1 })).rejects.toThrow(
      "`1.0` does not match literal validator `v.literal(1)`.",
    );
  });
});

describe("strings", () => {
  it("[TRAP5] astral characters sort after U+FFFD, unlike with JavaScript's <", async () => {
    const { backend } = createLab();
    const astral = "\u{10000}";
    const replacement = "\ufffd";
    expect(astral < replacement).toBe(true);
    const read = await backend.run(async (ctx) => {
      for (const n of [astral, replacement, "z"]) await ctx.db.insert("things", { n });
      const all = await ctx.db.query("things").withIndex("by_n").collect();
      const above = await ctx.db
        .query("things")
        .filter((q) => q.gt(q.field("n"), replacement))
        .collect();
      return { all: all.map((row) => row.n), above: above.map((row) => row.n) };
    });
    expect(read).toEqual({ all: ["z", replacement, astral], above: [astral] });
  });
});

describe("index range expressions", () => {
  it("[TRAP9] equalities may come in any order and may go on into the creation time", async () => {
    const { backend } = createLab();
    const counts = await backend.run(async (ctx) => {
      await ctx.db.insert("things", { a: 1, b: 1 });
      await ctx.db.insert("things", { a: 1, b: 2 });
      const table = () => ctx.db.query("things");
      const swapped = await table()
        .withIndex("by_a_b", (q) => (q as never as LooseRange).eq("b", 1).eq("a", 1) as never)
        .collect();
      const byTime = await table()
        .withIndex("by_n", (q) => q.eq("n", undefined).gt("_creationTime", 0))
        .collect();
      return [swapped.length, byTime.length];
    });
    expect(counts).toEqual([1, 2]);
  });

  it("[TRAP9] an inequality that skips a field fails and names it", async () => {
    const { backend } = createLab();
    const failure = rejection(
      backend.run((ctx) =>
        ctx.db
          .query("things")
          .withIndex("by_a_b", (q) => (q as never as LooseRange).gt("b", 0) as never)
          .collect(),
      ),
    );
    const { message } = await failure;
    expect(message).toContain(
      "Tried to query index things.by_a_b but the query didn't use the index fields in order.",
    );
    expect(message).toContain('First incorrect field: "b"');
  });
});

interface LooseRange {
  eq(field: string, value: unknown): LooseRange;
  gt(field: string, value: unknown): LooseRange;
}
