// @convex-dev/sharded-counter, unmodified: one number spread over documents, so that many callers
// can add to it at once.

import { ShardedCounter } from "@convex-dev/sharded-counter";
import shardedCounter from "@convex-dev/sharded-counter/test";
import { mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, startBackend } from "../start-backend";

const counter = new ShardedCounter<string>(components.shardedCounter, { defaultShards: 8 });

const m = {
  add: mutationGeneric({
    args: { name: v.string(), n: v.number() },
    handler: async (ctx, { name, n }) => {
      await counter.add(ctx, name, n);
    },
  }),
  count: queryGeneric({
    args: { name: v.string() },
    handler: (ctx, { name }) => counter.count(ctx, name),
  }),
  rebalance: mutationGeneric({
    args: { name: v.string() },
    handler: (ctx, { name }) => counter.rebalance(ctx, name),
  }),
};

describe("sharded counter", () => {
  it("[CMPT24] loses no addition made at the same time as others", async () => {
    const backend = startBackend({ m }, { components: { shardedCounter } });
    const adds = Array.from({ length: 100 }, (_, n) => backend.mutation("m:add", { name: "a", n }));
    await Promise.all([...adds, backend.mutation("m:add", { name: "b", n: -3 })]);
    expect(await backend.query("m:count", { name: "a" })).toBe(4950);
    await backend.mutation("m:rebalance", { name: "a" });
    expect(await backend.query("m:count", { name: "a" })).toBeCloseTo(4950);
    expect(await backend.query("m:count", { name: "b" })).toBe(-3);
  });
});
