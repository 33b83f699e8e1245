/** Which write touched which range: the serializability test of `db/conflict.ts`, told to people. */
import type { CommitRecord, DocumentChange } from "../db/commit-record";
import { isInRange } from "../db/key-range";
import { type Reads, tableKey } from "../db/read-set";
import {
  documentReport,
  missingTableReport,
  type ReadReport,
  rangeReport,
  searchReport,
} from "./read-report";

/** A committed write, and what it touched of what somebody had read. */
export interface TouchReport {
  /** Commit timestamp: nanoseconds since the epoch. */
  readonly ts: bigint;
  /** The function that wrote; absent for writes of the engine's own. */
  readonly function?: string;
  readonly change: "insert" | "update" | "delete" | "createTable";
  readonly component: string;
  readonly table: string;
  /** The document; absent when a table came to exist. */
  readonly id?: string;
  /** The first of the reads that it touched. */
  readonly read: ReadReport;
}

/** Every change of `record` that touches `reads`. Cost: O(changes × reads). */
export function reportTouches(record: CommitRecord, reads: Reads): TouchReport[] {
  const source = record.source === undefined ? {} : { function: record.source };
  const common = { ts: record.ts.ns, ...source };
  const tables = record.createdTables.flatMap(({ component, name }): TouchReport[] => {
    const key = tableKey(component, name);
    if (!reads.missingTables.has(key)) return [];
    const read = missingTableReport(key);
    return [{ ...common, change: "createTable", component, table: name, read }];
  });
  const documents = record.changes.flatMap((change): TouchReport[] => {
    const read = touchedRead(change, reads);
    if (read === undefined) return [];
    const { component, name: table } = change.table;
    return [{ ...common, change: kindOf(change), component, table, id: change.id, read }];
  });
  return [...tables, ...documents];
}

function kindOf({ before, after }: DocumentChange): TouchReport["change"] {
  if (before === undefined) return "insert";
  return after === undefined ? "delete" : "update";
}

function touchedRead(change: DocumentChange, reads: Reads): ReadReport | undefined {
  if (reads.points.has(change.id)) return documentReport(change.id, change.table);
  for (const [index, ranges] of reads.ranges) {
    if (index.table !== change.table) continue;
    const keys = [change.keyBefore(index), change.keyAfter(index)];
    const touched = ranges.find((range) =>
      keys.some((key) => key !== undefined && isInRange(key, range)),
    );
    if (touched !== undefined) return rangeReport(index, touched);
  }
  const search = reads.searches.find(
    (each) =>
      each.table === change.table &&
      [change.before, change.after].some((document) => document && each.matches(document)),
  );
  return search && searchReport(search);
}
