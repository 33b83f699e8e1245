// convex-helpers/server/rowLevelSecurity on Invex: rules on read, insert and modify.

import { v } from "convex/values";
import { customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import type { Rules } from "convex-helpers/server/rowLevelSecurity";
import { wrapDatabaseReader, wrapDatabaseWriter } from "convex-helpers/server/rowLevelSecurity";
import { describe, expect, it } from "vitest";
import type { Model, MutationCtx, QueryCtx } from "./library";
import { mutation, openLibrary, query } from "./library";

const rules: Rules<QueryCtx, Model> = {
  books: {
    read: async (ctx, book) =>
      book.hidden !== true || (await ctx.auth.getUserIdentity())?.subject === "librarian",
    modify: async (ctx) => (await ctx.auth.getUserIdentity()) !== null,
    insert: async (_ctx, book) => book.year > 1900,
  },
};

const guardedQuery = customQuery(
  query,
  customCtx((ctx: QueryCtx) => ({ db: wrapDatabaseReader(ctx, ctx.db, rules) })),
);
const guardedMutation = customMutation(
  mutation,
  customCtx((ctx: MutationCtx) => ({ db: wrapDatabaseWriter(ctx, ctx.db, rules) })),
);

const functions = {
  titles: guardedQuery({
    args: {},
    handler: async (ctx) => {
      const books = await ctx.db.query("books").withIndex("by_year").order("desc").collect();
      return books.map((book) => book.title);
    },
  }),
  pages: guardedQuery({
    args: { cursor: v.union(v.string(), v.null()) },
    handler: async (ctx, { cursor }) => {
      const result = await ctx.db
        .query("books")
        .withIndex("by_year")
        .paginate({ cursor, numItems: 4 });
      return { titles: result.page.map((book) => book.title), cursor: result.continueCursor };
    },
  }),
  get: guardedQuery({
    args: { id: v.id("books") },
    handler: async (ctx, { id }) => (await ctx.db.get(id))?.title ?? null,
  }),
  retitle: guardedMutation({
    args: { id: v.id("books"), title: v.string() },
    handler: async (ctx, { id, title }) => await ctx.db.patch(id, { title }),
  }),
  add: guardedMutation({
    args: { author: v.id("authors"), year: v.number() },
    handler: async (ctx, { author, year }) =>
      await ctx.db.insert("books", { author, title: "New", year }),
  }),
};

const librarian = { subject: "librarian", issuer: "l", tokenIdentifier: "l|librarian" };

async function hiddenBook(backend: Awaited<ReturnType<typeof openLibrary>>["backend"]) {
  const books = await backend.run((ctx) => ctx.db.query("books" as "things").collect());
  return books.find((book) => book.title === "Drift")?._id;
}

describe("row-level security", () => {
  it("[HLP2] hides rows from reads of every kind, for some", async () => {
    const { backend } = await openLibrary(functions);
    const id = await hiddenBook(backend);
    expect(await backend.query("m:titles")).toEqual(["Ballast", "Cables", "Anchors"]);
    expect(await backend.query("m:get", { id })).toBeNull();
    const insider = backend.withIdentity(librarian);
    expect(await insider.query("m:titles")).toHaveLength(5);
    expect(await insider.query("m:get", { id })).toBe("Drift");
  });

  it("[HLP2] leaves pages shorter, not out of step", async () => {
    const { backend } = await openLibrary(functions);
    const first = await backend.query("m:pages", { cursor: null });
    const second = await backend.query("m:pages", { cursor: first.cursor });
    expect([first.titles, second.titles]).toEqual([["Anchors", "Cables", "Ballast"], []]);
  });

  it("[HLP2] refuses writes by rule", async () => {
    const { backend, authors } = await openLibrary(functions);
    const id = await hiddenBook(backend);
    await expect(backend.mutation("m:retitle", { id, title: "x" })).rejects.toThrow(
      "no read access or doc does not exist",
    );
    await expect(backend.mutation("m:add", { author: authors.ann, year: 1800 })).rejects.toThrow(
      "insert access not allowed",
    );
    await backend.mutation("m:add", { author: authors.ann, year: 2000 });
    await backend.withIdentity(librarian).mutation("m:retitle", { id, title: "Flow" });
    expect(await backend.query("library:titles")).toEqual([
      "Anchors",
      "Ballast",
      "Cables",
      "Flow",
      "Ebb",
      "New",
    ]);
  });
});
