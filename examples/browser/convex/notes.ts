import { makeFunctionReference, type QueryCtxFor } from "invex/server";
import { type GenericId, v } from "invex/values";
import type schema from "./schema";
import { internalMutation, mutation, query } from "./schema";

/** How long a deleted note can be taken back. */
const BIN_MS = 8_000;

/** This module cannot ask the backend for its `internal`: it is part of what makes it. */
const discardLater = makeFunctionReference<"mutation", { id: GenericId<"notes"> }>("notes:discard");

/** The newest first; the best matches first when searched for. */
export const list = query({
  args: { search: v.string() },
  handler: (ctx, { search }) => {
    const notes = ctx.db.query("notes");
    if (search.trim() === "") {
      return notes
        .withIndex("by_bin", (q) => q.eq("isBinned", false))
        .order("desc")
        .collect();
    }
    return notes
      .withSearchIndex("by_text", (q) => q.search("text", search).eq("isBinned", false))
      .take(50);
  },
});

export const add = mutation({
  args: { text: v.string() },
  handler: (ctx, { text }) => ctx.db.insert("notes", { text, isBinned: false }),
});

export const write = mutation({
  args: { id: v.id("notes"), text: v.string() },
  handler: (ctx, { id, text }) => ctx.db.patch(id, { text }),
});

/** How many notes can still be taken back. */
export const binned = query({
  args: {},
  handler: async (ctx) => (await inBin(ctx)).length,
});

export const bin = mutation({
  args: { id: v.id("notes") },
  handler: async (ctx, { id }) => {
    await ctx.db.patch(id, { isBinned: true });
    await ctx.scheduler.runAfter(BIN_MS, discardLater, { id });
  },
});

export const takeBack = mutation({
  args: {},
  handler: async (ctx) => {
    for (const { _id } of await inBin(ctx)) await ctx.db.patch(_id, { isBinned: false });
  },
});

/** Deletes the note unless it was taken back meanwhile. */
export const discard = internalMutation({
  args: { id: v.id("notes") },
  handler: async (ctx, { id }) => {
    const note = await ctx.db.get(id);
    if (note?.isBinned) await ctx.db.delete(id);
  },
});

function inBin(ctx: QueryCtxFor<typeof schema>) {
  return ctx.db
    .query("notes")
    .withIndex("by_bin", (q) => q.eq("isBinned", true))
    .collect();
}
