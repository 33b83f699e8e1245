import { paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { mutation, query } from "./_generated/server";

const MAX_LENGTH = 280;

/** The newest first, page by page. */
export const list = query({
  args: { paginationOpts: paginationOptsValidator },
  handler: (ctx, { paginationOpts }) =>
    ctx.db.query("messages").order("desc").paginate(paginationOpts),
});

export const send = mutation({
  args: { author: v.string(), body: v.string() },
  handler: async (ctx, { author, body }) => {
    if (body.trim() === "") throw new ConvexError("There is nothing to send.");
    if (body.length > MAX_LENGTH) {
      throw new ConvexError(`A message has at most ${MAX_LENGTH} characters, not ${body.length}.`);
    }
    await ctx.db.insert("messages", { author, body });
  },
});
