// The app of the tests in workerd: accounts that anybody changes, jobs, files, users. Its functions
// name documents by keys of their own, so that two backends can be compared.

import {
  cronJobs,
  defineSchema,
  defineTable,
  functionsFor,
  httpRouter,
  makeFunctionReference,
} from "invex/server";
import { ConvexError, v } from "invex/values";

export const schema = defineSchema({
  accounts: defineTable({ key: v.string(), balance: v.number(), note: v.optional(v.any()) })
    .index("by_key", ["key"])
    .index("by_balance", ["balance"]),
  log: defineTable({ line: v.string() }),
});

const { query, mutation, internalMutation, internalAction, action, httpAction } =
  functionsFor(schema);

const noteRef = makeFunctionReference<"mutation", { line: string }>("ledger:note");
const dawdleRef = makeFunctionReference<"action", { ms: number }>("ledger:dawdle");

export const ledger = {
  put: mutation({
    args: { key: v.string(), balance: v.number(), note: v.optional(v.any()) },
    handler: async (ctx, fields) => {
      const found = await ctx.db
        .query("accounts")
        .withIndex("by_key", (q) => q.eq("key", fields.key))
        .unique();
      if (found === null) await ctx.db.insert("accounts", fields);
      else await ctx.db.replace(found._id, fields);
      return found?.balance ?? null;
    },
  }),
  transfer: mutation({
    args: { from: v.string(), to: v.string(), amount: v.number() },
    handler: async (ctx, { from, to, amount }) => {
      const [source, target] = await Promise.all(
        [from, to].map((key) =>
          ctx.db
            .query("accounts")
            .withIndex("by_key", (q) => q.eq("key", key))
            .unique(),
        ),
      );
      if (!source || !target) throw new ConvexError({ missing: source ? to : from });
      await ctx.db.patch(source._id, { balance: source.balance - amount });
      await ctx.db.patch(target._id, { balance: target.balance + amount });
      if (source.balance < amount)
        throw new ConvexError({ short: from, by: amount - source.balance });
      return source.balance - amount;
    },
  }),
  remove: mutation({
    args: { key: v.string() },
    handler: async (ctx, { key }) => {
      const found = await ctx.db
        .query("accounts")
        .withIndex("by_key", (q) => q.eq("key", key))
        .collect();
      for (const { _id } of found) await ctx.db.delete(_id);
      return found.length;
    },
  }),
  balances: query({
    args: {},
    handler: async (ctx) => {
      const accounts = await ctx.db.query("accounts").withIndex("by_balance").collect();
      return accounts.map(({ key, balance, note }) => [key, balance, note ?? null]);
    },
  }),
  balance: query({
    args: { key: v.string() },
    handler: async (ctx, { key }) => {
      const found = await ctx.db
        .query("accounts")
        .withIndex("by_key", (q) => q.eq("key", key))
        .unique();
      return found?.balance ?? null;
    },
  }),
  page: query({
    args: { paginationOpts: v.any() },
    handler: async (ctx, { paginationOpts }) => {
      const page = await ctx.db.query("accounts").withIndex("by_key").paginate(paginationOpts);
      return { ...page, page: page.page.map(({ key }) => key) };
    },
  }),
  fill: mutation({
    args: { from: v.number(), count: v.number(), bytes: v.number() },
    handler: async (ctx, { from, count, bytes }) => {
      for (let i = from; i < from + count; i++) {
        const key = `filler${String(i).padStart(7, "0")}`;
        await ctx.db.insert("accounts", { key, balance: 0, note: "x".repeat(bytes) });
      }
    },
  }),
  fail: mutation({
    args: { key: v.string() },
    handler: async (ctx, { key }) => {
      await ctx.db.insert("accounts", { key, balance: 0 });
      throw new Error("on purpose");
    },
  }),
  lines: query({
    args: {},
    handler: async (ctx) => (await ctx.db.query("log").collect()).map(({ line }) => line),
  }),
  note: internalMutation({
    args: { line: v.string() },
    handler: (ctx, { line }) => ctx.db.insert("log", { line }),
  }),
  remind: mutation({
    args: { afterMs: v.number(), line: v.string() },
    handler: (ctx, { afterMs, line }) => ctx.scheduler.runAfter(afterMs, noteRef, { line }),
  }),
  dawdleLater: mutation({
    args: { ms: v.number() },
    handler: (ctx, { ms }) => ctx.scheduler.runAfter(0, dawdleRef, { ms }),
  }),
  dawdle: internalAction({
    args: { ms: v.number() },
    handler: async (ctx, { ms }) => {
      await ctx.runMutation(noteRef, { line: "dawdling" });
      await new Promise((resolve) => setTimeout(resolve, ms));
      await ctx.runMutation(noteRef, { line: "dawdled" });
    },
  }),
  wait: action({
    args: { ms: v.number() },
    handler: async (_ctx, { ms }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return "waited";
    },
  }),
  jobs: query({
    args: {},
    handler: async (ctx) =>
      (await ctx.db.system.query("_scheduled_functions").collect()).map(({ state }) => state.kind),
  }),
  keep: action({
    args: { text: v.string() },
    handler: (ctx, { text }) => ctx.storage.store(new Blob([text], { type: "text/plain" })),
  }),
  urlOf: query({
    args: { id: v.id("_storage") },
    handler: (ctx, { id }) => ctx.storage.getUrl(id),
  }),
  forget: mutation({
    args: { id: v.id("_storage") },
    handler: (ctx, { id }) => ctx.storage.delete(id),
  }),
  whoAmI: query({
    args: {},
    handler: async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null,
  }),
};

const router = httpRouter();
router.route({
  path: "/echo",
  method: "POST",
  handler: httpAction(async (_ctx, request) => {
    const { pathname, search } = new URL(request.url);
    return new Response(`${pathname}${search}: ${await request.text()}`, { status: 201 });
  }),
});

const crons = cronJobs();
crons.interval("often", { seconds: 1 }, noteRef, { line: "cron" });

export const http = { default: router };
export const cronModule = { default: crons };
