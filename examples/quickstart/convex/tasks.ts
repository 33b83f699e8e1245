import type { MutationCtxFor } from "invex/server";
import { ConvexError, v } from "invex/values";
import type schema from "./schema";
import { mutation, query } from "./schema";

/** What is still to do, the most valuable first. */
export const open = query({
  args: {},
  handler: (ctx) =>
    ctx.db
      .query("tasks")
      .withIndex("by_status", (q) => q.eq("status", "open"))
      .order("desc")
      .collect(),
});

export const add = mutation({
  args: { title: v.string(), points: v.number() },
  handler: (ctx, { title, points }) => ctx.db.insert("tasks", { title, points, status: "open" }),
});

/** Finishes a task, pays the points and says so in the chat: all of it, or nothing. */
export const finish = mutation({
  args: { id: v.id("tasks"), person: v.string() },
  handler: async (ctx, { id, person }) => {
    const task = await ctx.db.get(id);
    if (task === null) throw new ConvexError("There is no such task");
    await ctx.db.patch(id, { status: "done", owner: person });
    await pay(ctx, person, task.points);
    await ctx.db.insert("messages", {
      channel: "general",
      author: "bot",
      body: `${person} finished "${task.title}" (+${task.points})`,
    });
    if (task.status === "done") throw new ConvexError(`"${task.title}" is done already`);
  },
});

export const score = query({
  args: { person: v.string() },
  handler: async (ctx, { person }) => {
    const found = await ctx.db
      .query("scores")
      .withIndex("by_person", (q) => q.eq("person", person))
      .unique();
    return found?.points ?? 0;
  },
});

/** Reads, adds, writes: two of these at once would lose points without transactions. */
export const reward = mutation({
  args: { person: v.string(), points: v.number() },
  handler: (ctx, { person, points }) => pay(ctx, person, points),
});

async function pay(ctx: MutationCtxFor<typeof schema>, person: string, points: number) {
  const found = await ctx.db
    .query("scores")
    .withIndex("by_person", (q) => q.eq("person", person))
    .unique();
  if (found === null) await ctx.db.insert("scores", { person, points });
  else await ctx.db.patch(found._id, { points: found.points + points });
}
