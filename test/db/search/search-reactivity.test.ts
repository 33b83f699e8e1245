// Which live searches a write concerns: those it could match, before or after, and no others.

import { describe, expect, it } from "vitest";
import type { Document } from "../../../src/db/document";
import { compileTextQuery } from "../../../src/db/search/text-query";
import { TextRead } from "../../../src/db/search/text-read";
import type { SearchClause } from "../../../src/server/search-filter-builder";
import { must } from "../../../src/shared/assert";
import { delivered, query, watch } from "../../fixtures/lab";
import { forEachSeed, seeds } from "../../model/seeds";
import { openSearchDatabase } from "./search-database";
import { bodies, createSearchLab, fill } from "./search-lab";

function liveLab() {
  const runs = new Map<string, number>();
  const find = query({
    handler: async (
      ctx: object,
      { text, filters }: { text: string; filters: Record<string, unknown> },
    ) => {
      const name = `${text} ${JSON.stringify(filters)}`;
      runs.set(name, (runs.get(name) ?? 0) + 1);
      return bodies(ctx as never, text, filters);
    },
  } as never);
  const backend = createSearchLab({ find });
  const live = (text: string, filters: Record<string, unknown> = {}) => {
    const { values, stop } = watch(backend as never, "m:find", { text, filters });
    const name = `${text} ${JSON.stringify(filters)}`;
    return { values, stop, runs: () => runs.get(name) ?? 0 };
  };
  const settled = () => delivered(backend as never);
  return { backend, live, settled };
}

describe("a live search", () => {
  it("[SRCH15] runs again for a write that matches it now or did, and for no other", async () => {
    const { backend, live, settled } = liveLab();
    const [id] = await fill(backend, ["red apple"], { channel: "c", other: 0 });
    const search = live("apple ban", { channel: "c" });
    await settled();
    const step = async (patch: object, runs: number) => {
      await backend.run((ctx) => ctx.db.patch(id as never, patch));
      await settled();
      expect(search.runs()).toBe(runs);
    };
    expect(search.runs()).toBe(1);
    await step({ other: 1 }, 2); // it is one of the results
    await step({ body: "pear" }, 3); // stops matching
    await step({ body: "plum" }, 3); // neither way
    await step({ body: "bandanna" }, 4); // by its beginning
    await step({ channel: "d" }, 5); // leaves the filter
    await step({ body: "apple" }, 5); // outside the filter
    await step({ channel: "c" }, 6);
    await step({ body: 7 }, 7);
    await fill(backend, ["appl apples ba"], { channel: "c" });
    await settled();
    expect(search.runs()).toBe(7);
    expect(search.values().at(-1)).toEqual([]);
  });

  it("[SRCH15] tells its subscriber of inserts and deletions", async () => {
    const { backend, live, settled } = liveLab();
    const search = live("hel");
    await settled();
    const [id] = await fill(backend, ["hello"]);
    await settled();
    await backend.run((ctx) => ctx.db.delete(id as never));
    await settled();
    expect(search.values()).toEqual([[], ["hello"], []]);
  });

  it("[SRCH15] does not run again because statistics have shifted", async () => {
    const { backend, live, settled } = liveLab();
    await fill(backend, ["alpha beta"]);
    const search = live("alpha");
    await settled();
    await fill(backend, ["gamma", "delta", "epsilon"]);
    await settled();
    expect(search.runs()).toBe(1);
  });

  it("[SRCH15] is left alone by writes to other filters, however many searches there are", async () => {
    const { backend, live, settled } = liveLab();
    const searches = Array.from({ length: 200 }, (_, n) => live("word", { n }));
    const unfiltered = live("word");
    await settled();
    await fill(backend, ["a word"], { n: 17 });
    await settled();
    expect(unfiltered.runs()).toBe(2);
    expect(searches.map(({ runs }) => runs()).filter((runs) => runs === 2)).toHaveLength(1);
    expect(searches[17]?.runs()).toBe(2);
  });

  it("[SRCH15] no longer runs once nobody listens", async () => {
    const { backend, live, settled } = liveLab();
    const [one, other] = [live("word"), live("word", { n: 1 })];
    await settled();
    one.stop();
    await fill(backend, ["a word"], { n: 1 });
    await settled();
    expect([one.runs(), other.runs()]).toEqual([1, 2]);
  });
});

describe("what a search has read", () => {
  it("[SRCH15] is filed under keys that exactly the matching documents have", async () => {
    const { notes } = openSearchDatabase("reads");
    const index = must(notes.searchIndexes.get("by_body"));
    let matches = 0;
    await forEachSeed(seeds("reads", 40), (choices) => {
      const vocabulary = ["a", "ab", "abc", "b", "été", "ét", "日本", "日", "𝒜𝒷", "𝒜"];
      const text = () => choices.list(5, () => choices.pick(vocabulary)).join(" ");
      const value = () => choices.pick([undefined, null, "a", "", 0, -0, ["a", ""]]);
      for (let i = 0; i < 100; i++) {
        const document = {
          _id: "id",
          _creationTime: 1,
          body: text(),
          channel: value(),
          flag: value(),
        };
        const clauses = choices.list(4, (): SearchClause => {
          const fieldPath = choices.pick(["channel", "flag"]);
          return { type: "Eq", fieldPath, value: value() };
        });
        clauses.push({ type: "Search", fieldPath: "body", value: text() });
        const query = compileTextQuery(index, clauses);
        if (query === undefined) continue;
        const read = new TextRead(query);
        const keys = [...read.probe.keysOf(document as unknown as Document)];
        const isFiled =
          read.probe.bucketOf(document as unknown as Document) === read.bucket &&
          keys.some((key) => read.keys.has(key));
        expect(isFiled).toBe(read.matches(document as unknown as Document));
        if (isFiled) matches += 1;
      }
    });
    expect(matches).toBeGreaterThan(300);
  });
});
