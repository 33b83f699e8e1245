// @convex-dev/migrations, unmodified: ten thousand rows changed in batches that schedule each other
// through a function handle, with the progress kept in the component.

import { Migrations } from "@convex-dev/migrations";
import migrationsTest from "@convex-dev/migrations/test";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, reference, startBackend, type Untyped } from "../start-backend";

const ROWS = 10_000;

const schema = defineSchema({
  users: defineTable({ n: v.number(), plan: v.optional(v.string()) }),
});
const migrations = new Migrations<Untyped>(components.migrations);

const m = {
  fill: mutationGeneric({
    args: { from: v.number(), to: v.number() },
    handler: async (ctx, { from, to }) => {
      for (let n = from; n < to; n++) await ctx.db.insert("users", { n });
    },
  }),
  setPlan: migrations.define({
    table: "users",
    migrateOne: (_ctx: Untyped, user: Untyped) => ({ plan: user.n % 2 === 0 ? "free" : "paid" }),
  }),
  begin: mutationGeneric({
    args: {},
    handler: (ctx) => migrations.runOne(ctx, reference<"mutation">("setPlan") as Untyped),
  }),
  status: queryGeneric({
    args: {},
    handler: async (ctx) =>
      migrations.getStatus(ctx, { migrations: [reference<"mutation">("setPlan") as Untyped] }),
  }),
  counts: queryGeneric({
    args: {},
    handler: async (ctx) => {
      const counts: Record<string, number> = {};
      for await (const { plan } of ctx.db.query("users")) {
        counts[plan ?? "none"] = (counts[plan ?? "none"] ?? 0) + 1;
      }
      return counts;
    },
  }),
};

describe("migrations", () => {
  it("[CMPT23] changes 10,000 rows in batches, one after another", async () => {
    const backend = startBackend({ m }, { schema, components: { migrations: migrationsTest } });
    for (let from = 0; from < ROWS; from += 2500) {
      await backend.mutation("m:fill", { from, to: from + 2500 });
    }
    await backend.mutation("m:begin", {});
    const [begun] = await backend.query("m:status", {});
    expect(begun).toMatchObject({ state: "inProgress", processed: 100 });
    await backend.settle();
    expect(await backend.query("m:counts", {})).toEqual({ free: ROWS / 2, paid: ROWS / 2 });
    const [ended] = await backend.query("m:status", {});
    expect(ended).toMatchObject({ state: "success", isDone: true, processed: ROWS });
  });
});
