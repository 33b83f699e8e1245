/**
 * What a transaction has written and not committed: per document its version before and after, and
 * per scanned index a small ordered overlay, so that every read path sees the transaction's own
 * writes. Savepoints make nested calls roll back alone.
 */
import { createOrderedMap, type OrderedMap } from "../shared/b-tree";
import { DocumentChange } from "./commit-record";
import type { DocumentVersion } from "./document";
import type { IndexPlan } from "./index-plan";
import type { KeyRange } from "./key-range";
import type { TablePlan } from "./table-plan";
import type { Rows } from "./table-store";

interface PendingWrite {
  /** The version in the transaction's snapshot. */
  readonly base: DocumentVersion | undefined;
  readonly current: DocumentVersion | undefined;
}

interface Undo {
  readonly writes: TableWrites;
  readonly id: string;
  readonly former: PendingWrite | undefined;
}

/** A point a transaction can be rolled back to. */
export type Savepoint = number;

/** The pending writes of one table. */
export class TableWrites {
  readonly table: TablePlan;
  readonly pending = new Map<string, PendingWrite>();
  #overlays: Map<IndexPlan, OrderedMap<DocumentVersion>> | undefined;

  constructor(table: TablePlan) {
    this.table = table;
  }

  put(id: string, next: PendingWrite | undefined): void {
    if (this.#overlays !== undefined) this.#overlay(this.#overlays, this.pending.get(id), next);
    if (next === undefined) this.pending.delete(id);
    else this.pending.set(id, next);
  }

  /** Like `TableStore.scan`, over the pending versions alone. */
  scan(index: IndexPlan, range: KeyRange, reversed: boolean, limit: number, rows: Rows): boolean {
    const overlay = this.#overlayOf(index);
    const entries = reversed
      ? overlay.entriesReversed(range.upper, [], true)
      : overlay.entries(range.lower, []);
    let taken = 0;
    for (const [key, version] of entries) {
      if (reversed ? key < range.lower : key >= range.upper) return true;
      if (taken === limit) return false;
      rows.keys.push(key);
      rows.versions.push(version);
      taken += 1;
    }
    return true;
  }

  #overlay(
    overlays: ReadonlyMap<IndexPlan, OrderedMap<DocumentVersion>>,
    former: PendingWrite | undefined,
    next: PendingWrite | undefined,
  ): void {
    for (const [index, overlay] of overlays) {
      if (former?.current !== undefined) overlay.delete(index.keyOf(former.current.document));
      if (next?.current !== undefined) {
        overlay.set(index.keyOf(next.current.document), next.current);
      }
    }
  }

  /** Built when an index is first scanned after a write, kept up to date from then on. */
  #overlayOf(index: IndexPlan): OrderedMap<DocumentVersion> {
    this.#overlays ??= new Map();
    let overlay = this.#overlays.get(index);
    if (overlay === undefined) {
      overlay = createOrderedMap<DocumentVersion>();
      for (const { current } of this.pending.values()) {
        if (current !== undefined) overlay.set(index.keyOf(current.document), current);
      }
      this.#overlays.set(index, overlay);
    }
    return overlay;
  }
}

const NOTHING: readonly Undo[] = [];

export class WriteSet {
  /** Made at the first write: most transactions only read. */
  #tables: Map<TablePlan, TableWrites> | undefined;
  #undo: Undo[] | undefined;
  /** The table written last, which is mostly the one written next. */
  #latest: TableWrites | undefined;

  get isEmpty(): boolean {
    return this.savepoint() === 0;
  }

  ofTable(table: TablePlan): TableWrites | undefined {
    return this.#tables?.get(table);
  }

  /** @param base the version in the snapshot, needed at the document's first write only */
  write(
    table: TablePlan,
    id: string,
    base: DocumentVersion | undefined,
    current: DocumentVersion | undefined,
  ): void {
    const writes = this.#writesTo(table);
    const former = writes.pending.get(id);
    this.#undo ??= [];
    this.#undo.push({ writes, id, former });
    writes.put(id, { base: former === undefined ? base : former.base, current });
  }

  savepoint(): Savepoint {
    return this.#undo?.length ?? 0;
  }

  /** Takes back everything written since. Cost: O(writes taken back). */
  rollbackTo(savepoint: Savepoint): void {
    const undone = this.#undo?.splice(savepoint) ?? NOTHING;
    for (const { writes, id, former } of [...undone].reverse()) writes.put(id, former);
  }

  #writesTo(table: TablePlan): TableWrites {
    if (this.#latest?.table === table) return this.#latest;
    this.#tables ??= new Map();
    let writes = this.#tables.get(table);
    if (writes === undefined) {
      writes = new TableWrites(table);
      this.#tables.set(table, writes);
    }
    this.#latest = writes;
    return writes;
  }

  /** The net effect; a document inserted and deleted again has none. */
  changes(): DocumentChange[] {
    const changes: DocumentChange[] = [];
    for (const { table, pending } of this.#tables?.values() ?? []) {
      for (const [id, { base, current }] of pending) {
        if (base !== current) changes.push(new DocumentChange(table, id, base, current));
      }
    }
    return changes;
  }
}
