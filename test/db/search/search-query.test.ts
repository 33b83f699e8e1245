// `withSearchIndex` in functions: filters, limits, pages, error texts.

import { describe, expect, it } from "vitest";
import { query, rejection } from "../../fixtures/lab";
import {
  bodies,
  type Ctx,
  createSearchLab,
  fill,
  type LooseBuilder,
  type Note,
  type SearchLab,
  searchOf,
} from "./search-lab";

const words = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => prefix + i);

/** The message of the error that `body` gets at its `await`, inside its function. */
function refusal(backend: SearchLab, body: (ctx: Ctx) => Promise<unknown>): Promise<string> {
  return backend.run(async (ctx) => (await rejection((async () => body(ctx))())).message);
}

describe("matching", () => {
  it("[SRCH1] takes any of the words, and the last one as a beginning", async () => {
    const backend = createSearchLab();
    await fill(backend, ["foo", "foobar", "bar", "a barn", "unrelated"]);
    const find = (text: string) => backend.run((ctx) => bodies(ctx, text));
    expect(new Set(await find("foo ba"))).toEqual(new Set(["foo", "bar", "a barn"]));
    expect(await find("foo x")).toEqual(["foo"]);
    expect(new Set(await find("FOO!"))).toEqual(new Set(["foo", "foobar"]));
    expect(await find("oba")).toEqual([]);
  });

  it("[SRCH2] ranks a whole word above a beginning, and the newest of equals first", async () => {
    const backend = createSearchLab();
    await fill(backend, ["team one", "tea one", "tea two", "tease one"]);
    expect(await backend.run((ctx) => bodies(ctx, "tea"))).toEqual([
      ...["tea two", "tea one", "tease one", "team one"],
    ]);
  });

  it("[SRCH2] counts a word of the query once, however often it is there", async () => {
    const backend = createSearchLab();
    await fill(backend, ["apple", "pear", "pear"]);
    expect((await backend.run((ctx) => bodies(ctx, "pear pear pear apple ")))[0]).toBe("apple");
  });

  it("[SRCH3] requires every filter, told apart as indexes do", async () => {
    const backend = createSearchLab();
    await backend.run(async (ctx) => {
      const values = [1, 1n, 0, -0, null, undefined, "1", [1], { a: 1 }];
      for (const n of values) await ctx.db.insert("notes", { body: "x", n, channel: "c" });
      await ctx.db.insert("notes", { body: "x", n: 1, deep: { tag: "t" } });
    });
    const count = async (filters: object) =>
      (await backend.run((ctx) => bodies(ctx, "x", filters as Record<string, unknown>))).length;
    for (const n of [1n, 0, -0, null, undefined, "1", [1], { a: 1 }]) {
      expect(await count({ n })).toBe(1);
    }
    expect(await count({ n: 1 })).toBe(2);
    expect(await count({ n: 1, channel: "c" })).toBe(1);
    expect(await count({ n: 1, channel: undefined })).toBe(1);
    expect(await count({ "deep.tag": "t" })).toBe(1);
    expect(await count({ n: 2 })).toBe(0);
    const both = (q: LooseBuilder) => q.search("body", "x").eq("n", 1).eq("n", 0);
    expect(await backend.run((ctx) => searchOf(ctx, both).collect())).toEqual([]);
  });

  it("[SRCH5] never finds a document without a text in the field, wherever the field is", async () => {
    const backend = createSearchLab();
    await backend.run(async (ctx) => {
      for (const body of [undefined, null, 7, 7n, true, ["word"], { word: "word" }]) {
        await ctx.db.insert("notes", { body, deep: body });
      }
      await ctx.db.insert("notes", { deep: { text: "word" } });
      await ctx.db.insert("notes", { deep: [{ text: "word" }] });
    });
    expect(await backend.run((ctx) => bodies(ctx, "word"))).toEqual([]);
    const deep = (ctx: Ctx) =>
      searchOf(ctx, (q) => q.search("deep.text", "wor"), "by_deep_text").collect();
    expect(await backend.run(deep)).toHaveLength(1);
  });

  it("[SRCH6] finds nothing without a word to look for", async () => {
    const backend = createSearchLab();
    await fill(backend, ["", "!", "word"]);
    for (const text of ["", " ", "!?", "\u{1f600}", "\ud800", "x".repeat(32)]) {
      expect(await backend.run((ctx) => bodies(ctx, text))).toEqual([]);
    }
  });

  it("[SRCH4] handles texts in any script and of any length", async () => {
    const backend = createSearchLab();
    const long = `${"mot ".repeat(250_000)}fin`;
    await fill(backend, ["Crème brûlée", "日本語 テスト", "שלום עולם", "🎉 fête", long]);
    const find = (text: string) => backend.run((ctx) => bodies(ctx, text));
    expect(await find("crème")).toEqual(["Crème brûlée"]);
    expect(await find("creme")).toEqual([]);
    expect(await find("日本")).toEqual(["日本語 テスト"]);
    expect(await find("עול")).toEqual(["שלום עולם"]);
    expect(await find("fê")).toEqual(["🎉 fête"]);
    expect(await find("fin")).toEqual([long]);
    expect(await find(`${"z ".repeat(500_000)}fin`)).toEqual([]);
    const surrogate = rejection(fill(backend, ["lone \ud83d surrogate"]));
    expect((await surrogate).message).toContain("Received invalid json");
  });
});

describe("limits", () => {
  it("[SRCH7] uses the first 16 words of a query, the 16th as a beginning", async () => {
    const backend = createSearchLab();
    await fill(backend, ["w15", "w1599", "w16", "w0"]);
    const text = words("w", 17).join(" ");
    expect(new Set(await backend.run((ctx) => bodies(ctx, text)))).toEqual(
      new Set(["w15", "w1599", "w0"]),
    );
  });

  it("[SRCH7] looks for at most 64 words and filters, words themselves first, then in their order", async () => {
    const backend = createSearchLab();
    const all = Array.from({ length: 90 }, (_, i) => `p${String(i).padStart(2, "0")}`);
    await fill(backend, [...all.reverse(), "p"], { channel: "c" });
    const found = await backend.run((ctx) => bodies(ctx, "p50 p"));
    const others = all.sort().filter((word) => word !== "p50");
    expect(found.sort()).toEqual(["p", "p50", ...others.slice(0, 62)].sort());
    const filtered = await backend.run((ctx) => bodies(ctx, "p", { channel: "c" }));
    expect(filtered).toHaveLength(63);
  });

  it("[SRCH7] finds 1,024 documents, and fails on being asked for more", async () => {
    const backend = createSearchLab();
    await fill(backend, words("common n", 1023));
    const find = (ctx: Ctx) => searchOf(ctx, (q) => q.search("body", "common "));
    expect(await backend.run((ctx) => find(ctx).take(5000))).toHaveLength(1023);
    await fill(backend, ["common"]);
    expect(await backend.run((ctx) => find(ctx).take(1024))).toHaveLength(1024);
    const text =
      "Search query scanned too many documents (fetched 1024). Consider using a smaller limit, paginating the query, or using a filter field to limit the number of documents pulled from the search index.";
    expect(await refusal(backend, (ctx) => find(ctx).take(1025))).toBe(text);
    expect(await refusal(backend, (ctx) => find(ctx).collect())).toBe(text);
  });

  it("[SRCH10] charges a read for every result, filtered out afterwards or not", async () => {
    const backend = createSearchLab({}, { limits: { documentsRead: 10 } } as object);
    await fill(backend, words("common n", 11), { n: 1 });
    const found = (ctx: Ctx) => searchOf(ctx, (q) => q.search("body", "common "));
    expect(await backend.run((ctx) => found(ctx).take(10))).toHaveLength(10);
    const filtered = backend.run((ctx) =>
      found(ctx)
        .filter((q) => q.eq(q.field("n"), 2))
        .collect(),
    );
    expect((await rejection(filtered)).message).toContain("Too many documents read");
  });

  it("[SRCH10] filters afterwards, document by document", async () => {
    const backend = createSearchLab();
    await fill(backend, ["one word", "another word"], { n: 1 });
    await fill(backend, ["a third word"], { n: 2 });
    const found: Note[] = await backend.run((ctx) =>
      searchOf(ctx, (q) => q.search("body", "word"))
        .filter((q) => q.eq(q.field("n"), 2))
        .collect(),
    );
    expect(found.map(({ body }) => body)).toEqual(["a third word"]);
  });
});

describe("transactions", () => {
  it("[SRCH8] a mutation finds what it has written, and nobody else does before it commits", async () => {
    const backend = createSearchLab();
    const [id] = await fill(backend, ["old text"]);
    const error = await rejection(
      backend.run(async (ctx) => {
        await ctx.db.insert("notes", { body: "new text" });
        await ctx.db.patch(id as never, { body: "changed text" });
        expect(new Set(await bodies(ctx, "text"))).toEqual(new Set(["new text", "changed text"]));
        expect(await bodies(ctx, "old ")).toEqual([]);
        expect(await backend.run((other) => bodies(other, "text"))).toEqual(["old text"]);
        throw new Error("never mind");
      }),
    );
    expect(error.message).toContain("never mind");
    expect(await backend.run((ctx) => bodies(ctx, "text"))).toEqual(["old text"]);
  });

  it("[SRCH9] a fork finds its own documents", async () => {
    const backend = createSearchLab();
    await fill(backend, ["shared word"]);
    const fork = backend.fork();
    await fill(backend, ["origin word"]);
    await fill(fork, ["forked word"]);
    expect(new Set(await backend.run((ctx) => bodies(ctx, "word")))).toEqual(
      new Set(["shared word", "origin word"]),
    );
    expect(new Set(await fork.run((ctx) => bodies(ctx, "word")))).toEqual(
      new Set(["shared word", "forked word"]),
    );
  });

  it("[SRCH11] a mutation that searched runs again if a document it could have found is committed", async () => {
    const backend = createSearchLab();
    const attempt = async (body: string): Promise<number> => {
      let runs = 0;
      await backend.run(async (ctx) => {
        runs += 1;
        await bodies(ctx, "wanted pre", { channel: "c" });
        if (runs === 1) await fill(backend, [body], { channel: "c" });
        await ctx.db.insert("notes", { body: "unrelated" });
      });
      return runs;
    };
    expect(await attempt("wanted")).toBe(2);
    expect(await attempt("prefix")).toBe(2);
    expect(await attempt("wante")).toBe(1);
    expect(await attempt("rewanted")).toBe(1);
  });
});

describe("pages", () => {
  const find = query({
    handler: async (ctx: object, { opts }: { opts: never }) => {
      const found = await searchOf(ctx as never, (q) => q.search("body", "common ")).paginate(opts);
      return { ...found, page: (found.page as Note[]).map(({ body }) => body) };
    },
  } as never);

  it("[SRCH12] come in order of relevance, each where the last one ended, without split cursors", async () => {
    const backend = createSearchLab({ find });
    await fill(backend, ["common", "common rare", "common", "common common", "common more words"]);
    const whole = await backend.run((ctx) => bodies(ctx, "common "));
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 4; pages++) {
      const result: Note = await backend.query("m:find", { opts: { numItems: 2, cursor } });
      expect(result.splitCursor ?? null).toBeNull();
      expect(result.pageStatus ?? null).toBeNull();
      seen.push(...result.page);
      cursor = result.continueCursor;
      if (result.isDone) break;
    }
    expect(seen).toEqual(whole);
    expect(seen).toHaveLength(5);
  });

  it("[SRCH12] are at an end after 1,024 results", async () => {
    const backend = createSearchLab({ find });
    await fill(backend, words("common n", 1030));
    const first: Note = await backend.query("m:find", { opts: { numItems: 1000, cursor: null } });
    const opts = { numItems: 1000, cursor: first.continueCursor };
    const second: Note = await backend.query("m:find", { opts });
    expect([first.page.length, first.isDone]).toEqual([1000, false]);
    expect([second.page.length, second.isDone]).toEqual([24, true]);
    // All are equally relevant: the oldest are left out.
    expect([first.page[0], second.page.at(-1)]).toEqual(["common n1029", "common n6"]);
  });

  it("[SRCH12] between two cursors hold what is between them, whatever limits are given", async () => {
    const backend = createSearchLab({ find });
    await fill(backend, words("common n", 6));
    const start: Note = await backend.query("m:find", { opts: { numItems: 2, cursor: null } });
    const end: Note = await backend.query("m:find", { opts: { numItems: 5, cursor: null } });
    const opts = {
      numItems: 1,
      cursor: start.continueCursor,
      endCursor: end.continueCursor,
      maximumRowsRead: 1,
      maximumBytesRead: 1,
    };
    const between: Note = await backend.query("m:find", { opts });
    expect(between.page).toEqual(["common n3", "common n2", "common n1"]);
    expect(between.continueCursor).toBe(end.continueCursor);
  });

  it("[SRCH12] belong to one search", async () => {
    const other = query({
      handler: (ctx: object, { opts }: { opts: never }) =>
        searchOf(ctx as never, (q) => q.search("body", "commons ")).paginate(opts),
    } as never);
    const backend = createSearchLab({ find, other });
    await fill(backend, words("common n", 3));
    const page: Note = await backend.query("m:find", { opts: { numItems: 1, cursor: null } });
    const opts = { numItems: 1, cursor: page.continueCursor };
    expect((await rejection(backend.query("m:other", { opts }))).message).toContain(
      "InvalidCursor",
    );
  });
});

describe("what cannot be searched", () => {
  const failing = (
    callback: (q: LooseBuilder) => unknown,
    index = "by_body",
    table = "notes",
  ): Promise<string> =>
    refusal(createSearchLab(), (ctx) => searchOf(ctx, callback, index, table).take(1));
  const search = (q: LooseBuilder) => q.search("body", "word");

  it("[SRCH13] an index that is none, is staged, or is of another kind", async () => {
    expect(await failing(search, "nope")).toBe("Index notes.nope not found.");
    expect(await failing(search, "by_body", "nope")).toBe("Index nope.by_body not found.");
    for (const index of ["by_n", "by_id", "by_creation_time", "by_place"]) {
      expect(await failing(search, index)).toBe(`Index notes.${index} is not a search index`);
    }
    expect(await failing(search, "staged_text")).toBe(
      "Index notes.staged_text is currently staged and not available to query until it is enabled.",
    );
    const backend = createSearchLab();
    const wrongKind = (ctx: Ctx) =>
      ctx.db
        .query("notes")
        .withIndex("by_body" as never)
        .take(1);
    expect(await refusal(backend, wrongKind)).toBe("Index notes.by_body is not a database index");
  });

  it("[SRCH14] clauses that the index cannot answer", async () => {
    expect(await failing((q) => q.eq("channel", "c"))).toBe(
      'Search query against notes.by_body does not contain any search filters. You must include a search filter like `q.search("field", searchText)`.',
    );
    expect(await failing((q) => q.search("title", "x"))).toBe(
      'Search query against notes.by_body contains a search filter against "title", which doesn\'t match the indexed `searchField` "body".',
    );
    expect(await failing((q) => q.search("body", "x").search("body", "y"))).toBe(
      'Search query against notes.by_body contains multiple search filters against "body". Only one is allowed.',
    );
    expect(await failing((q) => search(q).eq("title", 1))).toBe(
      'Search query against notes.by_body contains an equality filter on "title" but that field isn\'t indexed for filtering in `filterFields`.',
    );
    const filtered = (count: number) => (q: LooseBuilder) =>
      Array.from({ length: count }).reduce((each: LooseBuilder) => each.eq("n", 1), search(q));
    expect(await failing(filtered(9))).toBe(
      "Search query against notes.by_body has too many filter conditions. Max: 8 Actual: 9",
    );
    const backend = createSearchLab();
    expect(await backend.run((ctx) => searchOf(ctx, filtered(8)).take(1))).toEqual([]);
  });

  it("[SRCH6] an empty text is not looked at any further, one without words is", async () => {
    const backend = createSearchLab();
    const empty = (q: LooseBuilder) => q.search("title", "").eq("title", 1);
    expect(await backend.run((ctx) => searchOf(ctx, empty).collect())).toEqual([]);
    expect(await failing((q) => q.search("title", "!"))).toContain("doesn't match the indexed");
    expect(await failing(empty, "nope")).toBe("Index notes.nope not found.");
  });
});
