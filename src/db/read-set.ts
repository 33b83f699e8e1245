/**
 * What a transaction has read, exactly: the keys and key intervals it consumed and no more (law 2).
 * Filled by `Transaction` and `IndexScan` only; compared with commits by `conflict.ts` (may this
 * transaction commit?) and by the reactivity layer (must this query run again?).
 */
import type { Document } from "./document";
import { after, encodeKeyPart } from "./index-key";
import type { IndexPlan } from "./index-plan";
import { isInRange, type KeyRange, mergeRanges } from "./key-range";
import type { TablePlan } from "./table-plan";

/**
 * The part of an index range that a scan has consumed so far. It grows with the scan, row by row,
 * without building a key for each: the consumed end is computed when somebody asks.
 */
export class ReadRange implements KeyRange {
  /** The equality prefix the whole range lies under; "" if none. */
  readonly prefix: string;
  readonly #bounds: KeyRange;
  readonly #reversed: boolean;
  /** The last consumed key; `undefined` once the scan has seen the range's end. */
  #edge: string | undefined;

  constructor(bounds: KeyRange, prefix: string, reversed: boolean, edge: string | undefined) {
    this.#bounds = bounds;
    this.prefix = prefix;
    this.#reversed = reversed;
    this.#edge = edge;
  }

  get lower(): string {
    return this.#reversed && this.#edge !== undefined ? this.#edge : this.#bounds.lower;
  }

  get upper(): string {
    return this.#reversed || this.#edge === undefined ? this.#bounds.upper : after(this.#edge);
  }

  /** The scan has consumed up to and including `edge`; `undefined`: everything. */
  extendTo(edge: string | undefined): void {
    this.#edge = edge;
  }
}

/** What documents are filed under to be found by the searches of one kind. */
export interface SearchProbe {
  readonly table: TablePlan;
  /** The one bucket of searches that can find the document; `undefined` when none can. */
  bucketOf(document: Document): string | undefined;
  /** What a search in that bucket can look for to find the document. */
  keysOf(document: Document): Iterable<string>;
}

/**
 * A text search that was read: a write conflicts with it if the document matches, before or after.
 * So does a document that is in its bucket and has one of its keys, and no other.
 */
export interface SearchRead {
  readonly table: TablePlan;
  matches(document: Document): boolean;
  readonly probe: SearchProbe;
  readonly bucket: string;
  readonly keys: ReadonlySet<string>;
}

/** The part of a set of ids that is needed here. */
export interface Points extends Iterable<string> {
  readonly size: number;
  has(id: string): boolean;
}

/** A read set as others see it. */
export interface Reads {
  /** Ids of documents read one by one, whether they existed or not. */
  readonly points: Points;
  readonly ranges: ReadonlyMap<IndexPlan, readonly (KeyRange & { readonly prefix: string })[]>;
  readonly searches: readonly SearchRead[];
  /** Tables that were asked for and did not exist, as `tableKey` names them. */
  readonly missingTables: ReadonlySet<string>;
}

/** How {@link Reads.missingTables} and commit records name a table. */
export function tableKey(component: string, table: string): string {
  return `${component}\0${table}`;
}

const NONE: ReadonlySet<string> = new Set();
const NO_RANGES: ReadonlyMap<IndexPlan, readonly ReadRange[]> = new Map();
const NO_SEARCHES: readonly SearchRead[] = [];

/** One id: a set of it would take five times the memory, and many are kept by caches. */
class OnePoint implements Points {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get size(): number {
    return 1;
  }

  has(id: string): boolean {
    return id === this.id;
  }

  *[Symbol.iterator](): Iterator<string> {
    yield this.id;
  }
}

/** Most transactions fill only one or two of the parts: each is made when first needed. */
export class ReadSet implements Reads {
  #points: OnePoint | Set<string> | undefined;
  #ranges: Map<IndexPlan, ReadRange[]> | undefined;
  #searches: SearchRead[] | undefined;
  #missingTables: Set<string> | undefined;
  #rangeCount = 0;

  get points(): Points {
    return this.#points ?? NONE;
  }

  get ranges(): ReadonlyMap<IndexPlan, readonly ReadRange[]> {
    return this.#ranges ?? NO_RANGES;
  }

  get searches(): readonly SearchRead[] {
    return this.#searches ?? NO_SEARCHES;
  }

  get missingTables(): ReadonlySet<string> {
    return this.#missingTables ?? NONE;
  }

  addPoint(id: string): void {
    const points = this.#points;
    if (points === undefined) this.#points = new OnePoint(id);
    else if (points instanceof Set) points.add(id);
    else if (points.id !== id) this.#points = new Set([points.id, id]);
  }

  addRange(index: IndexPlan, range: ReadRange): void {
    this.#ranges ??= new Map();
    const ranges = this.#ranges.get(index);
    if (ranges === undefined) this.#ranges.set(index, [range]);
    else ranges.push(range);
    this.#rangeCount += 1;
  }

  addSearch(search: SearchRead): void {
    this.#searches ??= [];
    this.#searches.push(search);
  }

  /** @param key as `tableKey` makes it */
  addMissingTable(key: string): void {
    this.#missingTables ??= new Set();
    this.#missingTables.add(key);
  }

  /**
   * Whether the set has more than `limit` disjoint intervals over all indexes, which is what
   * Convex counts as `databaseQueries` (engine.md 7.1). Cheap while the plain count is below.
   */
  hasMoreIntervalsThan(limit: number): boolean {
    const count = this.points.size + this.#rangeCount + this.searches.length;
    return count > limit && this.intervalCount() > limit;
  }

  /** Disjoint intervals over all indexes. Cost: O(n log n) in the ranges read. */
  intervalCount(): number {
    let count = this.points.size + this.searches.length;
    for (const [index, ranges] of this.ranges) {
      const merged = mergeRanges(ranges);
      count += merged.length;
      if (index.name === "by_id") count -= this.#pointsWithin(index.table, merged);
    }
    return count;
  }

  /** Points that an interval of the table's `by_id` covers do not count again. */
  #pointsWithin(table: TablePlan, merged: readonly KeyRange[]): number {
    let covered = 0;
    for (const id of this.points) {
      const key = encodeKeyPart(id);
      if (table.owns(id) && merged.some((range) => isInRange(key, range))) covered += 1;
    }
    return covered;
  }
}
