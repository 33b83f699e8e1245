// The versioned store against a naive model: random commits, snapshots held for random times, forks
// of forks. Every held snapshot must go on showing exactly what it showed, in every order and range.

import { describe, expect, it } from "vitest";
import type { Document } from "../../src/db/document";
import { ALL_KEYS, type KeyRange } from "../../src/db/key-range";
import type { Snapshot } from "../../src/db/live-snapshots";
import type { Rows } from "../../src/db/table-store";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { forkDatabase, type OpenDatabase, openDatabase } from "./open-database";

/** What a snapshot must show, told independently of the store. */
type Model = ReadonlyMap<string, Document>;

interface World {
  readonly open: OpenDatabase;
  model: Map<string, Document>;
  readonly held: { readonly snapshot: Snapshot; readonly model: Model }[];
}

function checkAgainst(model: Model, { database, items }: OpenDatabase, snapshot: Snapshot): void {
  const tx = database.begin(undefined, database.share(snapshot));
  for (const index of [items.byId, ...items.ordered]) {
    const expected = [...model.values()].sort((a, b) => compareKeyOf(index.fields, a, b));
    for (const reversed of [false, true]) {
      const rows: Rows = { keys: [], versions: [] };
      expect(tx.scan(index, ALL_KEYS, reversed, 1_000_000, rows)).toBe(true);
      const found = rows.versions.map(({ document }) => document);
      expect(found).toEqual(reversed ? [...expected].reverse() : expected);
    }
  }
  for (const [id, document] of model) expect(tx.get(items, id)?.document).toEqual(document);
  tx.close();
}

function compareKeyOf(fields: readonly string[], a: Document, b: Document): number {
  for (const field of fields) {
    const order = compareValues(a[field] as Value | undefined, b[field] as Value | undefined);
    if (order !== 0) return order;
  }
  return 0;
}

function randomFields(choices: Choices): Record<string, Value> {
  const fields: Record<string, Value> = { a: choices.below(5) };
  if (choices.chance(0.7)) fields["b"] = choices.pick<Value>(["x", "yy", "", 1, -1, null, "é😀"]);
  if (choices.chance(0.3)) fields["tags"] = choices.list(4, () => choices.pick(["t", "u"]));
  return fields;
}

function step(world: World, choices: Choices): void {
  const { open } = world;
  const next = new Map(world.model);
  open.commit((tx) => {
    for (let i = choices.below(4); i >= 0; i--) {
      const ids = [...next.keys()];
      const id = ids.length === 0 ? undefined : choices.pick(ids);
      const action = choices.below(10);
      if (id === undefined || action < 4) {
        const added = tx.insert(open.items, randomFields(choices));
        next.set(added, tx.get(open.items, added)?.document as Document);
      } else if (action < 7) {
        tx.replace(open.items, id, randomFields(choices));
        next.set(id, tx.get(open.items, id)?.document as Document);
      } else if (action < 9) {
        tx.remove(open.items, id);
        next.delete(id);
      } else {
        tx.patch(open.items, id, { tags: ["patched"] });
        next.set(id, tx.get(open.items, id)?.document as Document);
      }
    }
  });
  world.model = next;
}

function hold(world: World): void {
  world.held.push({ snapshot: world.open.database.current(), model: new Map(world.model) });
}

function letGo(world: World, choices: Choices): void {
  const [released] = world.held.splice(choices.below(world.held.length), 1);
  released?.snapshot.release();
}

describe("the versioned store", () => {
  it("[STO1] shows every held snapshot what it showed when it was taken", async () => {
    await forEachSeed(seeds("store", 60), (choices, seed) => {
      const worlds: World[] = [{ open: openDatabase(seed), model: new Map(), held: [] }];
      for (let i = 0; i < 40; i++) {
        const world = choices.pick(worlds);
        step(world, choices);
        if (choices.chance(0.3)) hold(world);
        if (choices.chance(0.2) && world.held.length > 0) letGo(world, choices);
        if (choices.chance(0.1) && worlds.length < 5) {
          const open = forkDatabase(world.open, `${seed}-${i}`);
          worlds.push({ open, model: new Map(world.model), held: [] });
        }
        world.open.database.checkInvariants();
      }
      for (const world of worlds) {
        hold(world);
        for (const { model, snapshot } of world.held) checkAgainst(model, world.open, snapshot);
      }
    });
  });

  it("[STO2] reads any part of an index from either end, own writes included", async () => {
    await forEachSeed(seeds("range", 60), (choices, seed) => {
      const world: World = { open: openDatabase(seed), model: new Map(), held: [] };
      for (let i = 0; i < 15; i++) step(world, choices);
      const { database, items, committer } = world.open;
      const tx = database.begin();
      for (const id of [...world.model.keys()].slice(0, 5)) {
        if (choices.chance(0.5)) tx.remove(items, id);
        else tx.replace(items, id, randomFields(choices));
        const document = tx.get(items, id)?.document;
        if (document === undefined) world.model.delete(id);
        else world.model.set(id, document);
      }
      const added = tx.insert(items, randomFields(choices));
      world.model.set(added, tx.get(items, added)?.document as Document);
      for (const index of [items.byId, ...items.ordered]) {
        const keys = [...world.model.values()].map((document) => index.keyOf(document)).sort();
        for (let i = 0; i < 10; i++) {
          const [lower, upper] = [choices.pick(keys), choices.pick(keys)].sort() as [
            string,
            string,
          ];
          const range: KeyRange = { lower, upper };
          const inside = keys.filter((key) => key >= lower && key < upper);
          const limit = choices.below(6) + 1;
          const reversed = choices.chance(0.5);
          const rows: Rows = { keys: [], versions: [] };
          const sawEnd = tx.scan(index, range, reversed, limit, rows);
          const wanted = (reversed ? inside.reverse() : inside).slice(0, limit);
          expect(rows.keys).toEqual(wanted);
          expect(rows.versions.map(({ document }) => index.keyOf(document))).toEqual(wanted);
          if (sawEnd) expect(wanted.length).toBe(inside.length);
          if (inside.length > limit) expect(sawEnd).toBe(false);
        }
      }
      committer.commit(tx);
      database.checkInvariants();
    });
  });

  it("[STO4] never changes a version that a reader holds", () => {
    const open = openDatabase("held");
    const id = open.commit((tx) => tx.insert(open.items, { a: 0 }));
    const tx = open.database.begin();
    const held = tx.get(open.items, id);
    const rows: Rows = { keys: [], versions: [] };
    tx.scan(open.items.byCreationTime, ALL_KEYS, false, 10, rows);
    const changes: unknown[] = [];
    open.database.onCommit((record) => changes.push(...record.changes));
    open.commit((other) => other.patch(open.items, id, { a: 1 }));
    expect(held?.document["a"]).toBe(0);
    expect(rows.versions[0]?.document["a"]).toBe(0);
    expect(changes).toMatchObject([{ before: { a: 0 }, after: { a: 1 } }]);
    tx.close();
  });

  it("[STO3] keeps no past versions once nobody reads them", () => {
    const open = openDatabase("past");
    const id = open.commit((tx) => tx.insert(open.items, { a: 0 }));
    const snapshot = open.database.current();
    for (let a = 1; a <= 100; a++) open.commit((tx) => tx.patch(open.items, id, { a }));
    const store = open.database.storeOf(open.items);
    expect(store?.hasPast).toBe(true);
    expect(store?.get(id, snapshot.ts.seq)?.document["a"]).toBe(0);
    snapshot.release();
    expect(store?.hasPast).toBe(false);
    expect(store?.get(id, snapshot.ts.seq)).toBeUndefined();
    expect(store?.get(id, open.database.latest.seq)?.document["a"]).toBe(100);
  });
});
