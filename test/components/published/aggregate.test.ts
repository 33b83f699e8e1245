// @convex-dev/aggregate, unmodified: counts and sums kept in a tree of documents inside the
// component, against counting the app's own table.

import { TableAggregate } from "@convex-dev/aggregate";
import aggregate from "@convex-dev/aggregate/test";
import batchWorker from "@convex-dev/batch-worker/test";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/shared/random";
import { components, startBackend, type Untyped } from "../start-backend";

const tree = (name: string) =>
  new TableAggregate<Untyped>(components[name], {
    sortKey: (row: Untyped) => row.score,
    sumValue: (row: Untyped) => row.score,
  });
const [scores, highScores] = [tree("scores"), tree("highScores")];

const m = {
  put: mutationGeneric({
    args: { player: v.string(), score: v.number() },
    handler: async (ctx, { player, score }) => {
      const old = await ctx.db
        .query("scores")
        .withIndex("by_player", (q: Untyped) => q.eq("player", player))
        .unique();
      if (old === null) {
        const id = await ctx.db.insert("scores", { player, score });
        await scores.insert(ctx, (await ctx.db.get(id)) as Untyped);
        return;
      }
      await ctx.db.patch(old._id, { score });
      await scores.replace(ctx, old as Untyped, { ...old, score } as Untyped);
    },
  }),
  remove: mutationGeneric({
    args: { player: v.string(), fails: v.boolean() },
    handler: async (ctx, { player, fails }) => {
      const old = await ctx.db
        .query("scores")
        .withIndex("by_player", (q: Untyped) => q.eq("player", player))
        .unique();
      if (old === null) return;
      await ctx.db.delete(old._id);
      await scores.delete(ctx, old as Untyped);
      if (fails) throw new Error("taken back");
    },
  }),
  compare: queryGeneric({
    args: { from: v.number(), to: v.number() },
    handler: async (ctx, { from, to }) => {
      const bounds: Untyped = {
        lower: { key: from, inclusive: true },
        upper: { key: to, inclusive: false },
      };
      const rows: Untyped[] = await ctx.db.query("scores").collect();
      const within = rows.map((row) => row.score).filter((s) => from <= s && s < to);
      const all = rows.map((row) => row.score).sort((a, b) => a - b);
      return {
        actual: {
          count: await scores.count(ctx, { bounds }),
          sum: await scores.sum(ctx, { bounds }),
          max: (await scores.max(ctx))?.key ?? null,
          median: all.length === 0 ? null : (await scores.at(ctx, all.length >> 1)).key,
          other: await highScores.count(ctx),
        },
        expected: {
          count: within.length,
          sum: within.reduce((sum, s) => sum + s, 0),
          max: all.at(-1) ?? null,
          median: all.length === 0 ? null : all[all.length >> 1],
          other: 0,
        },
      };
    },
  }),
};

const schema = defineSchema({
  scores: defineTable({ player: v.string(), score: v.number() }).index("by_player", ["player"]),
});

describe("aggregate", () => {
  it.each(["one", "two", "three"])(
    "[CMPT22] agrees with counting after random writes (seed %s)",
    async (seed) => {
      const random = createRandom(seed);
      const below = (n: number) => Math.floor(random.next() * n);
      const instance = { ...aggregate, components: { batchWorker } };
      const backend = startBackend(
        { m },
        { schema, components: { scores: instance, highScores: instance } },
      );
      for (let step = 1; step <= 150; step++) {
        const player = `p${below(40)}`;
        if (below(4) > 0) await backend.mutation("m:put", { player, score: below(1000) });
        else {
          const call = backend.mutation("m:remove", { player, fails: below(3) === 0 });
          await call.catch((error: Error) => expect(error.message).toContain("taken back"));
        }
        if (step % 15 > 0) continue;
        const from = below(1000);
        const { actual, expected } = await backend.query("m:compare", { from, to: from + 400 });
        expect(actual).toEqual(expected);
      }
    },
  );
});
