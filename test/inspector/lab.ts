// A backend to be looked into: a table with indexes, functions of every kind, crons, a component.

import type { BackendOptions } from "invex";
import { createBackend } from "invex";
import {
  cronJobs,
  defineSchema,
  defineTable,
  functionsFor,
  makeFunctionReference,
} from "invex/server";
import { v } from "invex/values";
import { onTestFinished } from "vitest";
import { SteppedClock } from "../fixtures/stepped-clock";

export const schema = defineSchema({
  notes: defineTable({ n: v.number(), text: v.string(), tag: v.optional(v.string()) })
    .index("by_n", ["n"])
    .index("by_tag_n", ["tag", "n"]),
  loose: defineTable(v.any()),
});

const { query, mutation, action, internalMutation } = functionsFor(schema);

const later = makeFunctionReference<"mutation", { n: number }>("notes:add");

export const notes = {
  list: query({
    args: { tag: v.string() },
    handler: async (ctx, { tag }) => {
      console.log("listing", tag);
      return ctx.db
        .query("notes")
        .withIndex("by_tag_n", (q) => q.eq("tag", tag))
        .collect();
    },
  }),
  add: mutation({
    args: { n: v.number(), tag: v.optional(v.string()) },
    returns: v.id("notes"),
    handler: (ctx, { n, tag }) =>
      ctx.db.insert("notes", { n, text: `note ${n}`, ...(tag && { tag }) }),
  }),
  loosely: mutation({
    args: { value: v.any() },
    handler: (ctx, { value }) => ctx.db.insert("loose", value),
  }),
  addLater: mutation({
    args: { ms: v.number() },
    handler: (ctx, { ms }) => ctx.scheduler.runAfter(ms, later, { n: 99 }),
  }),
  hidden: internalMutation({
    args: {},
    handler: async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? "nobody",
  }),
  fails: action({
    args: {},
    handler: async () => {
      console.warn("about to fail");
      throw new Error("broken on purpose");
    },
  }),
};

const inner = functionsFor(defineSchema({ counts: defineTable({ of: v.string() }) }));

const counter = {
  count: inner.mutation({
    args: { of: v.string() },
    handler: async (ctx, { of }) => {
      await ctx.db.insert("counts", { of });
      return (await ctx.db.query("counts").collect()).length;
    },
  }),
};

const crons = cronJobs();
crons.interval("add a note", { minutes: 5 }, later, { n: 5 });

/** Closed with the test. */
export function createLab(options: Partial<BackendOptions> = {}) {
  const backend = createBackend({
    seed: "inspector",
    clock: new SteppedClock(),
    onLog: () => {},
    ...options,
    schema,
    modules: { notes, crons: { default: crons } },
    components: {
      counter: {
        schema: defineSchema({ counts: defineTable({ of: v.string() }) }),
        modules: { counter },
      },
    },
  });
  onTestFinished(() => backend.close());
  return backend;
}
