// Read sets: exactly the keys that were consumed. What a write does to them is checked against a
// model that compares values, not keys.

import { describe, expect, it } from "vitest";
import { findConflict } from "../../src/db/conflict";
import type { Document } from "../../src/db/document";
import { encodeKeyPart } from "../../src/db/index-key";
import type { IndexPlan } from "../../src/db/index-plan";
import { type KeyRange, mergeRanges } from "../../src/db/key-range";
import { ReadRange, ReadSet } from "../../src/db/read-set";
import type { Transaction } from "../../src/db/transaction";
import { must } from "../../src/shared/assert";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { type OpenDatabase, openDatabase } from "./open-database";
import { queryOn } from "./query-on";

describe("a read range", () => {
  const bounds = { lower: "b", upper: "m" };

  it("[RDS1] grows from the end it is read from, and is whole at last", () => {
    const range = new ReadRange(bounds, "", false, "c");
    expect([range.lower, range.upper]).toEqual(["b", "c\xff"]);
    range.extendTo("e");
    expect([range.lower, range.upper]).toEqual(["b", "e\xff"]);
    range.extendTo(undefined);
    expect([range.lower, range.upper]).toEqual(["b", "m"]);
  });

  it("[RDS1] grows downwards when it is read backwards", () => {
    const range = new ReadRange(bounds, "", true, "k");
    expect([range.lower, range.upper]).toEqual(["k", "m"]);
    range.extendTo("c");
    expect([range.lower, range.upper]).toEqual(["c", "m"]);
    range.extendTo(undefined);
    expect([range.lower, range.upper]).toEqual(["b", "m"]);
  });
});

describe("intervals", () => {
  const letter = (at: number) => String.fromCharCode(97 + at);

  it("[RDS2] merge to the disjoint ones, as many as cells say", async () => {
    await forEachSeed(seeds("merge", 50), (choices) => {
      const cells = new Array<boolean>(26).fill(false);
      const ranges: KeyRange[] = [];
      for (let i = choices.below(8); i > 0; i--) {
        const [lower, upper] = [choices.below(26), choices.below(26)];
        ranges.push({ lower: letter(lower), upper: letter(upper) });
        for (let cell = lower; cell < upper; cell++) cells[cell] = true;
      }
      const merged = mergeRanges(ranges);
      const starts = cells.filter((cell, at) => cell && !cells[at - 1]).length;
      expect(merged.length).toBe(starts);
      for (let cell = 0; cell < 26; cell++) {
        const isIn = merged.some(
          (range) => letter(cell) >= range.lower && letter(cell) < range.upper,
        );
        expect(isIn).toBe(cells[cell]);
      }
    });
  });

  it("[RDS3] are counted over all indexes, points under a scan by id once", () => {
    const open = openDatabase("count");
    const { items, anything } = open;
    const ids = open.commit((tx) => [1, 2, 3].map((a) => tx.insert(items, { a }))).sort();
    const [first, second, third] = ids as [string, string, string];
    const reads = new ReadSet();
    for (const id of [...ids, first]) reads.addPoint(id);
    expect(reads.intervalCount()).toBe(3);
    const addRange = (index: IndexPlan, lower: string, upper: string) =>
      reads.addRange(index, new ReadRange({ lower, upper }, "", false, undefined));
    addRange(must(items.indexes.get("by_a")), "a", "c");
    addRange(must(items.indexes.get("by_a")), "c", "d");
    addRange(must(items.indexes.get("by_b_a")), "a", "c");
    expect(reads.intervalCount()).toBe(5);
    addRange(items.byId, encodeKeyPart(second), encodeKeyPart(third));
    expect(reads.intervalCount()).toBe(5);
    addRange(anything.byId, "", "\xff");
    expect(reads.intervalCount()).toBe(6);
    expect(reads.hasMoreIntervalsThan(5)).toBe(true);
    expect(reads.hasMoreIntervalsThan(6)).toBe(false);
  });
});

describe("what a query records", () => {
  it("[RDS4] conflicts with a write inside of what it consumed, and with no other", async () => {
    let [inside, outside] = [0, 0];
    await forEachSeed(seeds("consumed", 150), async (choices, seed) => {
      const open = openDatabase(seed);
      open.commit((tx) => {
        for (let i = choices.below(12); i > 0; i--) tx.insert(open.anything, randomFields(choices));
      });
      const tx = open.database.begin();
      const written = writeSomething(tx, open, choices);
      const rows = rowsOf(tx, open);
      const read = randomRead(choices, open);
      await perform(tx, read);
      const consumed = consumedBy(read, rows);
      for (const change of foreignWrites(open, choices)) {
        const expected =
          change.documents.some((document) => isConsumed(document, read, consumed)) ||
          written.has(change.documents[0]?._id ?? "");
        const found = findConflict(tx.reads, [change.record]) !== undefined;
        expect(found, `${JSON.stringify(read.told)} against ${change.told}`).toBe(expected);
        if (expected) inside += 1;
        else outside += 1;
      }
      tx.close();
    });
    expect(Math.min(inside, outside)).toBeGreaterThan(200);
  });

  it("[RDS5] of a missing document or table is its absence", async () => {
    const open = openDatabase("absence");
    const { database, anything, items } = open;
    const id = open.commit((tx) => tx.insert(anything, {}));
    open.commit((tx) => tx.remove(anything, id));
    const tx = database.begin();
    expect(tx.get(anything, id)).toBeUndefined();
    expect([...tx.reads.points]).toEqual([id]);
    await queryOn(tx, "nowhere").collect();
    expect(tx.reads.ranges.size).toBe(0);
    expect([...tx.reads.missingTables]).toEqual(["\0nowhere"]);
    open.commit((other) => other.insert(items, { a: 1 }));
    expect(findConflict(tx.reads, database.decidedSince(tx.snapshot.ts.seq))).toBeUndefined();
    open.commit((other) => other.insert(other.tableForWrite("", "nowhere"), {}));
    const conflict = findConflict(tx.reads, database.decidedSince(tx.snapshot.ts.seq));
    expect(conflict).toMatchObject({ table: { name: "nowhere" } });
    tx.close();
  });

  it("[RDS5] of an id whose table does not exist yet is that id", () => {
    const open = openDatabase("early");
    const maker = open.database.begin();
    const id = maker.insert(maker.tableForWrite("", "later"), {});
    const tx = open.database.begin();
    expect(tx.tableOfId("", id)).toBeUndefined();
    open.committer.commit(maker);
    expect(findConflict(tx.reads, open.database.decidedSince(tx.snapshot.ts.seq))).toBeDefined();
    expect(tx.tableOfId("", id)).toBeUndefined();
    tx.close();
  });

  it("[RDS6] is nothing for a query that pulls no row", async () => {
    const open = openDatabase("nothing");
    open.commit((tx) => tx.insert(open.anything, {}));
    const tx = open.database.begin();
    expect(await queryOn(tx, "anything").take(0)).toEqual([]);
    queryOn(tx, "anything")
      .order("desc")
      .filter((() => true) as never);
    queryOn(tx, "anything")[Symbol.asyncIterator]();
    expect(tx.reads.intervalCount()).toBe(0);
    tx.close();
  });

  it("[RDS7] is what a failing filter read before it failed", async () => {
    const open = openDatabase("failing");
    open.commit((tx) => {
      for (const x of [true, true, 1, true]) tx.insert(open.anything, { x });
    });
    const tx = open.database.begin();
    const query = queryOn(tx, "anything").filter(((q: { field(path: string): unknown }) =>
      q.field("x")) as never);
    await expect(query.collect()).rejects.toThrow("as a Boolean");
    const [range] = must(tx.reads.ranges.get(open.anything.byCreationTime));
    expect(tx.usage.used.documentsRead).toBe(3);
    open.commit((other) => other.insert(open.anything, { x: true }));
    expect(findConflict(tx.reads, open.database.decidedSince(tx.snapshot.ts.seq))).toBeUndefined();
    expect(must(range).lower).toBe("");
    tx.close();
  });
});

const VALUES: readonly Value[] = [null, 1, 2, 3, "x", "y", [1]];

function randomFields(choices: Choices): Record<string, Value> {
  const fields: Record<string, Value> = {};
  if (choices.chance(0.9)) fields["x"] = choices.pick(VALUES);
  if (choices.chance(0.8)) fields["y"] = choices.pick(VALUES);
  return fields;
}

/** Writes of the reading transaction itself; answers the ids it read for that. */
function writeSomething(
  tx: Transaction,
  { anything }: OpenDatabase,
  choices: Choices,
): Set<string> {
  const ids = rowsOf(tx, { anything } as OpenDatabase).map(({ _id }) => _id);
  const touched = new Set<string>();
  for (let i = choices.below(4); i > 0; i--) {
    const id = choices.pick(ids);
    if (id === undefined || choices.chance(0.5)) tx.insert(anything, randomFields(choices));
    else if (!touched.has(id)) {
      touched.add(id);
      if (choices.chance(0.5)) tx.remove(anything, id);
      else tx.replace(anything, id, randomFields(choices));
    }
  }
  return touched;
}

/** All rows the transaction sees, without recording that. */
function rowsOf(tx: Transaction, { anything }: OpenDatabase): Document[] {
  const rows = { keys: [], versions: [] as { document: Document }[] };
  tx.scan(anything.byCreationTime, { lower: "", upper: "\xff" }, false, 1e6, rows as never);
  return rows.versions.map(({ document }) => document);
}

interface RandomRead {
  readonly index: IndexPlan;
  readonly bounds: readonly {
    readonly type: string;
    readonly field: string;
    readonly value: Value;
  }[];
  readonly reversed: boolean;
  /** Keeps rows whose x is not below this. */
  readonly filter: Value | undefined;
  readonly mode: "collect" | "take" | "first" | "unique" | "loop" | "page";
  readonly limit: number;
  readonly told: unknown;
}

function randomRead(choices: Choices, { anything }: OpenDatabase): RandomRead {
  const index = choices.pick([must(anything.indexes.get("by_x_y")), anything.byCreationTime]);
  const bounds: RandomRead["bounds"][number][] = [];
  if (index !== anything.byCreationTime) {
    const field = choices.chance(0.4) ? "y" : "x";
    if (field === "y") bounds.push({ type: "eq", field: "x", value: choices.pick(VALUES) });
    const bound = (type: string) => bounds.push({ type, field, value: choices.pick(VALUES) });
    if (choices.chance(0.5)) bound(choices.pick(["gt", "gte"]));
    if (choices.chance(0.5)) bound(choices.pick(["lt", "lte"]));
  }
  const rest = {
    bounds,
    reversed: choices.chance(0.5),
    filter: choices.chance(0.3) ? choices.pick(VALUES) : undefined,
    mode: choices.pick(["collect", "take", "first", "unique", "loop", "page"] as const),
    limit: 1 + choices.below(4),
  };
  return { index, ...rest, told: { ...rest, index: index.name } };
}

async function perform(tx: Transaction, read: RandomRead): Promise<void> {
  type Chain = Record<string, (field: string, value: Value) => Chain>;
  const query = queryOn(tx, "anything")
    .withIndex(read.index.name, ((q: Chain) =>
      read.bounds.reduce(
        (chain, { type, field, value }) => chain[type]!(field, value),
        q,
      )) as never)
    .order(read.reversed ? "desc" : "asc");
  const { filter, limit } = read;
  type Builder = { gte(a: unknown, b: unknown): unknown; field(path: string): unknown };
  const filtered =
    filter === undefined
      ? query
      : query.filter(((q: Builder) => q.gte(q.field("x"), filter)) as never);
  if (read.mode === "collect") await filtered.collect();
  if (read.mode === "take") await filtered.take(limit);
  if (read.mode === "first") await filtered.first();
  if (read.mode === "unique") await filtered.unique().catch(() => {});
  if (read.mode === "page") await filtered.paginate({ numItems: limit, cursor: null });
  if (read.mode !== "loop") return;
  let seen = 0;
  for await (const _row of filtered) {
    seen += 1;
    if (seen === limit) break;
  }
}

/** The last row pulled; "all" when the end was seen. */
function consumedBy(read: RandomRead, rows: readonly Document[]): Document | "all" {
  const inRange = rows.filter((row) => isInBounds(row, read)).sort((a, b) => order(read, a, b));
  const limits = { collect: Number.POSITIVE_INFINITY, first: 1, unique: 2 };
  let wanted = read.mode in limits ? limits[read.mode as "first"] : read.limit;
  for (const row of inRange) {
    const passes = read.filter === undefined || compareValues(row["x"], read.filter) >= 0;
    if (passes) wanted -= 1;
    if (wanted === 0) return row;
  }
  return "all";
}

function isConsumed(document: Document, read: RandomRead, last: Document | "all"): boolean {
  if (!isInBounds(document, read)) return false;
  return last === "all" || order(read, document, last) <= 0;
}

function isInBounds(row: Document, { bounds }: RandomRead): boolean {
  return bounds.every(({ type, field, value }) => {
    const order = compareValues(row[field], value);
    const tests = {
      eq: order === 0,
      gt: order > 0,
      gte: order >= 0,
      lt: order < 0,
      lte: order <= 0,
    };
    return tests[type as "eq"];
  });
}

function order({ index, reversed }: RandomRead, a: Document, b: Document): number {
  for (const field of index.fields) {
    const difference = compareValues(a[field], b[field]);
    if (difference !== 0) return reversed ? -difference : difference;
  }
  return 0;
}

/** Commits of others, one document each, with the document before and after. */
function foreignWrites(open: OpenDatabase, choices: Choices) {
  const { anything, database } = open;
  return Array.from({ length: 6 }, () => {
    const before = database.latest.seq;
    open.commit((tx) => {
      const ids = rowsOf(tx, open).map(({ _id }) => _id);
      const id = choices.pick(ids);
      if (id === undefined || choices.chance(0.4)) tx.insert(anything, randomFields(choices));
      else if (choices.chance(0.5)) tx.remove(anything, id);
      else tx.patch(anything, id, { touched: before, ...randomFields(choices) });
    });
    const record = must(database.decidedSince(before)[0]);
    const [change] = record.changes;
    const documents = [change?.before, change?.after].filter((each) => each !== undefined);
    return { record, documents, told: JSON.stringify(documents) };
  });
}
