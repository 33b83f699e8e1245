// A small app with mistakes on purpose, each beside the same thing done right.

import {
  cronJobs,
  defineSchema,
  defineTable,
  functionsFor,
  makeFunctionReference,
} from "invex/server";
import { v } from "invex/values";

export const schema = defineSchema({
  counters: defineTable({ name: v.string(), value: v.number() }).index("by_name", ["name"]),
  log: defineTable({ line: v.string() }),
  accounts: defineTable({ owner: v.string(), cents: v.number() }).index("by_owner", ["owner"]),
});

const { query, mutation, action, internalMutation } = functionsFor(schema);

export const refs = {
  read: makeFunctionReference<"query">("shop:read"),
  write: makeFunctionReference<"mutation">("shop:write"),
  confirm: makeFunctionReference<"mutation">("shop:confirm"),
  ship: makeFunctionReference<"mutation">("shop:ship"),
};

const named = { name: v.string() };

const shop = {
  read: query({
    args: named,
    handler: async (ctx, { name }) =>
      (
        await ctx.db
          .query("counters")
          .withIndex("by_name", (q) => q.eq("name", name))
          .unique()
      )?.value ?? 0,
  }),
  write: mutation({
    args: { ...named, value: v.number() },
    handler: async (ctx, { name, value }) => {
      const row = await ctx.db
        .query("counters")
        .withIndex("by_name", (q) => q.eq("name", name))
        .unique();
      if (row === null) await ctx.db.insert("counters", { name, value });
      else await ctx.db.patch(row._id, { value });
    },
  }),
  /** One transaction: right. */
  increment: mutation({
    args: { ...named, by: v.number() },
    handler: async (ctx, { name, by }) => {
      const row = await ctx.db
        .query("counters")
        .withIndex("by_name", (q) => q.eq("name", name))
        .unique();
      if (row === null) await ctx.db.insert("counters", { name, value: by });
      else await ctx.db.patch(row._id, { value: row.value + by });
    },
  }),
  /** Two transactions, and anything between them: wrong. */
  incrementRacily: action({
    args: { ...named, by: v.number() },
    handler: async (ctx, { name, by }) => {
      const value: number = await ctx.runQuery(refs.read, { name });
      await ctx.runMutation(refs.write, { name, value: value + by });
    },
  }),
  /** Schedules two jobs and relies on the first being through when the second runs: wrong. */
  order: mutation({
    args: named,
    handler: async (ctx, { name }) => {
      await ctx.scheduler.runAfter(0, refs.confirm, { name });
      await ctx.scheduler.runAfter(10, refs.ship, { name });
    },
  }),
  confirm: internalMutation({
    args: named,
    handler: async (ctx, { name }) => {
      await ctx.db.query("counters").collect();
      await ctx.db.insert("log", { line: `confirmed ${name}` });
    },
  }),
  ship: internalMutation({
    args: named,
    handler: (ctx, { name }) => ctx.db.insert("log", { line: `shipped ${name}` }),
  }),
  /** Each step schedules the next: right. */
  orderStepwise: mutation({
    args: named,
    handler: (ctx, { name }) => ctx.scheduler.runAfter(0, confirmThenShip, { name }),
  }),
  confirmThenShip: internalMutation({
    args: named,
    handler: async (ctx, { name }) => {
      await ctx.db.insert("log", { line: `confirmed ${name}` });
      await ctx.scheduler.runAfter(10, refs.ship, { name });
    },
  }),
  page: query((ctx) => ctx.db.query("counters").paginate({ numItems: 2, cursor: null })),
  log: query(async (ctx) => (await ctx.db.query("log").collect()).map(({ line }) => line)),
  open: mutation({
    args: { owner: v.string(), cents: v.number() },
    handler: (ctx, account) => ctx.db.insert("accounts", account),
  }),
  /** Takes and gives in one transaction: right. */
  transfer: mutation({
    args: { from: v.id("accounts"), to: v.id("accounts"), cents: v.number() },
    handler: async (ctx, { from, to, cents }) => {
      const source = (await ctx.db.get(from))!;
      if (source.cents < cents) throw new Error("not enough");
      await ctx.db.patch(from, { cents: source.cents - cents });
      const target = (await ctx.db.get(to))!;
      await ctx.db.patch(to, { cents: target.cents + cents });
    },
  }),
  /** Takes, and lets a job give: the sum is wrong in between. */
  transferLater: mutation({
    args: { from: v.id("accounts"), to: v.id("accounts"), cents: v.number() },
    handler: async (ctx, { from, to, cents }) => {
      const source = (await ctx.db.get(from))!;
      if (source.cents < cents) throw new Error("not enough");
      await ctx.db.patch(from, { cents: source.cents - cents });
      await ctx.scheduler.runAfter(0, give, { to, cents });
    },
  }),
  give: internalMutation({
    args: { to: v.id("accounts"), cents: v.number() },
    handler: async (ctx, { to, cents }) => {
      const target = (await ctx.db.get(to))!;
      await ctx.db.patch(to, { cents: target.cents + cents });
    },
  }),
  total: query(async (ctx) => {
    let sum = 0;
    for (const { cents } of await ctx.db.query("accounts").collect()) sum += cents;
    return sum;
  }),
  forEver: internalMutation((ctx) => ctx.scheduler.runAfter(0, again, {})),
  waits: action(() => new Promise<null>(() => {})),
};

const confirmThenShip = makeFunctionReference<"mutation">("shop:confirmThenShip");
const give = makeFunctionReference<"mutation">("shop:give");
const again = makeFunctionReference<"mutation">("shop:forEver");

const crons = cronJobs();
crons.interval("count", { seconds: 20 }, makeFunctionReference<"mutation">("shop:increment"), {
  name: "cron",
  by: 1,
});

export const modules = { shop };
export const modulesWithCrons = { shop, crons: { default: crons } };
