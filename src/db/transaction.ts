/**
 * One transaction: a snapshot, what was read of it, and what was written on top. The ONLY place
 * where reads are recorded. Synchronous throughout; who may call when is the functions layer's
 * business. Plain values in and out: documents it returns are the store's own, to be copied before
 * anybody else sees them.
 */
import { must } from "../shared/assert";
import { systemError, userError } from "../shared/errors";
import type { Random } from "../shared/random";
import type { DocumentChange } from "./commit-record";
import type { DocumentVersion } from "./document";
import { keep, keepFrom } from "./document-cell";
import type { DocumentShape } from "./document-shape";
import type { IndexPlan } from "./index-plan";
import type { KeyRange } from "./key-range";
import { type TransactionLimits, Usage } from "./limits";
import type { Snapshot } from "./live-snapshots";
import { newDocumentId } from "./new-id";
import type { QueryProbe } from "./query-probe";
import { ReadRange, ReadSet, type SearchRead, tableKey } from "./read-set";
import { PendingTexts } from "./search/pending-texts";
import type { SearchIndexPlan } from "./search/search-index-plan";
import type { TextView } from "./search/text-search";
import { EMPTY_VERSION } from "./search/text-version";
import { TablePlan } from "./table-plan";
import type { Rows, TableStore } from "./table-store";
import { nextUp } from "./timestamp";
import { type Savepoint, WriteSet } from "./write-set";

/** What a transaction needs of the database it runs on. */
export interface TransactionHost {
  readonly random: Random;
  /** As of commit `seq`, like {@link planOfId}. */
  planNamed(component: string, name: string, seq: number): TablePlan | undefined;
  planNumbered(component: string, number: number): TablePlan | undefined;
  planOfId(component: string, id: string, seq: number): TablePlan | undefined;
  freeTableNumber(component: string): number;
  /** Absent for a table without documents yet. */
  storeOf(plan: TablePlan): TableStore | undefined;
  shapeOf(plan: TablePlan): DocumentShape;
  /** A creation time no other document has, not below `atLeast`. */
  takeCreationTime(atLeast: number): number;
}

export interface TransactionOptions {
  readonly snapshot: Snapshot;
  readonly limits: TransactionLimits;
  /** Wall-clock time of the begin, ms: days in ids, first `_creationTime`. */
  readonly nowMs: number;
}

const NO_TABLES: readonly TablePlan[] = [];

export class Transaction {
  readonly #host: TransactionHost;
  readonly #snapshot: Snapshot;
  /** When it began: milliseconds since the epoch. */
  readonly nowMs: number;
  readonly #writes = new WriteSet();
  /** Like most parts here, made when first needed: a transaction is begun for every call. */
  #created = NO_TABLES;
  #textsByIndex: Map<SearchIndexPlan, PendingTexts> | undefined;
  #creationTime: number;
  #isOpen = true;
  readonly reads = new ReadSet();
  readonly usage: Usage;
  /**
   * Ids made so far. Each counts as a read interval of its own, but never against the limit: Convex
   * allows more inserts than intervals.
   */
  insertCount = 0;
  /** Whether documents may hold commit timestamp placeholders to be resolved at commit. */
  usesCommitTs = false;
  /** Who watches its queries. */
  probe: QueryProbe | undefined = undefined;

  constructor(host: TransactionHost, options: TransactionOptions) {
    this.#host = host;
    this.#snapshot = options.snapshot;
    this.nowMs = options.nowMs;
    this.usage = new Usage(options.limits, this.reads);
    this.#creationTime = Math.max(nextUp(options.snapshot.ts.fractionalMs), options.nowMs);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get hasWrites(): boolean {
    return !this.#writes.isEmpty;
  }

  /** Tables that come to exist if this commits. */
  get createdTables(): readonly TablePlan[] {
    return this.#created;
  }

  /** The net effect of all writes so far. */
  changes(): DocumentChange[] {
    return this.#writes.changes();
  }

  /** The table of that name; its absence is a read like any other. */
  table(component: string, name: string): TablePlan | undefined {
    const created = this.#createdNamed(component, name);
    const plan = created ?? this.#host.planNamed(component, name, this.#snapshot.ts.seq);
    if (plan !== undefined) return plan;
    this.reads.addMissingTable(tableKey(component, name));
    return undefined;
  }

  /** The table an id belongs to, whether or not the document exists. */
  tableOfId(component: string, id: string): TablePlan | undefined {
    // Its own tables first: somebody else may have given the same number to another one meanwhile.
    if (this.#created.length > 0) {
      const created = this.#created.find((plan) => plan.component === component && plan.owns(id));
      if (created !== undefined) return created;
    }
    const plan = this.#host.planOfId(component, id, this.#snapshot.ts.seq);
    if (plan !== undefined) return plan;
    // Whoever makes the table, and the document in it, changes the answer.
    this.reads.addPoint(id);
    return undefined;
  }

  /** The table of that name, made now if need be. The caller has checked the name. */
  tableForWrite(component: string, name: string): TablePlan {
    const existing = this.table(component, name);
    if (existing !== undefined) return existing;
    const plan = new TablePlan({
      component,
      name,
      number: this.#freeNumber(component),
      visibility: "user",
      createdSeq: Number.MAX_SAFE_INTEGER,
    });
    this.#created = [...this.#created, plan];
    return plan;
  }

  /** One document by id. Cost: O(1). */
  get(table: TablePlan, id: string): DocumentVersion | undefined {
    const version = this.peek(table, id);
    return version && keep(version);
  }

  /** As {@link get}, for who is done with the version before the next commit: saves a copy of it. */
  peek(table: TablePlan, id: string): DocumentVersion | undefined {
    this.#mustBeOpen();
    const version = this.#read(table, id);
    if (version !== undefined) this.#chargeRead(table, version);
    return version;
  }

  /** @returns the new document's id */
  insert(table: TablePlan, value: unknown): string {
    this.#mustBeOpen();
    this.insertCount += 1;
    const _id = newDocumentId(this.#host.random, table.number, this.nowMs);
    const _creationTime = this.#takeCreationTime();
    const version = this.#host.shapeOf(table).create(value, { _id, _creationTime });
    this.#write(table, _id, undefined, version);
    return _id;
  }

  patch(table: TablePlan, id: string, value: unknown): void {
    const old = this.#mustExist(table, id, "Update");
    this.#update(table, id, old, this.#host.shapeOf(table).patch(old, value));
  }

  replace(table: TablePlan, id: string, value: unknown): void {
    const old = this.#mustExist(table, id, "Replace");
    this.#update(table, id, old, this.#host.shapeOf(table).replace(old, value));
  }

  remove(table: TablePlan, id: string): void {
    const old = this.#mustExist(table, id, "Delete");
    this.#write(table, id, old, undefined);
  }

  /**
   * Appends to `rows` at most `limit` rows of `range` from its lower (or upper) end, own writes
   * included. Records nothing: the caller tells what it consumed with `consume`.
   * @returns whether the range was seen to its end
   */
  scan(index: IndexPlan, range: KeyRange, reversed: boolean, limit: number, rows: Rows): boolean {
    const start = rows.versions.length;
    const isWhole = this.peekRows(index, range, reversed, limit, rows);
    keepFrom(rows, start);
    return isWhole;
  }

  /** As {@link scan}, with versions that are good until the next commit. */
  peekRows(
    index: IndexPlan,
    range: KeyRange,
    reversed: boolean,
    limit: number,
    rows: Rows,
  ): boolean {
    this.#mustBeOpen();
    const writes = this.#writes.ofTable(index.table);
    const store = this.#host.storeOf(index.table);
    const hidden = writes?.pending;
    const seq = this.#snapshot.ts.seq;
    if (writes === undefined) {
      return store?.scan(index, seq, range, { reversed, limit, hidden }, rows) ?? true;
    }
    const stored: Rows = { keys: [], versions: [] };
    const pending: Rows = { keys: [], versions: [] };
    const sawStored = store?.scan(index, seq, range, { reversed, limit, hidden }, stored) ?? true;
    const sawPending = writes.scan(index, range, reversed, limit, pending);
    const isWhole = mergeRows(stored, pending, reversed, limit, rows);
    return sawStored && sawPending && isWhole;
  }

  /** Records that a scan has consumed `bounds` up to `edge`; extend the result as it goes on. */
  consume(
    index: IndexPlan,
    bounds: KeyRange,
    prefix: string,
    reversed: boolean,
    edge: string | undefined,
  ): ReadRange {
    const range = new ReadRange(bounds, prefix, reversed, edge);
    this.reads.addRange(index, range);
    this.#checkIntervals();
    return range;
  }

  /** Charges one row pulled through an index. */
  chargeRow(table: TablePlan, version: DocumentVersion): void {
    this.#chargeRead(table, version);
  }

  recordSearch(read: SearchRead): void {
    this.reads.addSearch(read);
    this.#checkIntervals();
  }

  /** What a text search sees of `index`, own writes included. Records nothing. To be used at once. */
  textView(index: SearchIndexPlan): TextView {
    this.#mustBeOpen();
    const { table } = index;
    const stored = this.#host.storeOf(table)?.textAt(index, this.#snapshot.ts.seq);
    return { stored: stored ?? EMPTY_VERSION, pending: this.#pendingTexts(index) };
  }

  /**
   * One result of a search: charged and recorded like a document read by itself.
   * @param own the version to be seen, if it is this transaction's own
   */
  getFound(table: TablePlan, id: string, own: DocumentVersion | undefined): DocumentVersion {
    this.#mustBeOpen();
    const pending = this.#writes.ofTable(table)?.pending.get(id);
    if (pending === undefined || pending.base !== undefined) {
      this.reads.addPoint(id);
      this.#checkIntervals();
    }
    const version = own ?? this.#host.storeOf(table)?.get(id, this.#snapshot.ts.seq);
    this.#chargeRead(table, must(version, "a search has found a document that is not there"));
    return must(version);
  }

  savepoint(): {
    readonly writes: Savepoint;
    readonly tables: number;
    readonly used: Usage["used"];
  } {
    return {
      writes: this.#writes.savepoint(),
      tables: this.#created.length,
      used: { ...this.usage.used },
    };
  }

  /**
   * Takes back what was written since: documents, tables, write counters. Reads and the count of
   * scheduled functions stay (engine.md 6.3).
   */
  rollbackTo(savepoint: ReturnType<Transaction["savepoint"]>): void {
    this.#writes.rollbackTo(savepoint.writes);
    this.#created = this.#created.slice(0, savepoint.tables);
    this.usage.used.documentsWritten = savepoint.used.documentsWritten;
    this.usage.used.bytesWritten = savepoint.used.bytesWritten;
  }

  /** Lets go of the snapshot. Every later call throws. */
  close(): void {
    this.#isOpen = false;
    this.#snapshot.release();
  }

  #read(table: TablePlan, id: string): DocumentVersion | undefined {
    const pending = this.#writes.ofTable(table)?.pending.get(id);
    // Nobody else can know a document that this transaction has made: no read worth recording.
    if (pending !== undefined && pending.base === undefined) return pending.current;
    this.reads.addPoint(id);
    this.#checkIntervals();
    if (pending !== undefined) return pending.current;
    return this.#host.storeOf(table)?.get(id, this.#snapshot.ts.seq);
  }

  #mustExist(table: TablePlan, id: string, verb: string): DocumentVersion {
    this.#mustBeOpen();
    const version = this.#read(table, id);
    if (version === undefined) {
      throw userError("DocumentNotFound", `${verb} on nonexistent document ID ${id}`, { id });
    }
    this.#chargeRead(table, version);
    return keep(version);
  }

  #update(table: TablePlan, id: string, old: DocumentVersion, next: DocumentVersion): void {
    if (next !== old) this.#write(table, id, old, next);
  }

  #write(
    table: TablePlan,
    id: string,
    old: DocumentVersion | undefined,
    next: DocumentVersion | undefined,
  ): void {
    if (table.visibility === "user") {
      this.usage.charge("documentsWritten", 1);
      if (next !== undefined) this.usage.charge("bytesWritten", next.size);
    }
    this.#writes.write(table, id, old, next);
  }

  #pendingTexts(index: SearchIndexPlan): PendingTexts | undefined {
    const writes = this.#writes.ofTable(index.table);
    if (writes === undefined) return undefined;
    this.#textsByIndex ??= new Map();
    let texts = this.#textsByIndex.get(index);
    if (texts === undefined) {
      texts = new PendingTexts(index);
      this.#textsByIndex.set(index, texts);
    }
    texts.update(writes.pending);
    return texts;
  }

  /** System tables have budgets of their own that nobody sees (engine.md 7.1). */
  #chargeRead(table: TablePlan, version: DocumentVersion): void {
    if (table.visibility === "user") this.usage.chargeRead(version.size);
  }

  #checkIntervals(): void {
    const limit = this.usage.ceilings.databaseQueries;
    if (this.reads.hasMoreIntervalsThan(limit)) this.usage.failOn("databaseQueries");
  }

  #takeCreationTime(): number {
    const time = this.#host.takeCreationTime(this.#creationTime);
    this.#creationTime = nextUp(time);
    return time;
  }

  #createdNamed(component: string, name: string): TablePlan | undefined {
    if (this.#created.length === 0) return undefined;
    return this.#created.find((plan) => plan.component === component && plan.name === name);
  }

  #freeNumber(component: string): number {
    let number = this.#host.freeTableNumber(component);
    for (const plan of this.#created) {
      if (plan.component === component && plan.number >= number) number = plan.number + 1;
    }
    while (this.#host.planNumbered(component, number) !== undefined) number += 1;
    return number;
  }

  #mustBeOpen(): void {
    if (this.#isOpen) return;
    throw systemError(
      "TransactionClosed",
      "The database was used after the function that it was given to had ended. Await every database call.",
    );
  }
}

/** Merges two scans of one range; returns whether all of their rows fit within `limit`. */
function mergeRows(a: Rows, b: Rows, reversed: boolean, limit: number, into: Rows): boolean {
  let i = 0;
  let j = 0;
  for (let taken = 0; taken < limit; taken++) {
    const [keyA, keyB] = [a.keys[i], b.keys[j]];
    if (keyA === undefined && keyB === undefined) return true;
    const takeA = keyB === undefined || (keyA !== undefined && keyA < keyB !== reversed);
    into.keys.push(must(takeA ? keyA : keyB));
    into.versions.push(must(takeA ? a.versions[i] : b.versions[j]));
    if (takeA) i += 1;
    else j += 1;
  }
  return i === a.keys.length && j === b.keys.length;
}
