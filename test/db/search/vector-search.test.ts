// `ctx.vectorSearch`: which documents it finds and how near it says they are, against a plain loop
// over all of them; its limits and error texts.

import { describe, expect, it } from "vitest";
import type { Document } from "../../../src/db/document";
import type { VectorHit } from "../../../src/db/search/vector-index";
import { searchVectors } from "../../../src/db/search/vector-search";
import { compareValues } from "../../../src/values/compare";
import type { Value } from "../../../src/values/value";
import { rejection } from "../../fixtures/lab";
import { type Choices, forEachSeed, seeds } from "../../model/seeds";
import {
  allNotes,
  commit,
  forkSearchDatabase,
  openSearchDatabase,
  type SearchDatabase,
} from "./search-database";
import { createSearchLab, type SearchLab } from "./search-lab";

type Condition = readonly [field: string, value: Value | undefined];

const channels: (Value | undefined)[] = [undefined, null, 0, -0, 1n, "c", "d"];

function randomVector(choices: Choices): number[] {
  // Few directions, so that many are equally near.
  return Array.from({ length: 3 }, () => choices.below(5) - 2);
}

function randomNote(choices: Choices): Record<string, Value | undefined> {
  const place: Value | undefined = choices.chance(0.85)
    ? randomVector(choices)
    : choices.pick([undefined, null, "here", [], [1, 2], [1, 2, 3, 4], [1n, 2n, 3n], [1, 2, "3"]]);
  return { place, channel: choices.pick(channels), flag: choices.chance(0.5) };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const product = a.reduce((sum, part, i) => sum + part * (b[i] as number), 0);
  const length = Math.hypot(...a) * Math.hypot(...b);
  return length === 0 ? 0 : product / length;
}

function naive(
  documents: readonly Document[],
  vector: readonly number[],
  conditions: readonly Condition[] | undefined,
): VectorHit[] {
  return documents
    .filter(({ place }) => Array.isArray(place) && place.length === 3)
    .filter(({ place }) => (place as Value[]).every((part) => typeof part === "number"))
    .filter(
      (document) =>
        conditions === undefined ||
        conditions.some(([field, value]) => compareValues(document[field], value) === 0),
    )
    .map(({ _id, place }) => ({ _id, _score: cosine(place as number[], vector) }));
}

function find(
  { database }: SearchDatabase,
  vector: readonly number[],
  limit: number,
  conditions: readonly Condition[] | undefined,
): VectorHit[] {
  const filter = (q: { eq(...condition: Condition): never; or(...all: never[]): never }) =>
    q.or(...(conditions ?? []).map(([field, value]) => q.eq(field, value)));
  const query = { vector, limit, ...(conditions && { filter }) };
  return searchVectors(database, { component: "", table: "notes", index: "by_place", query });
}

/** Scores agree as far as 32 bits can, and so does the order wherever they tell documents apart. */
function compare(world: SearchDatabase, choices: Choices): number {
  const tx = world.database.begin();
  const documents = allNotes(tx);
  tx.close();
  const vector = randomVector(choices);
  const limit = 1 + choices.below(12);
  const conditions = choices.chance(0.5)
    ? choices.list(
        4,
        (): Condition =>
          choices.chance(0.5) ? ["channel", choices.pick(channels)] : ["flag", choices.chance(0.5)],
      )
    : undefined;
  const expected = naive(documents, vector, conditions);
  const scores = new Map(expected.map(({ _id, _score }) => [_id, _score]));
  const found = find(world, vector, limit, conditions);
  expect(found).toHaveLength(Math.min(limit, expected.length));
  expect(found).toEqual(find(world, vector, 256, conditions).slice(0, limit));
  const best = [...scores.values()].sort((a, b) => b - a);
  for (const [i, { _id, _score }] of found.entries()) {
    expect(_score).toBe(Math.fround(_score));
    expect(Math.abs(_score - (scores.get(_id) as number))).toBeLessThan(1e-6);
    expect(Math.abs(_score - (best[i] as number))).toBeLessThan(1e-6);
    const former = found[i - 1];
    if (former?._score === _score) expect(former._id > _id).toBe(true);
  }
  return found.length;
}

function writeSomething(choices: Choices, world: SearchDatabase): void {
  commit(world, (tx) => {
    for (let i = choices.below(8); i > 0; i--) {
      const ids = allNotes(tx).map(({ _id }) => _id);
      const kind = choices.below(5);
      if (kind < 2 || ids.length === 0) tx.insert(world.notes, randomNote(choices));
      else if (kind === 2) tx.remove(world.notes, choices.pick(ids));
      else if (kind === 3) tx.replace(world.notes, choices.pick(ids), randomNote(choices));
      else tx.patch(world.notes, choices.pick(ids), { channel: choices.pick(channels) });
    }
  });
}

describe("vector search", () => {
  it("[VEC1][VEC2][VEC7] finds the nearest like a plain loop, through writes and forks", async () => {
    let found = 0;
    await forEachSeed(seeds("vectors", 20), (choices, seed) => {
      const worlds = [openSearchDatabase(seed)];
      for (let step = 0; step < 30; step++) {
        const world = choices.pick(worlds);
        writeSomething(choices, world);
        for (const each of worlds) found += compare(each, choices);
        if (choices.chance(0.1)) worlds.push(forkSearchDatabase(world, `${seed} ${step}`));
      }
      for (const { database } of worlds) database.checkInvariants();
    });
    expect(found).toBeGreaterThan(3000);
  });

  it("[VEC7] is the same after a load", () => {
    const world = openSearchDatabase("load");
    commit(world, (tx) => {
      for (let i = 0; i < 5000; i++) {
        tx.insert(world.notes, { place: [Math.cos(i), Math.sin(i), i % 7] });
      }
    });
    const loaded = openSearchDatabase("loaded");
    loaded.database.load(loaded.notes, allNotes(world.database.begin()));
    loaded.database.checkInvariants();
    const hits = find(loaded, [1, 2, 3], 256, undefined);
    expect(hits).toHaveLength(256);
    expect(find(world, [1, 2, 3], 256, undefined)).toEqual(hits);
  });

  it("[VEC1] tells directions, whatever the lengths of vectors", () => {
    const world = openSearchDatabase("lengths");
    const places = [
      [1e300, 0, 0],
      [1e-300, 0, 0],
      [-5, 0, 0],
      [0, 0, 0],
      [1e300, 1e300, 0],
    ];
    const ids = commit(world, (tx) => places.map((place) => tx.insert(world.notes, { place })));
    const hits = find(world, [1e-200, 0, 0], 10, undefined);
    const scores = new Map(hits.map(({ _id, _score }) => [_id, _score]));
    expect(ids.map((id) => scores.get(id))).toEqual([1, 1, -1, 0, Math.fround(Math.SQRT1_2)]);
  });
});

describe("ctx.vectorSearch", () => {
  const vector = [1, 0, 0];

  async function filled(): Promise<SearchLab> {
    const backend = createSearchLab();
    await backend.run(async (ctx) => {
      for (let n = 0; n < 300; n++) {
        const deep = { tag: n < 3 ? "few" : "many" };
        await ctx.db.insert("notes", {
          n,
          place: [1, n, 0],
          channel: n % 2 ? "odd" : "even",
          deep,
        });
      }
    });
    return backend;
  }

  const ask = (backend: SearchLab, query: object, index = "by_place", table = "notes") =>
    backend.action((ctx) =>
      ctx.vectorSearch(table as "notes", index as "by_place", { vector, ...query } as never),
    );

  const refusal = (backend: SearchLab, query: object, index?: string, table?: string) =>
    backend.action(async (ctx) => {
      const asked = (async () =>
        ctx.vectorSearch(
          (table ?? "notes") as "notes",
          (index ?? "by_place") as "by_place",
          {
            vector,
            ...query,
          } as never,
        ))();
      return (await rejection(asked)).message;
    });

  it("[VEC3] finds ten unless told otherwise, and 256 at most", async () => {
    const backend = await filled();
    const ten = await ask(backend, {});
    expect(ten).toHaveLength(10);
    expect(ten[0]).toEqual({ _id: expect.any(String), _score: 1 });
    expect(await ask(backend, { limit: 256 })).toHaveLength(256);
    expect(await ask(backend, { limit: 0 })).toEqual([]);
    expect(await refusal(backend, { limit: 257 })).toBe(
      "Vector queries can fetch at most 256 results, requested 257.",
    );
    for (const limit of [-1, 1.5, Number.NaN, "3", null]) {
      expect(await refusal(backend, { limit })).toContain("Invalid argument `limit`");
    }
  });

  it("[VEC2] takes any of the conditions, and looks for the nearest among what is left", async () => {
    const backend = await filled();
    const notes = async (filter: unknown, limit = 10): Promise<number[]> => {
      const hits = await ask(backend, { filter, limit });
      return backend.run(async (ctx) => {
        const found: number[] = [];
        for (const { _id } of hits) found.push((await ctx.db.get(_id))?.n);
        return found;
      });
    };
    type Q = { eq(field: string, value: unknown): object; or(...all: object[]): object };
    expect(await notes((q: Q) => q.eq("channel", "odd"), 3)).toEqual([1, 3, 5]);
    const union = (q: Q) => q.or(q.eq("n", 7), q.or(q.eq("n", 280), q.eq("deep.tag", "few")));
    expect(await notes(union)).toEqual([0, 1, 2, 7, 280]);
    expect(await notes((q: Q) => q.eq("n", 7n))).toEqual([]);
    expect(await notes((q: Q) => q.or())).toEqual([]);
    expect(await notes((q: Q) => q.eq("channel", undefined))).toEqual([]);
  });

  it("[VEC4] refuses what is no filter of the index", async () => {
    const backend = await filled();
    type Q = { eq(field: string, value: unknown): object; or(...all: unknown[]): object };
    const of = (filter: (q: Q) => unknown) => refusal(backend, { filter });
    expect(await of((q) => q.eq("title", 1))).toBe(
      'Vector query against notes.by_place contains a filter on "title" but that field isn\'t indexed for filtering in `filterFields`.',
    );
    expect(await of((q) => q.or(...Array.from({ length: 65 }, () => q.eq("n", 1))))).toBe(
      "Vector query against notes.by_place has too many conditions. Max: 64 Actual: 65",
    );
    for (const filter of [() => true, (q: Q) => q.or(q.eq("n", 1), false), () => undefined]) {
      expect(await of(filter)).toBe("Filters should be a combination of `q.eq` and `q.or`.");
    }
    expect(await of((q) => q.eq(7 as never, 1))).toBe(
      "The first argument to `q.eq` must be a field name.",
    );
  });

  it("[VEC5] refuses vectors that no document can be near to", async () => {
    const backend = await filled();
    for (const wrong of [[], "vector", undefined, null]) {
      expect(await refusal(backend, { vector: wrong })).toBe(
        "`vector` must be a non-empty Array in vectorSearch",
      );
    }
    expect(await refusal(backend, { vector: [1, 2] })).toBe(
      "Expected a vector with dimensions 3, received 2.",
    );
    for (const part of [Number.NaN, Number.POSITIVE_INFINITY, 1n, "1", null]) {
      expect(await refusal(backend, { vector: [1, 2, part] })).toContain(
        "Invalid argument `vector`",
      );
    }
  });

  it("[VEC6] knows vector indexes only, and finds nothing in a table that does not exist", async () => {
    const backend = await filled();
    expect(await ask(backend, {}, "by_place", "nope")).toEqual([]);
    expect(await refusal(backend, {}, "nope")).toBe("Index notes.nope not found.");
    for (const index of ["by_n", "by_body", "by_id"]) {
      expect(await refusal(backend, {}, index)).toBe(`Index notes.${index} is not a vector index`);
    }
    expect(await refusal(backend, {}, "staged_place")).toContain("is currently staged");
  });

  it("[VEC8] sees every commit made before it, also by its own action", async () => {
    const backend = createSearchLab();
    expect(await ask(backend, {})).toEqual([]);
    const [before, after] = await backend.action(async (ctx) => {
      const first = await ctx.vectorSearch("notes", "by_place", { vector } as never);
      await backend.run((inner) => inner.db.insert("notes", { place: [0, 1, 0] }));
      return [first, await ctx.vectorSearch("notes", "by_place", { vector } as never)];
    });
    expect(before).toEqual([]);
    expect(after).toEqual([{ _id: expect.any(String), _score: 0 }]);
  });
});
