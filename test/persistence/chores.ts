/** A small app with everything that has to outlive a process: documents, jobs, files, crons. */
import { createBackend, type ManualClock } from "invex";
import type { Persistence } from "invex/persistence";
import {
  cronJobs,
  defineSchema,
  defineTable,
  functionsFor,
  makeFunctionReference,
} from "invex/server";
import { v } from "invex/values";

export const schema = defineSchema({
  chores: defineTable({ title: v.string(), done: v.boolean(), extra: v.optional(v.any()) })
    .index("by_title", ["title"])
    .searchIndex("search_title", { searchField: "title" }),
  log: defineTable({ line: v.string() }),
});

const { query, mutation, internalMutation, internalAction, action } = functionsFor(schema);

const tickRef = makeFunctionReference<"mutation", { line: string }>("chores:note");
const slowRef = makeFunctionReference<"action">("chores:slow");

export const chores = {
  add: mutation({
    args: { title: v.string(), extra: v.optional(v.any()) },
    handler: (ctx, args) => ctx.db.insert("chores", { ...args, done: false }),
  }),
  finish: mutation({
    args: { id: v.id("chores") },
    handler: (ctx, { id }) => ctx.db.patch(id, { done: true }),
  }),
  remove: mutation({
    args: { id: v.id("chores") },
    handler: (ctx, { id }) => ctx.db.delete(id),
  }),
  list: query({
    args: {},
    handler: (ctx) => ctx.db.query("chores").withIndex("by_title").collect(),
  }),
  search: query({
    args: { text: v.string() },
    handler: (ctx, { text }) =>
      ctx.db
        .query("chores")
        .withSearchIndex("search_title", (q) => q.search("title", text))
        .collect(),
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
    handler: (ctx, { afterMs, line }) => ctx.scheduler.runAfter(afterMs, tickRef, { line }),
  }),
  startSlow: mutation({
    args: {},
    handler: (ctx) => ctx.scheduler.runAfter(0, slowRef),
  }),
  /** Runs until the process is gone. */
  slow: internalAction({ args: {}, handler: () => new Promise<null>(() => {}) }),
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
};

const crons = cronJobs();
crons.interval("hourly", { hours: 1 }, tickRef, { line: "cron" });

interface Options {
  readonly clock?: ManualClock;
  readonly schema?: typeof schema;
  readonly withCrons?: boolean;
  readonly seed?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: called by path, as JavaScript would
type Untyped = any;

/** The app on `persistence`. */
export function openChores(persistence: Persistence, options: Options = {}): Untyped {
  const { withCrons = false, schema: own = schema, ...rest } = options;
  const modules = withCrons ? { chores, crons: { default: crons } } : { chores };
  return createBackend({ ...rest, schema: own, modules, persistence, onLog: () => {} });
}
