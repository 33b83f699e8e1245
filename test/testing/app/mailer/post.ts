import { mutationGeneric as mutation, queryGeneric as query } from "convex/server";
import { v } from "convex/values";

export const send = mutation({
  args: { to: v.string() },
  handler: async (ctx, { to }) => {
    if ((await ctx.auth.getUserIdentity()) !== null) throw new Error("identity crossed over");
    await ctx.db.insert("mails", { to });
  },
});

export const sent = query({
  args: {},
  handler: async (ctx) => (await ctx.db.query("mails").collect()).map(({ to }) => to),
});
