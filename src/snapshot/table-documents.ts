/** The documents of one table as one version of the store has them. */
import type { Database } from "../db/database";
import type { DocumentVersion } from "../db/document";
import { keepFrom } from "../db/document-cell";
import { ALL_KEYS } from "../db/key-range";
import type { TablePlan } from "../db/table-plan";
import type { Rows } from "../db/table-store";

/** All documents, by creation time, to be held across commits. Cost: O(documents). */
export function versionsOf(database: Database, plan: TablePlan, seq: number): DocumentVersion[] {
  const rows = rowsOf(database, plan, seq);
  keepFrom(rows, 0);
  return rows.versions;
}

/**
 * The ids of all documents, in order. What is needed to walk a table slowly, as its version stays
 * readable by id. Cost: O(n log n).
 */
export function sortedIdsOf(database: Database, plan: TablePlan, seq: number): string[] {
  return rowsOf(database, plan, seq)
    .versions.map(({ document }) => document._id)
    .sort();
}

function rowsOf(database: Database, plan: TablePlan, seq: number): Rows {
  const rows: Rows = { keys: [], versions: [] };
  const options = { reversed: false, limit: Number.POSITIVE_INFINITY, hidden: undefined };
  database.storeOf(plan)?.scan(plan.byCreationTime, seq, ALL_KEYS, options, rows);
  return rows;
}
