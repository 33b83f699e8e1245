/**
 * Which members does a commit touch? Everything members have read, turned around: from document
 * ids, index ranges, searches and missing tables to those who depend on them. The test is that of
 * transaction conflicts (engine.md 12.3), for all members at once and without looking at the ones
 * a commit leaves alone.
 */
import type { CommitRecord, DocumentChange } from "../db/commit-record";
import type { IndexPlan } from "../db/index-plan";
import { type Reads, type SearchRead, tableKey } from "../db/read-set";
import type { TablePlan } from "../db/table-plan";
import { assert } from "../shared/assert";
import { IntervalIndex, type PrefixedRange } from "./interval-index";
import { MultiMap } from "./multi-map";
import { SearchWatch } from "./search-watch";

/** A member and what it depends on, as `add` took it down: the key to taking it out again. */
export interface Registration<Member> {
  readonly member: Member;
  readonly reads: Reads;
  /** Copies: the ranges of a read set compute their bounds each time they are asked. */
  readonly ranges: readonly (readonly [IndexPlan, PrefixedRange])[];
}

interface TableWatch<Member> {
  readonly indexes: Map<IndexPlan, IntervalIndex<Member>>;
  readonly searches: SearchWatch<Member>;
}

/**
 * Cost: `add` and `remove` O(r log n) for r ranges read; `touched` O(changes × indexes somebody
 * reads of the changed table) plus what it finds, however many members there are; a text that live
 * searches could find is looked up word by word.
 */
export class Invalidation<Member> {
  readonly #tables = new Map<TablePlan, TableWatch<Member>>();
  readonly #points = new MultiMap<string, Member>();
  readonly #missingTables = new MultiMap<string, Member>();
  readonly #members = new Set<Member>();

  /** Whether nobody depends on anything. */
  get isEmpty(): boolean {
    return this.#tables.size + this.#points.size + this.#missingTables.size === 0;
  }

  /** From now on `member` is touched by whatever changes what `reads` says. */
  add(member: Member, reads: Reads): Registration<Member> {
    const ranges = copyRanges(reads);
    this.#members.add(member);
    for (const id of reads.points) this.#points.add(id, member);
    for (const [index, range] of ranges) this.#indexFor(index).add(range, member);
    for (const search of reads.searches) this.#watchFor(search.table).searches.add(search, member);
    for (const table of reads.missingTables) this.#missingTables.add(table, member);
    return { member, reads, ranges };
  }

  /** Undoes one `add`. A member may have only one registration at a time. */
  remove({ member, reads, ranges }: Registration<Member>): void {
    this.#members.delete(member);
    for (const id of reads.points) this.#points.delete(id, member);
    for (const [index, range] of ranges) this.#removeRange(index, range, member);
    for (const search of reads.searches) this.#removeSearch(search, member);
    for (const table of reads.missingTables) this.#missingTables.delete(table, member);
  }

  /**
   * What `remove` and `add` do together. A query that ran again has mostly read the same places, or
   * places beside them: taking out first would take apart what is built anew right after.
   */
  replace(former: Registration<Member>, reads: Reads): Registration<Member> {
    const { member } = former;
    if (!isSmall(former.reads) || !isSmall(reads)) {
      this.remove(former);
      return this.add(member, reads);
    }
    const ranges = copyRanges(reads);
    for (const id of reads.points) this.#points.add(id, member);
    for (const [index, range] of ranges) this.#indexFor(index).add(range, member);
    for (const id of former.reads.points) {
      if (!reads.points.has(id)) this.#points.delete(id, member);
    }
    for (const entry of former.ranges) {
      if (!ranges.some((range) => isSameRange(range, entry))) this.#removeRange(...entry, member);
    }
    return { member, reads, ranges };
  }

  /** The members that depend on something `record` changed, each once. */
  touched(record: CommitRecord): Set<Member> {
    // What ids mean has changed, whoever takes or gives them may answer otherwise.
    if (record.droppedTables !== undefined && record.droppedTables.length > 0) {
      return new Set(this.#members);
    }
    const found = new Set<Member>();
    if (this.isEmpty) return found;
    for (const { component, name } of record.createdTables) {
      this.#missingTables.collect(tableKey(component, name), found);
    }
    for (const change of record.changes) this.#collect(change, found);
    return found;
  }

  /** Throws unless every structure inside is sound and no empty one is left behind. */
  checkInvariants(): void {
    for (const watch of this.#tables.values()) {
      const isIdle = watch.indexes.size === 0 && watch.searches.isEmpty;
      assert(!isIdle, "an idle table is still watched");
      for (const index of watch.indexes.values()) {
        assert(!index.isEmpty, "an index without ranges is still watched");
        index.checkInvariants();
      }
    }
  }

  #collect(change: DocumentChange, found: Set<Member>): void {
    this.#points.collect(change.id, found);
    const watch = this.#tables.get(change.table);
    if (watch === undefined) return;
    for (const [plan, index] of watch.indexes) {
      const before = change.keyBefore(plan);
      const next = change.keyAfter(plan);
      if (before !== undefined) index.collect(before, found);
      if (next !== undefined && next !== before) index.collect(next, found);
    }
    if (watch.searches.isEmpty) return;
    if (change.before !== undefined) watch.searches.collect(change.before, found);
    if (change.after !== undefined) watch.searches.collect(change.after, found);
  }

  #indexFor(plan: IndexPlan): IntervalIndex<Member> {
    const { indexes } = this.#watchFor(plan.table);
    let index = indexes.get(plan);
    if (index === undefined) {
      index = new IntervalIndex(plan);
      indexes.set(plan, index);
    }
    return index;
  }

  #removeRange(plan: IndexPlan, range: PrefixedRange, member: Member): void {
    const watch = this.#tables.get(plan.table);
    const index = watch?.indexes.get(plan);
    if (watch === undefined || index === undefined) return;
    index.remove(range, member);
    if (index.isEmpty) watch.indexes.delete(plan);
    this.#dropIfIdle(plan.table, watch);
  }

  #removeSearch(search: SearchRead, member: Member): void {
    const watch = this.#tables.get(search.table);
    if (watch === undefined) return;
    watch.searches.remove(search, member);
    this.#dropIfIdle(search.table, watch);
  }

  #watchFor(table: TablePlan): TableWatch<Member> {
    let watch = this.#tables.get(table);
    if (watch === undefined) {
      watch = { indexes: new Map(), searches: new SearchWatch() };
      this.#tables.set(table, watch);
    }
    return watch;
  }

  #dropIfIdle(table: TablePlan, watch: TableWatch<Member>): void {
    if (watch.indexes.size === 0 && watch.searches.isEmpty) this.#tables.delete(table);
  }
}

/** Up to so many ranges each is compared with each. */
const FEW_RANGES = 8;

/** Whether only points and few ranges were read. */
function isSmall({ ranges, searches, missingTables }: Reads): boolean {
  if (searches.length + missingTables.size > 0) return false;
  let count = 0;
  for (const list of ranges.values()) count += list.length;
  return count <= FEW_RANGES;
}

type PlannedRange = readonly [IndexPlan, PrefixedRange];

function isSameRange([planA, a]: PlannedRange, [planB, b]: PlannedRange): boolean {
  const isSameInterval = a.lower === b.lower && a.upper === b.upper;
  return planA === planB && isSameInterval && a.prefix === b.prefix;
}

function copyRanges(reads: Reads): [IndexPlan, PrefixedRange][] {
  const copies: [IndexPlan, PrefixedRange][] = [];
  for (const [index, ranges] of reads.ranges) {
    for (const { lower, upper, prefix } of ranges) copies.push([index, { lower, upper, prefix }]);
  }
  return copies;
}
