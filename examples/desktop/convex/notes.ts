import { v } from "invex/values";
import { mutation, query } from "./schema";

/** Pinned ones first, then the newest; the best matches first when searched for. */
export const list = query({
  args: { search: v.string() },
  handler: (ctx, { search }) => {
    const notes = ctx.db.query("notes");
    if (search.trim() === "") return notes.withIndex("by_pin").order("desc").collect();
    return notes.withSearchIndex("by_body", (q) => q.search("body", search)).take(50);
  },
});

export const add = mutation({
  args: { title: v.string() },
  handler: (ctx, { title }) => ctx.db.insert("notes", { title, body: "", isPinned: false }),
});

export const write = mutation({
  args: {
    id: v.id("notes"),
    title: v.optional(v.string()),
    body: v.optional(v.string()),
    isPinned: v.optional(v.boolean()),
  },
  handler: async (ctx, { id, ...changes }) => {
    // Deleted in another window meanwhile: nothing to write to.
    if ((await ctx.db.get(id)) !== null) await ctx.db.patch(id, changes);
  },
});

export const remove = mutation({
  args: { id: v.id("notes") },
  handler: async (ctx, { id }) => {
    if ((await ctx.db.get(id)) !== null) await ctx.db.delete(id);
  },
});
