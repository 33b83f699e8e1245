// What a search finds and in which order, against a search that reads everything, inside and
// outside transactions, on old snapshots and on forks.

import { describe, expect, it } from "vitest";
import type { Document } from "../../../src/db/document";
import type { Snapshot } from "../../../src/db/live-snapshots";
import type { Transaction } from "../../../src/db/transaction";
import type { Value } from "../../../src/values/value";
import { corpus } from "../../fixtures/corpus";
import { type Choices, forEachSeed, seeds } from "../../model/seeds";
import { naiveSearch } from "./naive-search";
import {
  allNotes,
  commit,
  type Filters,
  forkSearchDatabase,
  openSearchDatabase,
  type SearchDatabase,
  search,
} from "./search-database";

/** Few words, some of which begin others, some of which are hard to tell from others. */
const vocabulary = [
  ...["a", "an", "and", "ant", "anthem", "be", "bee", "been", "x1", "x12", "x2"],
  ...["été", "ete", "étés", "ΟΔΟΣ", "οδοσ", "straße", "İx", "日本", "日本語", "שלום", "naïve"],
  ...["toolongtoolongtoolongtoolongtoolong", "𝒜𝒷", "½", "\u{1f600}", "-", "'s"],
];
const channels: (Value | undefined)[] = [undefined, null, 0, -0, 1n, "c", "d", ["c"]];

function randomText(choices: Choices): Value | undefined {
  if (choices.chance(0.05)) return choices.pick([undefined, 7, null, "", "!?"]);
  const words = choices.list(choices.chance(0.05) ? 120 : 9, () => choices.pick(vocabulary));
  return words.join(choices.pick([" ", ", ", "\n", "—"]));
}

function randomNote(choices: Choices): Record<string, Value | undefined> {
  return {
    body: randomText(choices),
    channel: choices.pick(channels),
    flag: choices.chance(0.5),
    other: choices.below(3),
  };
}

function randomFilters(choices: Choices): Filters {
  return choices.list(choices.chance(0.5) ? 1 : 4, () =>
    choices.chance(0.5)
      ? (["channel", choices.pick(channels)] as const)
      : (["flag", choices.chance(0.5)] as const),
  );
}

function writeSomething(choices: Choices, tx: Transaction, world: SearchDatabase): void {
  const ids = allNotes(tx).map(({ _id }) => _id);
  const kind = choices.below(6);
  if (kind < 3 || ids.length === 0) tx.insert(world.notes, randomNote(choices));
  else if (kind === 3) tx.remove(world.notes, choices.pick(ids));
  else if (kind === 4) tx.replace(world.notes, choices.pick(ids), randomNote(choices));
  else {
    const { body, channel, other } = randomNote(choices);
    tx.patch(world.notes, choices.pick(ids), choices.pick([{ body }, { channel }, { other }]));
  }
}

function randomSearch(choices: Choices): readonly [text: string, filters: Filters] {
  const words = choices.list(choices.chance(0.1) ? 25 : 4, () => choices.pick(vocabulary));
  const text = words.join(" ");
  return [choices.chance(0.3) ? text.slice(0, -1) : text, randomFilters(choices)];
}

/** Searches the way the engine does and the naive way, and expects the same documents in order. */
function compare(tx: Transaction, text: string, filters: Filters): number {
  const found = search(tx, text, filters);
  const expected = naiveSearch(allNotes(tx), { field: "body", text, filters });
  expect(idsOf(found)).toEqual(idsOf(expected.map(({ document }) => document)));
  return found.length;
}

function idsOf(documents: readonly Document[]): string[] {
  return documents.map(({ _id }) => _id);
}

function compareOn(world: SearchDatabase, snapshot: Snapshot, choices: Choices): number {
  const tx = world.database.begin(undefined, world.database.share(snapshot));
  const found = compare(tx, ...randomSearch(choices));
  tx.close();
  return found;
}

describe("text search", () => {
  it("[SRCH1][SRCH2][SRCH3] finds and ranks like a naive BM25 over random texts", async () => {
    let found = 0;
    await forEachSeed(seeds("relevance", 12), (choices, seed) => {
      const world = openSearchDatabase(seed);
      const count = 1 + choices.below(150);
      commit(world, (tx) => {
        for (let i = 0; i < count; i++) tx.insert(world.notes, randomNote(choices));
      });
      const tx = world.database.begin();
      for (let i = 0; i < 30; i++) found += compare(tx, ...randomSearch(choices));
      tx.close();
    });
    expect(found).toBeGreaterThan(3000);
  });

  it("[SRCH8][SRCH9][SRCH16] sees what its transaction sees: own writes, rollbacks, old snapshots, forks", async () => {
    let found = 0;
    await forEachSeed(seeds("transactional", 25), (choices, seed) => {
      let world = openSearchDatabase(seed);
      const held: { readonly world: SearchDatabase; readonly snapshot: Snapshot }[] = [];
      for (let step = 0; step < 25; step++) {
        const tx = world.database.begin();
        for (let i = choices.below(6); i > 0; i--) {
          const savepoint = tx.savepoint();
          for (let j = choices.below(4); j > 0; j--) writeSomething(choices, tx, world);
          if (choices.chance(0.4)) found += compare(tx, ...randomSearch(choices));
          if (choices.chance(0.3)) tx.rollbackTo(savepoint);
          if (choices.chance(0.4)) found += compare(tx, ...randomSearch(choices));
        }
        if (choices.chance(0.2)) tx.close();
        else world.committer.commit(tx);
        if (choices.chance(0.3)) held.push({ world, snapshot: world.database.current() });
        for (const each of held) found += compareOn(each.world, each.snapshot, choices);
        if (choices.chance(0.3)) held.shift()?.snapshot.release();
        if (choices.chance(0.15)) {
          const origin = world;
          world = forkSearchDatabase(origin, `${seed} ${step}`);
          commit(origin, (again) => writeSomething(choices, again, origin));
          origin.database.checkInvariants();
        }
      }
      world.database.checkInvariants();
    });
    expect(found).toBeGreaterThan(3000);
  });

  it("[SRCH16] is the same after a load as after writing one by one", async () => {
    await forEachSeed(seeds("load", 6), (choices, seed) => {
      const world = openSearchDatabase(seed);
      commit(world, (tx) => {
        for (let i = 0; i < 80; i++) tx.insert(world.notes, randomNote(choices));
        for (let i = 0; i < 20; i++) writeSomething(choices, tx, world);
      });
      const tx = world.database.begin();
      const loaded = openSearchDatabase(`${seed} loaded`);
      loaded.database.load(loaded.notes, allNotes(tx));
      loaded.database.checkInvariants();
      const other = loaded.database.begin();
      for (let i = 0; i < 20; i++) {
        const query = randomSearch(choices);
        expect(idsOf(search(other, ...query))).toEqual(idsOf(search(tx, ...query)));
      }
      commit(loaded, (later) => {
        for (let i = 0; i < 40; i++) writeSomething(choices, later, loaded);
      });
      loaded.database.checkInvariants();
    });
  });

  it("[SRCH16] keeps its books across more documents than a block holds", () => {
    const world = openSearchDatabase("blocks");
    const note = (i: number) => ({
      body: `every ${i % 2 ? "odd" : "even"} n${i % 1000}`,
      flag: true,
    });
    const ids = commit(world, (tx) =>
      Array.from({ length: 9000 }, (_, i) => tx.insert(world.notes, note(i))),
    );
    const snapshot = world.database.current();
    commit(world, (tx) => {
      for (const [i, id] of ids.entries()) if (i % 3 === 0) tx.remove(world.notes, id);
    });
    world.database.checkInvariants();
    const old = world.database.begin(undefined, snapshot);
    const now = world.database.begin();
    // "n7" and the first 63 of the words that it begins.
    expect(search(old, "n7")).toHaveLength(64 * 9);
    expect(search(now, "n7")).toHaveLength(64 * 6);
    expect(search(now, "n7", [], 1)[0]?._id).toBe(ids[7007]);
    commit(world, (tx) => {
      for (let i = 0; i < 4000; i++) tx.insert(world.notes, note(i));
    });
    world.database.checkInvariants();
  });
});

describe("relevance on a real text", () => {
  const world = openSearchDatabase("corpus");
  commit(world, (tx) => {
    for (const body of corpus) tx.insert(world.notes, { body });
  });
  const tx = world.database.begin();
  const first = (text: string, count = 1) =>
    search(tx, text, [], count).map(({ body }) => (body as string).slice(0, 20));

  it("[SRCH2] agrees with the naive ranking for every word of it", () => {
    for (const text of new Set(corpus.join(" ").split(/[^\p{L}]+/u))) compare(tx, text, []);
    for (const text of corpus) compare(tx, text, []);
  });

  it("[SRCH2] puts rare words, repetitions and short texts first", () => {
    expect(first("the walrus ")).toEqual(["The time has come, t"]);
    expect(first("a horse ")).toEqual(["A horse! a horse! my"]);
    expect(first("alice", 3)).toEqual([
      "Curiouser and curiou",
      "And what is the use ",
      "Alice was beginning ",
    ]);
    expect(first("mad", 2)).toEqual(["We're all mad here. ", "True! nervous, very,"]);
    expect(first("winter of despair")).toEqual(["It was the season of"]);
    expect(first("vanity")).toEqual(["Vanity of vanities, "]);
  });

  it("[SRCH1] finds a line by each of its own words", () => {
    for (const body of corpus) {
      const longest = body.split(/[^\p{Alphabetic}\p{N}]+/u).sort((a, b) => b.length - a.length)[0];
      expect(search(tx, longest as string).map((each) => each.body)).toContain(body);
    }
  });
});
