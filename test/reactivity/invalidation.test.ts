// Which members a commit touches, against the test that transactions are checked with, one by one.

import { describe, expect, it } from "vitest";
import type { CommitRecord } from "../../src/db/commit-record";
import { findConflict } from "../../src/db/conflict";
import type { Document } from "../../src/db/document";
import { ALL_KEYS } from "../../src/db/key-range";
import type { Reads, SearchProbe, SearchRead } from "../../src/db/read-set";
import type { TablePlan } from "../../src/db/table-plan";
import type { Transaction } from "../../src/db/transaction";
import { Invalidation, type Registration } from "../../src/reactivity/invalidation";
import { openDatabase } from "../db/open-database";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { prefixOf } from "./reactive-store";

const letters = ["x", "y", "yy", "z"];

type World = ReturnType<typeof openDatabase> & { readonly ids: string[] };

/** A search for the value of `a`; odd values are looked for in another bucket than even ones. */
function searchFor(items: TablePlan, wanted: number): SearchRead {
  let probe = probes.get(items);
  if (probe === undefined) {
    probe = {
      table: items,
      bucketOf: ({ a }) => (a === 0 ? undefined : String((a as number) % 2)),
      keysOf: ({ a }) => ["any", String(a)],
    };
    probes.set(items, probe);
  }
  const matches = ({ a }: Document) => wanted !== 0 && a === wanted;
  return {
    table: items,
    matches,
    probe,
    bucket: String(wanted % 2),
    keys: new Set([String(wanted)]),
  };
}

const probes = new WeakMap<TablePlan, SearchProbe>();

function readSomething(choices: Choices, { items, ids }: World, tx: Transaction): void {
  const kind = choices.below(5);
  if (kind === 0 && ids.length > 0) tx.get(items, choices.pick(ids));
  else if (kind === 1) tx.table("", choices.pick(["later", "never"]));
  else if (kind === 2) {
    const wanted = choices.below(6);
    tx.recordSearch(searchFor(items, wanted));
  } else {
    const index = choices.pick(items.ordered);
    const prefix =
      index.name === "by_b_a" && choices.chance(0.7) ? prefixOf(choices.pick(letters)) : "";
    const isWhole = choices.chance(0.5);
    const bounds = prefix === "" ? ALL_KEYS : { lower: prefix, upper: `${prefix}\xff` };
    const edge = prefix + prefixOf(choices.below(6));
    tx.consume(index, bounds, prefix, choices.chance(0.5), isWhole ? undefined : edge);
  }
}

function writeSomething(choices: Choices, { items, ids }: World, tx: Transaction): void {
  const kind = choices.below(4);
  const fields = { a: choices.below(6), b: choices.pick(letters) };
  if (kind === 0 || ids.length === 0) ids.push(tx.insert(items, fields));
  else if (kind === 1) tx.patch(items, choices.pick(ids), { a: fields.a });
  else if (kind === 2) tx.replace(items, choices.pick(ids), fields);
  else tx.remove(items, ids.splice(choices.below(ids.length), 1)[0] as string);
  if (choices.chance(0.05)) tx.insert(tx.tableForWrite("", "later"), {});
}

describe("invalidation", () => {
  it("[IVL4] touches exactly those whose reads conflict with the commit", async () => {
    await forEachSeed(seeds("touched", 40), (choices, seed) => {
      const world: World = { ...openDatabase(seed), ids: [] };
      const { database, commit } = world;
      const invalidation = new Invalidation<number>();
      const members = new Map<number, { reads: Reads; registration: Registration<number> }>();
      const records: CommitRecord[] = [];
      database.onCommit((record) => records.push(record));
      for (let step = 0; step < 80; step++) {
        const tx = database.begin();
        const count = 1 + choices.below(4);
        for (let i = 0; i < count; i++) readSomething(choices, world, tx);
        tx.close();
        members.set(step, { reads: tx.reads, registration: invalidation.add(step, tx.reads) });
        if (choices.chance(0.3)) {
          const gone = choices.pick([...members.keys()]);
          invalidation.remove(members.get(gone)!.registration);
          members.delete(gone);
        }
        invalidation.checkInvariants();
        commit((tx) => {
          const count = 1 + choices.below(3);
          for (let i = 0; i < count; i++) writeSomething(choices, world, tx);
        });
        const record = records.at(-1)!;
        const expected = [...members].filter(([, { reads }]) => findConflict(reads, [record]));
        const touched = [...invalidation.touched(record)].sort((a, b) => a - b);
        expect(touched).toEqual(expected.map(([member]) => member));
      }
      for (const { registration } of members.values()) invalidation.remove(registration);
      expect(invalidation.isEmpty).toBe(true);
    });
  });

  it("[IVL5] looks at nobody whom the commit leaves alone", () => {
    const { database, items, commit } = openDatabase("untouched");
    const invalidation = new Invalidation<string>();
    let keysBuilt = 0;
    const tx = database.begin();
    tx.consume(items.ordered[1]!, ALL_KEYS, "", false, undefined);
    invalidation.add("reads by_a", tx.reads);
    tx.close();
    database.onCommit((record) => {
      for (const change of record.changes) {
        const keyAfter = change.keyAfter.bind(change);
        change.keyAfter = (index) => {
          keysBuilt += 1;
          return keyAfter(index);
        };
      }
      expect([...invalidation.touched(record)]).toEqual(["reads by_a"]);
    });
    commit((tx) => tx.insert(items, { a: 1 }));
    // One index of three is read by somebody: one key.
    expect(keysBuilt).toBe(1);
  });
});
