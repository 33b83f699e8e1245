import { type GenericId as Id, v } from "convex/values";
import { internal } from "./_generated/api";
import { internalAction, internalMutation, mutation } from "./_generated/server";

export const write = internalMutation({
  args: { line: v.string() },
  handler: async (ctx, { line }) => {
    await ctx.db.insert("log", { line });
  },
});

export const chain = internalMutation({
  args: { left: v.number() },
  handler: async (ctx, { left }) => {
    await ctx.db.insert("log", { line: `left ${left}` });
    if (left > 0) await ctx.scheduler.runAfter(0, internal.jobs.chain, { left: left - 1 });
  },
});

export const forever = internalMutation({
  args: {},
  handler: async (ctx) => {
    await ctx.scheduler.runAfter(0, internal.jobs.forever, {});
  },
});

export const fails = internalMutation({
  args: {},
  handler: async () => {
    throw new Error("a job that fails");
  },
});

export const slow = internalAction({
  args: { line: v.string() },
  handler: async (ctx, { line }) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await ctx.runMutation(internal.jobs.write, { line });
  },
});

const kinds = v.union(v.literal("write"), v.literal("slow"));

export const later = mutation({
  args: { afterMs: v.number(), line: v.string(), kind: v.optional(kinds) },
  returns: v.id("_scheduled_functions"),
  handler: async (ctx, { afterMs, line, kind }): Promise<Id<"_scheduled_functions">> =>
    await ctx.scheduler.runAfter(
      afterMs,
      kind === "slow" ? internal.jobs.slow : internal.jobs.write,
      { line },
    ),
});

export const start = mutation({
  args: { left: v.number() },
  handler: async (ctx, { left }) => {
    await ctx.scheduler.runAfter(0, internal.jobs.chain, { left });
  },
});

export const startForever = mutation({
  args: {},
  handler: async (ctx) => {
    await ctx.scheduler.runAfter(0, internal.jobs.forever, {});
  },
});

export const startFailing = mutation({
  args: {},
  handler: async (ctx): Promise<Id<"_scheduled_functions">> =>
    await ctx.scheduler.runAfter(0, internal.jobs.fails, {}),
});

export const call = mutation({
  args: { id: v.id("_scheduled_functions") },
  handler: async (ctx, { id }) => {
    await ctx.scheduler.cancel(id);
  },
});
