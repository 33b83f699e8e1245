import { functionsFor } from "invex/server";
import { v } from "invex/values";
import schema from "./schema";

const { query, mutation } = functionsFor(schema);

export const list = query({
  args: {},
  handler: async (ctx) => (await ctx.db.query("messages").order("desc").take(50)).reverse(),
});

export const send = mutation({
  args: { author: v.string(), body: v.string() },
  handler: async (ctx, message) => {
    await ctx.db.insert("messages", message);
  },
});
