// The conflict test against one that compares everything with everything.

import { describe, expect, it } from "vitest";
import { type CommitRecord, DocumentChange } from "../../src/db/commit-record";
import { findConflict } from "../../src/db/conflict";
import type { Document, DocumentVersion } from "../../src/db/document";
import { encodeKeyPart } from "../../src/db/index-key";
import { ReadRange, ReadSet, tableKey } from "../../src/db/read-set";
import { TablePlan } from "../../src/db/table-plan";
import { Timestamp } from "../../src/db/timestamp";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

const NO_INDEXES = {
  stagedDbIndexes: [],
  searchIndexes: [],
  stagedSearchIndexes: [],
  vectorIndexes: [],
  stagedVectorIndexes: [],
  documentType: { type: "any" },
} as const;

function table(name: string, number: number): TablePlan {
  const indexes = [{ indexDescriptor: "by_x", fields: ["x"] }];
  const definition = { ...NO_INDEXES, tableName: name, indexes };
  return new TablePlan({
    component: "",
    name,
    number,
    visibility: "user",
    createdSeq: 0,
    definition,
  });
}

const tables = [table("one", 10_001), table("two", 10_002)];

function version(document: Document | undefined): DocumentVersion | undefined {
  return document && { document, size: 0, nested: [] };
}

function randomDocument(choices: Choices, _id: string): Document | undefined {
  if (choices.chance(0.3)) return undefined;
  return { _id, _creationTime: choices.below(3), x: choices.below(6) } as Document;
}

function randomChange(choices: Choices): DocumentChange {
  const id = `id${choices.below(6)}`;
  const before = randomDocument(choices, id);
  const after = randomDocument(choices, id);
  return new DocumentChange(choices.pick(tables), id, version(before), version(after));
}

function randomRecord(choices: Choices, seq: number): CommitRecord {
  return {
    ts: new Timestamp(seq, 0, 0),
    changes: choices.list(3, () => randomChange(choices)),
    createdTables: choices.chance(0.15) ? [choices.pick(tables)] : [],
  };
}

function randomReads(choices: Choices): ReadSet {
  const reads = new ReadSet();
  for (let i = choices.below(2); i > 0; i--) reads.addPoint(`id${choices.below(6)}`);
  for (let i = choices.below(3); i > 0; i--) {
    const plan = choices.pick(tables);
    const index = choices.pick([plan.byId, ...plan.ordered]);
    const value = (): Value => (index === plan.byId ? `id${choices.below(6)}` : choices.below(6));
    const [lower, upper] = [encodeKeyPart(value()), encodeKeyPart(value())].sort() as [
      string,
      string,
    ];
    reads.addRange(index, new ReadRange({ lower, upper }, "", choices.chance(0.5), undefined));
  }
  if (choices.chance(0.2)) reads.addMissingTable(tableKey("", choices.pick(tables).name));
  return reads;
}

/** The first conflict, told by its commit, its table and its document. */
function bruteForce(reads: ReadSet, records: readonly CommitRecord[]): unknown {
  for (const record of records) {
    for (const created of record.createdTables) {
      if (reads.missingTables.has(`\0${created.name}`)) return [record, created, undefined];
    }
    for (const change of record.changes) {
      if (isRead(reads, change)) return [record, change.table, change.id];
    }
  }
  return undefined;
}

function isRead(reads: ReadSet, { table, id, before, after }: DocumentChange): boolean {
  if (reads.points.has(id)) return true;
  const documents = [before, after].filter((document) => document !== undefined);
  for (const [index, ranges] of reads.ranges) {
    if (index.table !== table) continue;
    for (const document of documents) {
      const key = index.keyOf(document);
      if (ranges.some(({ lower, upper }) => key >= lower && key < upper)) return true;
    }
  }
  return false;
}

describe("the first conflict", () => {
  it("[CNF1] is the one that comparing everything finds", async () => {
    let found = 0;
    await forEachSeed(seeds("conflict", 40), (choices) => {
      for (let i = 0; i < 60; i++) {
        const records = choices.list(4, () => randomRecord(choices, i));
        const reads = randomReads(choices);
        const conflict = findConflict(reads, records);
        const told = conflict && [conflict.record, conflict.table, conflict.documentId];
        expect(told).toEqual(bruteForce(reads, records));
        if (conflict !== undefined) found += 1;
      }
    });
    expect(found).toBeGreaterThan(400);
  });

  it("[CNF2] needs no key where nobody read the index", () => {
    const change = new DocumentChange(
      tables[0] as TablePlan,
      "id",
      version({} as Document),
      undefined,
    );
    change.keyBefore = () => {
      throw new Error("a key was computed");
    };
    const record = { ts: new Timestamp(1, 0, 0), changes: [change], createdTables: [] };
    const reads = new ReadSet();
    expect(findConflict(reads, [record])).toBeUndefined();
    const other = tables[1] as TablePlan;
    reads.addRange(other.byId, new ReadRange({ lower: "", upper: "\xff" }, "", false, undefined));
    expect(findConflict(reads, [record])).toBeUndefined();
  });
});
