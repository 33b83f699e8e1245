/** The serializability test: did somebody commit something that this transaction has read? */
import type { CommitRecord, DocumentChange } from "./commit-record";
import type { IndexPlan } from "./index-plan";
import { isInRange, type KeyRange } from "./key-range";
import { type Reads, tableKey } from "./read-set";
import type { TablePlan } from "./table-plan";

/** A commit that invalidates a read set, and what of it does. */
export interface Conflict {
  readonly record: CommitRecord;
  readonly table: TablePlan;
  /** Absent when the table's creation or end alone is the conflict. */
  readonly documentId?: string;
}

/**
 * The first conflict of `reads` with `records`, or `undefined` (engine.md 12.3).
 * Cost: O(changes × indexes of the changed table that were read).
 */
export function findConflict(reads: Reads, records: readonly CommitRecord[]): Conflict | undefined {
  for (const record of records) {
    // What ids mean has changed, in arguments and results too: no read set tells who is concerned.
    const dropped = record.droppedTables?.[0];
    if (dropped !== undefined) return { record, table: dropped };
    for (const table of record.createdTables) {
      if (reads.missingTables.has(tableKey(table.component, table.name))) return { record, table };
    }
    for (const change of record.changes) {
      if (touches(change, reads)) return { record, table: change.table, documentId: change.id };
    }
  }
  return undefined;
}

function touches(change: DocumentChange, reads: Reads): boolean {
  if (reads.points.has(change.id)) return true;
  if (reads.ranges.size > 0) {
    if (touchesIndex(change, change.table.byId, reads)) return true;
    for (const index of change.table.ordered) {
      if (touchesIndex(change, index, reads)) return true;
    }
  }
  return reads.searches.some(
    (search) =>
      search.table === change.table &&
      [change.before, change.after].some((document) => document && search.matches(document)),
  );
}

function touchesIndex(change: DocumentChange, index: IndexPlan, reads: Reads): boolean {
  const ranges = reads.ranges.get(index);
  if (ranges === undefined) return false;
  const before = change.keyBefore(index);
  const next = change.keyAfter(index);
  return ranges.some((range) => holds(range, before) || (next !== before && holds(range, next)));
}

function holds(range: KeyRange, key: string | undefined): boolean {
  return key !== undefined && isInRange(key, range);
}
