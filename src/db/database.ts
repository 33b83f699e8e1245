/**
 * The store as a whole: catalog, tables, versions, history. Hands out snapshots and transactions,
 * and makes finished commits visible, one after another. Decides nothing about conflicts or disks:
 * `committer.ts` does.
 */
import { assert, must } from "../shared/assert";
import type { Clock } from "../shared/clock";
import type { Random } from "../shared/random";
import type { Catalog } from "./catalog";
import { CommitLog } from "./commit-log";
import type { CommitRecord, DocumentChange } from "./commit-record";
import type { Document } from "./document";
import type { DocumentCell } from "./document-cell";
import { DocumentShape } from "./document-shape";
import type { TransactionLimits } from "./limits";
import { LiveSnapshots, type Snapshot } from "./live-snapshots";
import type { TablePlan } from "./table-plan";
import { type StoreChange, TableStore } from "./table-store";
import { nextUp, Timestamp } from "./timestamp";
import { Transaction, type TransactionHost } from "./transaction";

export interface DatabaseOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: TransactionLimits;
  /** The latest commit of what will be loaded; default: a moment before now. */
  readonly latest?: Timestamp | undefined;
  /** The greatest `_creationTime` given out before. */
  readonly lastCreationTime?: number | undefined;
  /** Where tables that hold something already are read from when they are first used. */
  readonly source?: TableSource | undefined;
}

/** What there was before a database began. */
export interface TableSource {
  /** The documents of a table as of the beginning, once; `undefined` when there is nothing (more) to read. */
  take(plan: TablePlan): readonly Document[] | undefined;
}

/** Called after a commit is visible, inside the publishing call: must be quick and must not throw. */
export type CommitListener = (record: CommitRecord) => void;

interface Dropped {
  readonly seq: number;
  readonly plan: TablePlan;
}

interface Superseded {
  readonly seq: number;
  readonly store: TableStore;
  readonly cell: DocumentCell;
  readonly id: string;
}

export class Database implements TransactionHost {
  readonly random: Random;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly #limits: TransactionLimits;
  readonly #stores = new Map<TablePlan, TableStore>();
  readonly #shapes = new Map<TablePlan, DocumentShape>();
  readonly #live = new LiveSnapshots(() => this.#forgetHistory());
  readonly #listeners = new Set<CommitListener>();
  readonly #log: CommitLog;
  readonly #source: TableSource | undefined;
  /** The commit at which it began. */
  readonly #firstSeq: number;
  /** Versions and tombstones to forget once nobody can see below them, in commit order. */
  #superseded: Superseded[] = [];
  readonly #storesWithPast = new Set<TableStore>();
  /** Tables that are kept for old snapshots only, in commit order. */
  #dropped: Dropped[] = [];
  #latest: Timestamp;
  #lastCreationTime: number;

  constructor(options: DatabaseOptions) {
    this.catalog = options.catalog;
    this.clock = options.clock;
    this.random = options.random;
    this.#limits = options.limits;
    this.#latest = options.latest ?? new Timestamp(0, Math.floor(options.clock.now()), 0);
    this.#firstSeq = this.#latest.seq;
    this.#log = new CommitLog(this.#firstSeq);
    this.#lastCreationTime = options.lastCreationTime ?? 0;
    this.#source = options.source;
  }

  /** The newest visible commit. */
  get latest(): Timestamp {
    return this.#latest;
  }

  /** A snapshot of the newest visible commit. Cost: O(1). */
  current(): Snapshot {
    return this.#live.acquire(this.#latest);
  }

  /** One more right to read what `snapshot` (not yet released) reads. */
  share(snapshot: Snapshot): Snapshot {
    return this.#live.acquire(snapshot.ts);
  }

  /** A transaction on the newest visible commit, or on a given snapshot, which it will release. */
  begin(limits: TransactionLimits = this.#limits, snapshot = this.current()): Transaction {
    return new Transaction(this, { snapshot, limits, nowMs: this.clock.now() });
  }

  /** Visible commits after `seq`, oldest first; `undefined` when some are forgotten. */
  commitsSince(seq: number): readonly CommitRecord[] | undefined {
    const records = this.#log.since(seq);
    const isAllVisible = (records?.at(-1)?.ts.seq ?? 0) <= this.#latest.seq;
    return isAllVisible ? records : records?.filter(({ ts }) => ts.seq <= this.#latest.seq);
  }

  /** Commits after `seq` that are decided, visible or not. */
  decidedSince(seq: number): readonly CommitRecord[] {
    return must(this.#log.since(seq), "commits that an open transaction needs were forgotten");
  }

  /** A commit is decided: from now on transactions are compared with it. */
  remember(record: CommitRecord): void {
    this.#log.append(record);
    for (const plan of record.droppedTables ?? []) this.#drop(plan, record.ts.seq);
    for (const plan of record.createdTables) {
      plan.createdSeq = record.ts.seq;
      this.catalog.of(plan.component).add(plan);
    }
  }

  /** Makes a decided commit visible and tells the listeners. Commits come in order, without a gap. */
  publish(record: CommitRecord): void {
    const { seq } = record.ts;
    assert(seq === this.#latest.seq + 1, `commit ${seq} does not follow ${this.#latest.seq}`);
    for (const [plan, changes] of groupByTable(record.changes)) {
      // Only older snapshots look into a dropped table.
      if (!record.droppedTables?.includes(plan)) this.#apply(plan, changes, seq);
    }
    this.#latest = record.ts;
    this.#forgetHistory();
    for (const listener of this.#listeners) listener(record);
  }

  /** @returns stops the listening */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  planNamed(component: string, name: string, seq?: number): TablePlan | undefined {
    return this.catalog.of(component).named(name, seq);
  }

  planNumbered(component: string, number: number): TablePlan | undefined {
    return this.catalog.of(component).numbered(number);
  }

  planOfId(component: string, id: string, seq?: number): TablePlan | undefined {
    return this.catalog.of(component).ofId(id, seq);
  }

  freeTableNumber(component: string): number {
    return this.catalog.of(component).freeNumber;
  }

  storeOf(plan: TablePlan): TableStore | undefined {
    return this.#stores.get(plan) ?? this.#readStore(plan);
  }

  shapeOf(plan: TablePlan): DocumentShape {
    let shape = this.#shapes.get(plan);
    if (shape === undefined) {
      const namespace = this.catalog.of(plan.component);
      shape = new DocumentShape(plan, namespace, namespace.validates(plan));
      this.#shapes.set(plan, shape);
    }
    return shape;
  }

  takeCreationTime(atLeast: number): number {
    this.#lastCreationTime = Math.max(atLeast, nextUp(this.#lastCreationTime));
    return this.#lastCreationTime;
  }

  /** The greatest `_creationTime` given out so far. */
  get lastCreationTime(): number {
    return this.#lastCreationTime;
  }

  /** A table's documents after the latest commit, in no order: the store's own. */
  documentsOf(plan: TablePlan): Iterable<Document> {
    return this.storeOf(plan)?.documents() ?? [];
  }

  /** Fills an empty table with documents written before the first commit. Cost: O(n log n). */
  load(plan: TablePlan, documents: readonly Document[]): TableStore {
    const shape = this.shapeOf(plan);
    const store = new TableStore(plan);
    store.load(
      documents.map((document) => shape.adopt(document)),
      this.#firstSeq,
    );
    this.#stores.set(plan, store);
    for (const { _creationTime } of documents) {
      this.#lastCreationTime = Math.max(this.#lastCreationTime, _creationTime);
    }
    return store;
  }

  /** What was there from the beginning, if the table is used for the first time. */
  #readStore(plan: TablePlan): TableStore | undefined {
    const documents = this.#source?.take(plan);
    return documents && this.load(plan, documents);
  }

  #readAll(): void {
    if (this.#source === undefined) return;
    for (const namespace of this.catalog.namespaces) {
      for (const plan of namespace.tables) this.storeOf(plan);
    }
  }

  /**
   * An independent copy of everything visible. What is decided but not yet visible is not in it.
   * Cost: O(tables), whatever they hold, once all are read.
   */
  fork(clock: Clock, random: Random): Database {
    this.#readAll();
    const fork = new Database({
      catalog: this.catalog.fork(this.#latest.seq),
      clock,
      random,
      limits: this.#limits,
      latest: this.#latest,
      lastCreationTime: this.#lastCreationTime,
    });
    for (const [plan, store] of this.#stores) {
      if (fork.planNamed(plan.component, plan.name) !== plan) continue;
      fork.#stores.set(plan, store.fork(this.#latest.seq));
    }
    return fork;
  }

  /** Throws unless every table's indexes and documents agree. Cost: O(documents). */
  checkInvariants(): void {
    for (const store of this.#stores.values()) store.checkInvariants();
  }

  #drop(plan: TablePlan, seq: number): void {
    this.catalog.of(plan.component).drop(plan, seq);
    this.#dropped.push({ plan, seq });
    // They were compiled for the tables there were.
    this.#shapes.clear();
  }

  #apply(plan: TablePlan, changes: readonly StoreChange[], seq: number): void {
    const store = this.#storeFor(plan);
    store.apply(changes, seq, this.#live, (cell, id) => {
      this.#superseded.push({ seq, store, cell, id });
    });
    if (store.hasPast) this.#storesWithPast.add(store);
  }

  #storeFor(plan: TablePlan): TableStore {
    let store = this.storeOf(plan);
    if (store === undefined) {
      store = new TableStore(plan);
      this.#stores.set(plan, store);
    }
    return store;
  }

  /** Lets go of versions, trees and commits that no snapshot can reach any more. */
  #forgetHistory(): void {
    const oldest = this.#live.oldest ?? this.#latest.seq;
    this.#log.trim(oldest);
    let done = 0;
    for (const { seq, store, cell, id } of this.#superseded) {
      if (seq > oldest) break;
      // A cell written again since is listed again, further down.
      if (cell.seq === seq) store.forget(cell, id);
      done += 1;
    }
    if (done > 0) this.#superseded = this.#superseded.slice(done);
    for (const store of this.#storesWithPast) {
      store.forgetTrees(this.#live);
      if (!store.hasPast) this.#storesWithPast.delete(store);
    }
    while (this.#dropped[0] !== undefined && this.#dropped[0].seq <= oldest) this.#forgetDropped();
  }

  #forgetDropped(): void {
    const { plan } = must(this.#dropped.shift());
    this.catalog.of(plan.component).forget(plan);
    const store = this.#stores.get(plan);
    if (store !== undefined) this.#storesWithPast.delete(store);
    this.#stores.delete(plan);
  }
}

function groupByTable(changes: readonly DocumentChange[]): Map<TablePlan, StoreChange[]> {
  const groups = new Map<TablePlan, StoreChange[]>();
  for (const { table, id, oldVersion, newVersion } of changes) {
    const change = { id, before: oldVersion, after: newVersion };
    const group = groups.get(table);
    if (group === undefined) groups.set(table, [change]);
    else group.push(change);
  }
  return groups;
}
