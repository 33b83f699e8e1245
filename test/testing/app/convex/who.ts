import { mutation, query } from "./_generated/server";

export const ami = query({ args: {}, handler: async (ctx) => await ctx.auth.getUserIdentity() });

export const asked = mutation({
  args: {},
  handler: async (ctx) => await ctx.meta.getRequestMetadata(),
});
