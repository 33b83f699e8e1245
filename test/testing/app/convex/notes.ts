import { paginationOptsValidator } from "convex/server";
import { ConvexError, v } from "convex/values";
import { internalMutation, internalQuery, mutation, query } from "./_generated/server";

export class TooLong extends Error {
  override readonly name = "TooLong";
}

export const add = mutation({
  args: { text: v.string(), author: v.string(), rank: v.optional(v.number()) },
  returns: v.id("notes"),
  handler: async (ctx, args) => {
    if (args.text === "") throw new Error("a note needs a text");
    if (args.text.length > 20) throw new TooLong(`${args.text.length} characters`);
    if (args.author === "nobody") throw new ConvexError({ code: "no-author", tries: 3n });
    return await ctx.db.insert("notes", args);
  },
});

export const by = query({
  args: { author: v.string() },
  handler: async (ctx, { author }) =>
    await ctx.db
      .query("notes")
      .withIndex("by_author", (q) => q.eq("author", author))
      .collect(),
});

export const page = query({
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) => await ctx.db.query("notes").paginate(paginationOpts),
});

export const search = query({
  args: { words: v.string() },
  handler: async (ctx, { words }) =>
    await ctx.db
      .query("notes")
      .withSearchIndex("search_text", (q) => q.search("text", words))
      .collect(),
});

export const remove = mutation({
  args: { id: v.id("notes") },
  handler: async (ctx, { id }) => {
    await ctx.db.delete(id);
  },
});

export const count = internalQuery({
  args: {},
  returns: v.number(),
  handler: async (ctx) => (await ctx.db.query("notes").collect()).length,
});

export const addTwice = mutation({
  args: { text: v.string() },
  handler: async (ctx, { text }) => {
    await ctx.db.insert("log", { line: "begin" });
    await ctx.db.insert("notes", { text, author: "twice" });
    throw new Error("rolled back");
  },
});

export const badResult = query({ args: {}, returns: v.string(), handler: async () => 1 as never });

export const clear = internalMutation({
  args: {},
  handler: async (ctx) => {
    for (const note of await ctx.db.query("notes").collect()) await ctx.db.delete(note._id);
  },
});

export const random = mutation({ args: {}, handler: async () => Math.random() });
export const time = query({ args: {}, handler: async () => Date.now() });
export const say = mutation({
  args: { word: v.string() },
  handler: async (_ctx, { word }) => {
    console.log("said", { word });
  },
});
export const secret = query({ args: {}, handler: async () => process.env.NOTES_SECRET ?? null });

export const addBadly = mutation({
  args: {},
  returns: v.string(),
  handler: async (ctx) => {
    await ctx.db.insert("log", { line: "never" });
    return 1 as never;
  },
});
