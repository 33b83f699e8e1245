// Law 6 by counting: what a commit does not touch costs it nothing.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query } from "../fixtures/lab";

const SUBSCRIPTIONS = 10_000;

function watched() {
  const runs = new Map<string, number>();
  const note = (key: string) => runs.set(key, (runs.get(key) ?? 0) + 1);
  const { backend } = createLab({
    add: mutation({
      args: { n: v.number(), a: v.optional(v.number()) },
      handler: (ctx, fields) => ctx.db.insert("things", fields),
    }),
    byN: query({
      args: { n: v.number() },
      handler: async (ctx, { n }) => {
        note(`n${n}`);
        const rows = await ctx.db
          .query("things")
          .withIndex("by_n", (q) => q.eq("n", n))
          .collect();
        return rows.length;
      },
    }),
    between: query({
      args: { from: v.number() },
      handler: async (ctx, { from }) => {
        note(`from${from}`);
        const rows = await ctx.db
          .query("things")
          .withIndex("by_n", (q) => q.gte("n", from).lt("n", from + 1))
          .collect();
        return rows.length;
      },
    }),
  });
  return { backend, runs };
}

describe("10,000 subscriptions on disjoint ranges", () => {
  it.each([
    ["equalities", "m:byN", "n", (at: number) => ({ n: at })],
    ["intervals", "m:between", "from", (at: number) => ({ from: at })],
  ] as const)(
    "[LIV1] one insert runs exactly one query again (%s)",
    async (_what, path, key, args) => {
      const { backend, runs } = watched();
      const results = new Map<number, unknown[]>();
      const stops = Array.from({ length: SUBSCRIPTIONS }, (_, at) => {
        const seen: unknown[] = [];
        results.set(at, seen);
        return backend.subscribe(path, args(at), (value) => seen.push(value));
      });
      await delivered(backend);
      expect(runs.size).toBe(SUBSCRIPTIONS);
      runs.clear();
      await backend.mutation("m:add", { n: 1234 });
      await delivered(backend);
      expect([...runs]).toEqual([[`${key}1234`, 1]]);
      expect(results.get(1234)).toEqual([0, 1]);
      expect([...results.values()].filter((seen) => seen.length > 1)).toHaveLength(1);
      runs.clear();
      for (const stop of stops) stop();
      await backend.mutation("m:add", { n: 77 });
      await delivered(backend);
      expect(runs.size).toBe(0);
    },
  );
});
