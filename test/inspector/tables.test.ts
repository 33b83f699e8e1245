// Tables, rows and documents as an inspector's page asks for them.

import fc from "fast-check";
import { createBackend } from "invex";
import type { Value } from "invex/values";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../sync/wait-until";
import { createLab } from "./lab";
import { type OpenedInspector, openInspector, rowsOf } from "./open-inspector";

interface Page {
  readonly rows: readonly { _id: string; n: number; text: string; tag?: string }[];
  readonly scanned: number;
  readonly next: string | null;
}

interface Component {
  readonly component: string;
  readonly tables: readonly { name: string; isSystem: boolean; count: number }[];
}

interface Looked {
  readonly index: string;
  readonly order: string;
  readonly limit: number;
  readonly least: number;
  readonly tag: string;
  readonly word: string;
}

/** All pages, one after the other. */
async function allPages(opened: OpenedInspector, args: Record<string, Value>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await opened.follow<Page>("rows", { ...args, after }).until(() => true);
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

describe("rows", () => {
  it("[INS8] are live, and asked again only when they are touched", async () => {
    const backend = createLab();
    const opened = await openInspector(backend);
    const first = opened.follow<Page>("rows", rowsOf("notes", { limit: 2 }));
    await first.until(({ rows }) => rows.length === 0);
    await backend.mutation("notes:add", { n: 1 });
    await first.until(({ rows }) => rows.length === 1);
    await backend.mutation("notes:add", { n: 2 });
    await first.until(({ rows }) => rows.length === 2);
    await backend.mutation("notes:add", { n: 3 });
    await first.until(({ next }) => next !== null);
    const told = first.all.length;
    // Beyond what it has read.
    await backend.mutation("notes:add", { n: 4 });
    await backend.mutation("notes:loosely", { value: { any: "thing" } });
    const { inspector: own } = await opened.report<{
      inspector: { queries: { function: string; rerunCount: number }[] };
    }>("liveQueries");
    expect(own.queries).toMatchObject([{ function: "_system/inspector:rows", rerunCount: 3 }]);
    expect(first.all.length).toBe(told);
  });

  it("[INS9] come page by page in every order, range and filter as a list would", async () => {
    const backend = createLab();
    const tags = ["a", "b", undefined];
    const written = Array.from({ length: 60 }, (_, i) => ({
      n: (i * 7) % 13,
      text: `note ${i}`,
      ...(tags[i % 3] === undefined ? {} : { tag: tags[i % 3] as string }),
    }));
    await backend.run(async (ctx) => {
      for (const note of written) await ctx.db.insert("notes", note);
    });
    const opened = await openInspector(backend);
    const choices = fc.record({
      index: fc.constantFrom("by_creation_time", "by_n", "by_tag_n"),
      order: fc.constantFrom("asc", "desc"),
      limit: fc.integer({ min: 1, max: 25 }),
      least: fc.integer({ min: 0, max: 13 }),
      tag: fc.constantFrom("a", "b", "c"),
      word: fc.constantFrom("1", "NOTE", "x"),
    });
    const check = async ({ index, order, limit, least, tag, word }: Looked) => {
      const ranges: Record<string, Value> = {
        by_creation_time: [],
        by_n: [{ field: "n", op: "gte", value: least }],
        by_tag_n: [
          { field: "tag", op: "eq", value: tag },
          { field: "n", op: "lt", value: least },
        ],
      };
      const filters = [{ field: "text", op: "contains", value: word }];
      const range = ranges[index] as Value;
      const args = rowsOf("notes", { index, order, limit, range, filters });
      const pages = await allPages(opened, args);
      const found = pages.flatMap(({ rows }) => rows.map(({ text }) => text));
      const wanted = written
        .map((note, at) => ({ ...note, at }))
        .filter(({ text }) => text.toLowerCase().includes(word.toLowerCase()))
        .filter((note) => {
          if (index === "by_n") return note.n >= least;
          return index === "by_creation_time" || (note.tag === tag && note.n < least);
        })
        .sort((a, b) => (index === "by_creation_time" ? 0 : a.n - b.n) || a.at - b.at)
        .map(({ text }) => text);
      expect(found).toEqual(order === "asc" ? wanted : wanted.reverse());
      expect(pages.every(({ rows }) => rows.length <= limit)).toBe(true);
    };
    await fc.assert(fc.asyncProperty(choices, check), { seed: 14, numRuns: 40 });
  });

  it("[INS9] of a large table are looked for among a bounded number of documents", async () => {
    const backend = createLab();
    await backend.run(async (ctx) => {
      for (let n = 0; n < 12_000; n++) await ctx.db.insert("notes", { n, text: "same" });
    });
    const opened = await openInspector(backend);
    const filters = [{ field: "n", op: "eq", value: 11_000 }];
    const pages = await allPages(opened, rowsOf("notes", { filters }));
    expect(pages.map(({ rows, scanned }) => [rows.length, scanned])).toEqual([
      [0, 5000],
      [0, 5000],
      [1, 2000],
    ]);
    const large = "x".repeat(500_000);
    await backend.run(async (ctx) => {
      for (let i = 0; i < 12; i++) await ctx.db.insert("loose", { large });
    });
    const heavy = await allPages(opened, rowsOf("loose"));
    expect(heavy.length).toBeGreaterThan(1);
    expect(heavy.flatMap(({ rows }) => rows)).toHaveLength(12);
  });

  it("[INS9] compare with every operator, also fields that are not there", async () => {
    const backend = createLab();
    const values: Value[] = [1, 2n, "two", ["two", 3], null, { deep: 1 }];
    await backend.run(async (ctx) => {
      for (const x of values) await ctx.db.insert("loose", { x });
      await ctx.db.insert("loose", { y: 1 });
    });
    const opened = await openInspector(backend);
    const count = async (op: string, value: Value | undefined, field = "x") => {
      const filters = [{ field, op, ...(value === undefined ? {} : { value }) }];
      const { rows } = await opened
        .follow<Page>("rows", rowsOf("loose", { filters: filters as Value }))
        .until(() => true);
      return rows.length;
    };
    expect(await count("eq", 1)).toBe(1);
    expect(await count("eq", undefined)).toBe(1);
    expect(await count("neq", undefined)).toBe(6);
    expect(await count("contains", "TW")).toBe(1);
    expect(await count("contains", 3)).toBe(1);
    expect(await count("eq", 1, "x.deep")).toBe(1);
    expect(await count("gt", undefined)).toBe(6);
    expect(await count("lte", null)).toBe(2);
    expect(await count("lt", 1)).toBe(3);
    expect(await count("gte", 1)).toBe(4);
  });

  it("[INS9] of what is not there are none, and of an index that is not an error", async () => {
    const backend = createLab();
    const opened = await openInspector(backend);
    const none = await opened.follow<Page>("rows", rowsOf("unheard")).until(() => true);
    expect(none).toEqual({ rows: [], scanned: 0, next: null });
    const hidden = await opened.follow<Page>("rows", rowsOf("_cron_jobs")).until(() => true);
    expect(hidden.rows).toEqual([]);
    const wrong = opened.follow<Page>("rows", rowsOf("notes", { index: "by_none" }));
    await waitUntil(() => wrong.errors.length === 1, "an error");
    expect(wrong.errors[0]).toContain("Index notes.by_none not found.");
  });
});

describe("tables", () => {
  it("[INS10] are listed with live counts, of every component", async () => {
    const backend = createLab();
    const opened = await openInspector(backend);
    const tables = opened.follow<Component[]>("tables", { seen: 0 });
    const [app, counter] = await tables.until(() => true);
    expect(app?.tables.map(({ name }) => name)).toEqual([
      ...["loose", "notes", "_scheduled_functions", "_storage"],
    ]);
    expect(app?.tables[1]).toMatchObject({
      isSystem: false,
      fields: ["n", "text", "tag"],
      indexes: [
        { name: "by_creation_time", fields: ["_creationTime"] },
        { name: "by_n", fields: ["n", "_creationTime"] },
        { name: "by_tag_n", fields: ["tag", "n", "_creationTime"] },
      ],
    });
    expect(counter?.component).toBe("counter");
    await backend.mutation("notes:add", { n: 1 });
    await tables.until(([first]) => first?.tables[1]?.count === 1);
    const told = tables.all.length;
    await backend.run(async (ctx) => {
      const note = await ctx.db.query("notes").first();
      await ctx.db.patch(note!._id, { n: 2 });
    });
    await opened.report("functions");
    expect(tables.all.length).toBe(told);
  });

  it("[INS10] that come to exist are there when asked again", async () => {
    const backend = createBackend({ modules: {} });
    const opened = await openInspector(backend);
    await opened.follow<Component[]>("tables", { seen: 0 }).until(() => true);
    await backend.run((ctx) => ctx.db.insert("fresh", {}));
    const [app] = await opened.follow<Component[]>("tables", { seen: 1 }).until(() => true);
    expect(app?.tables[0]).toMatchObject({ name: "fresh", count: 1 });
  });
});

describe("documents", () => {
  it("[INS11] are made, replaced and deleted, and followed", async () => {
    const backend = createLab();
    const { page, follow } = await openInspector(backend);
    const fields = { n: 1, text: "one" };
    const id = await page.act<string>("insertDocument", { component: "", table: "notes", fields });
    const shown = follow<{ table: string; document: object } | null>("document", {
      component: "",
      id,
    });
    await shown.until((found) => found?.table === "notes");
    await page.act("replaceDocument", {
      component: "",
      id,
      fields: { n: 2, text: "two", tag: "t" },
    });
    expect(await backend.query("notes:list", { tag: "t" })).toMatchObject([{ n: 2, text: "two" }]);
    await page.act("deleteDocument", { component: "", id });
    await shown.until((found) => found === null);
  });

  it("[INS11] are checked as any other, and read-only where users' are", async () => {
    const backend = createLab();
    const { page, follow } = await openInspector(backend);
    const insert = (table: string, fields: Value) =>
      page.act("insertDocument", { component: "", table, fields });
    await expect(insert("notes", { n: "one" })).rejects.toThrow(/does not match the schema/);
    await expect(insert("unheard", {})).rejects.toThrow('There is no table "unheard"');
    await expect(insert("_storage", {})).rejects.toThrow("read-only");
    await backend.mutation("notes:addLater", { ms: 1000 });
    const jobs = await follow<Page>("rows", rowsOf("_scheduled_functions")).until(
      ({ rows }) => rows.length === 1,
    );
    const id = jobs.rows[0]!._id;
    await expect(page.act("deleteDocument", { component: "", id })).rejects.toThrow("read-only");
    await expect(page.act("deleteDocument", { component: "", id: "x" })).rejects.toThrow(
      "not found",
    );
  });
});
