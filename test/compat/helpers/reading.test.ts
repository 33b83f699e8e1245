// convex-helpers' ways of reading, on Invex: relationships, filter, getPage, paginator and streams.

import { v } from "convex/values";
import { filter } from "convex-helpers/server/filter";
import { getPage, paginator } from "convex-helpers/server/pagination";
import {
  getAll,
  getAllOrThrow,
  getManyFrom,
  getManyVia,
  getManyViaOrThrow,
  getOneFrom,
  getOneFromOrThrow,
  getOrThrow,
} from "convex-helpers/server/relationships";
import { mergedStream, stream } from "convex-helpers/server/stream";
import { describe, expect, it } from "vitest";
import { delivered, watch } from "../../fixtures/lab";
import type { QueryCtx } from "./library";
import { openLibrary, query, schema } from "./library";

const titlesOf = (books: { title: string }[]) => books.map((book) => book.title);

/** Runs `read` as a query of the library. */
async function reading<T>(read: (ctx: QueryCtx, authors: Ids) => Promise<T>): Promise<T> {
  const f = query({
    args: { ann: v.id("authors"), ben: v.id("authors") },
    handler: async (ctx, ids) => (await read(ctx, ids)) as never,
  });
  const { backend, authors } = await openLibrary({ f });
  return await backend.query("m:f", authors);
}

type Ids = Record<"ann" | "ben", NonNullable<Awaited<ReturnType<typeof firstAuthor>>>["_id"]>;
const firstAuthor = (ctx: QueryCtx) => ctx.db.query("authors").first();

describe("relationships", () => {
  it("[HLP4] find one and many along an index", async () => {
    const found = await reading(async ({ db }, { ann, ben }) => ({
      one: (await getOneFrom(db, "authors", "name", "Ben"))?.born,
      none: await getOneFrom(db, "authors", "name", "Zoe"),
      many: titlesOf(await getManyFrom(db, "books", "author", ann)),
      all: (await getAll(db, [ben, ann])).map((author) => author?.name),
      sure: (await getAllOrThrow(db, [ann])).length,
      got: (await getOrThrow({ db }, ben)).name,
    }));
    expect(found).toEqual({
      one: 1950,
      none: null,
      many: ["Anchors", "Ballast", "Ebb"],
      all: ["Ben", "Ann"],
      sure: 1,
      got: "Ben",
    });
  });

  it("[HLP4] go through a join table", async () => {
    const found = await reading(async ({ db }) => {
      const sea = await getOneFromOrThrow(db, "tags", "name", "sea");
      const books = await getManyViaOrThrow(db, "bookTags", "bookId", "tagId", sea._id);
      const ballast = books.find((book) => book.title === "Ballast");
      const tags = await getManyVia(db, "bookTags", "tagId", "bookId", ballast!._id);
      return { books: titlesOf(books), tags: tags.map((tag) => tag?.name) };
    });
    expect(found).toEqual({ books: ["Anchors", "Ballast"], tags: ["sea", "war"] });
  });

  it("[HLP4] fail where they promise to", async () => {
    await expect(
      reading(({ db }) => getOneFromOrThrow(db, "authors", "name", "Zoe")),
    ).rejects.toThrow("Can't find");
  });
});

describe("filter", () => {
  const odd = (book: { title: string }) => "ACE".includes(book.title[0] ?? "");

  it("[HLP5] applies a predicate to collect, take, first and iteration", async () => {
    const found = await reading(async ({ db }) => {
      const books = () => filter(db.query("books").withIndex("by_year"), odd);
      const iterated: string[] = [];
      for await (const book of books()) iterated.push(book.title);
      return {
        iterated,
        collected: titlesOf(await books().collect()),
        taken: titlesOf(await books().take(2)),
        first: (await books().first())?.title,
        desc: titlesOf(await books().order("desc").take(1)),
      };
    });
    const all = ["Anchors", "Cables", "Ebb"];
    const taken = ["Anchors", "Cables"];
    expect(found).toEqual({
      iterated: all,
      collected: all,
      taken,
      first: "Anchors",
      desc: ["Ebb"],
    });
  });

  it("[HLP5] paginates: pages get shorter, cursors stay right", async () => {
    const pages = await reading(async ({ db }) => {
      const books = () => filter(db.query("books").withIndex("by_year"), odd);
      const { page, isDone, continueCursor } = await books().paginate({
        numItems: 2,
        cursor: null,
      });
      return { titles: titlesOf(page), isDone, hasCursor: continueCursor.length > 0 };
    });
    expect(pages).toEqual({ titles: ["Anchors", "Cables"], isDone: false, hasCursor: true });
  });
});

describe("pagination", () => {
  it("[HLP6] getPage walks an index by key, in both directions", async () => {
    const found = await reading(async (ctx) => {
      const request = { table: "books", index: "by_year", schema, targetMaxRows: 2 } as const;
      const first = await getPage(ctx, request);
      const second = await getPage(ctx, { ...request, startIndexKey: first.indexKeys.at(-1)! });
      const last = await getPage(ctx, { ...request, order: "desc" });
      const pages = [first, second, last].map(({ page }) => titlesOf(page));
      return { pages, more: [first.hasMore, second.hasMore] };
    });
    expect(found).toEqual({
      pages: [
        ["Anchors", "Cables"],
        ["Ballast", "Drift"],
        ["Ebb", "Drift"],
      ],
      more: [true, true],
    });
  });

  it("[HLP6] paginator pages several times in one function", async () => {
    const pages = await reading(async ({ db }) => {
      const found: string[][] = [];
      let cursor: string | null = null;
      for (let isDone = false; !isDone; ) {
        const result: Awaited<ReturnType<typeof pageOf>> = await pageOf(db, cursor);
        found.push(titlesOf(result.page));
        cursor = result.continueCursor;
        isDone = result.isDone;
      }
      return found;
    });
    expect(pages.flat()).toEqual(["Anchors", "Cables", "Ballast", "Drift", "Ebb"]);
    expect(pages.length).toBeGreaterThanOrEqual(3);
  });

  const pageOf = (db: QueryCtx["db"], cursor: string | null) =>
    paginator(db, schema).query("books").withIndex("by_year").paginate({ numItems: 2, cursor });
});

describe("streams", () => {
  const byAuthor = (ctx: QueryCtx, author: Ids["ann"]) =>
    stream(ctx.db, schema)
      .query("books")
      .withIndex("author", (q) => q.eq("author", author));

  it("[HLP7] merge, filter, map and take", async () => {
    const found = await reading(async (ctx, { ann, ben }) => {
      const merged = () => mergedStream([byAuthor(ctx, ann), byAuthor(ctx, ben)], ["year"]);
      return {
        merged: titlesOf(await merged().collect()),
        shown: titlesOf(
          await merged()
            .filterWith(async (book) => book.hidden !== true)
            .take(2),
        ),
        mapped: await merged()
          .map(async (book) => ({ title: `${book.title} ${book.year}` }))
          .first(),
      };
    });
    expect(found).toEqual({
      merged: ["Anchors", "Cables", "Ballast", "Drift", "Ebb"],
      shown: ["Anchors", "Cables"],
      mapped: { title: "Anchors 1930" },
    });
  });

  it("[HLP7] join one stream with another", async () => {
    const found = await reading(async (ctx) => {
      const authors = stream(ctx.db, schema).query("authors").withIndex("name").order("desc");
      const books = authors.flatMap(
        async (author) => byAuthor(ctx, author._id).order("desc"),
        ["author", "year"],
      );
      return titlesOf(await books.collect());
    });
    expect(found).toEqual(["Drift", "Cables", "Ebb", "Ballast", "Anchors"]);
  });

  it("[HLP7] skip to the next distinct key", async () => {
    const found = await reading(async (ctx, { ann, ben }) => {
      const books = stream(ctx.db, schema).query("books").withIndex("author").distinct(["author"]);
      const authors = new Set((await books.collect()).map((book) => book.author));
      return authors.has(ann) && authors.has(ben) && authors.size === 2;
    });
    expect(found).toBe(true);
  });

  it("[HLP7] paginate a merged stream to its end", async () => {
    const pages = await reading(async (ctx, { ann, ben }) => {
      const pageFrom = (cursor: string | null) =>
        mergedStream([byAuthor(ctx, ann), byAuthor(ctx, ben)], ["year"]).paginate({
          numItems: 3,
          cursor,
        });
      const first = await pageFrom(null);
      const second = await pageFrom(first.continueCursor);
      return [titlesOf(first.page), titlesOf(second.page), first.isDone, second.isDone];
    });
    expect(pages).toEqual([["Anchors", "Cables", "Ballast"], ["Drift", "Ebb"], false, true]);
  });

  it("[HLP7] are live like any query", async () => {
    let runs = 0;
    const f = query({
      args: { ann: v.id("authors"), ben: v.id("authors") },
      handler: async (ctx, { ann }) => {
        runs += 1;
        return titlesOf(await byAuthor(ctx, ann).take(2));
      },
    });
    const { backend, authors } = await openLibrary({ f });
    const live = watch(backend, "m:f", authors);
    await delivered(backend);
    const write = (author: string, title: string, year: number) =>
      backend.run((ctx) => ctx.db.insert("books" as "things", { author, title, year }));
    await write(authors.ben, "Elsewhere", 1);
    await delivered(backend);
    expect(runs).toBe(1);
    await write(authors.ann, "Aft", 1920);
    await delivered(backend);
    expect(live.values()).toEqual([
      ["Anchors", "Ballast"],
      ["Aft", "Anchors"],
    ]);
  });
});
