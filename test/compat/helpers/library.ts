// A small lending library written against the real `convex` package: the data model on which the
// convex-helpers modules are run.

import type {
  DataModelFromSchemaDefinition,
  GenericMutationCtx,
  GenericQueryCtx,
  MutationBuilder,
  QueryBuilder,
} from "convex/server";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { createBackend } from "invex";
import type { LabBackend } from "../../fixtures/lab";
import { sentinel } from "../../fixtures/sentinel";
import { SteppedClock } from "../../fixtures/stepped-clock";

export const schema = defineSchema({
  authors: defineTable({ name: v.string(), born: v.number() }).index("name", ["name"]),
  books: defineTable({
    author: v.id("authors"),
    title: v.string(),
    year: v.number(),
    hidden: v.optional(v.boolean()),
    slug: v.optional(v.string()),
  })
    .index("author", ["author", "year"])
    .index("by_year", ["year"]),
  tags: defineTable({ name: v.string() }).index("name", ["name"]),
  bookTags: defineTable({ bookId: v.id("books"), tagId: v.id("tags") })
    .index("bookId", ["bookId"])
    .index("tagId", ["tagId"]),
  journal: defineTable({ line: v.string() }),
});

export type Model = DataModelFromSchemaDefinition<typeof schema>;
export type QueryCtx = GenericQueryCtx<Model>;
export type MutationCtx = GenericMutationCtx<Model>;

export const query = queryGeneric as QueryBuilder<Model, "public">;
export const mutation = mutationGeneric as MutationBuilder<Model, "public">;

/** Two authors, five books (two hidden), two tags on the first three. */
const fill = mutation({
  args: {},
  handler: async (ctx) => {
    const ann = await ctx.db.insert("authors", { name: "Ann", born: 1900 });
    const ben = await ctx.db.insert("authors", { name: "Ben", born: 1950 });
    const sea = await ctx.db.insert("tags", { name: "sea" });
    const war = await ctx.db.insert("tags", { name: "war" });
    const shelf = [
      { author: ann, title: "Anchors", year: 1930, tags: [sea] },
      { author: ann, title: "Ballast", year: 1940, tags: [sea, war] },
      { author: ben, title: "Cables", year: 1935, tags: [war] },
      { author: ben, title: "Drift", year: 1980, hidden: true, tags: [] },
      { author: ann, title: "Ebb", year: 1990, hidden: true, tags: [] },
    ];
    for (const { tags, ...book } of shelf) {
      const bookId = await ctx.db.insert("books", book);
      for (const tagId of tags) await ctx.db.insert("bookTags", { bookId, tagId });
    }
    return { ann, ben };
  },
});

const titles = query({
  args: {},
  handler: async (ctx) => (await ctx.db.query("books").collect()).map((book) => book.title),
});

const journal = query({
  args: {},
  handler: async (ctx) => (await ctx.db.query("journal").collect()).map((row) => row.line),
});

/** A filled library with `functions` as module "m". */
export async function openLibrary(functions: Record<string, unknown>) {
  const clock = new SteppedClock();
  const modules = { m: functions, library: { fill, titles, journal }, sentinel };
  const made = createBackend({ schema, modules, clock, seed: "library" });
  const backend = made as unknown as LabBackend;
  const authors: { ann: string; ben: string } = await backend.mutation("library:fill");
  return { backend, authors };
}
