import { v } from "invex/values";
import { mutation, query } from "./schema";

/** The latest messages of a channel, oldest first. */
export const list = query({
  args: { channel: v.string() },
  handler: async (ctx, { channel }) => {
    const latest = await ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channel", channel))
      .order("desc")
      .take(20);
    return latest.reverse();
  },
});

export const send = mutation({
  args: { channel: v.string(), author: v.string(), body: v.string() },
  handler: (ctx, message) => ctx.db.insert("messages", message),
});
