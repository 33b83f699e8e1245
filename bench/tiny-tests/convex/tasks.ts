// The functions under test.
import { mutationGeneric as mutation, queryGeneric as query } from "convex/server";
import { v } from "convex/values";

export const add = mutation({
  args: { name: v.string(), owner: v.string(), rank: v.number() },
  returns: v.id("tasks"),
  handler: (ctx, args) => ctx.db.insert("tasks", { ...args, tags: [] }),
});

export const list = query({
  args: { owner: v.string() },
  handler: (ctx, { owner }) =>
    ctx.db
      .query("tasks")
      .withIndex("by_owner_rank", (q) => q.eq("owner", owner))
      .collect(),
});

export const finish = mutation({
  args: { id: v.id("tasks") },
  handler: async (ctx, { id }) => {
    await ctx.db.patch(id, { done: true });
  },
});
