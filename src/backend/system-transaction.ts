/** A database transaction as the scheduler sees it: documents of its own tables, by component. */
import { ALL_KEYS } from "../db/key-range";
import type { TablePlan } from "../db/table-plan";
import type { Rows } from "../db/table-store";
import type { Transaction } from "../db/transaction";
import type { StoredDocument, SystemTable, SystemTransaction } from "../scheduler/ports";
import { must } from "../shared/assert";

export function systemTransaction(tx: Transaction): SystemTransaction {
  const planOf = ({ component, name }: SystemTable): TablePlan =>
    must(tx.table(component, name), `component "${component}" has no table ${name}`);
  return {
    get: (table, id) => tx.get(planOf(table), id)?.document,
    insert: (table, fields) => tx.insert(planOf(table), fields),
    patch: (table, id, fields) => tx.patch(planOf(table), id, fields),
    remove: (table, id) => tx.remove(planOf(table), id),
    owns: (table, id) => planOf(table).owns(id),
    list: (table) => listAll(tx, planOf(table)),
  };
}

function listAll(tx: Transaction, plan: TablePlan): StoredDocument[] {
  const rows: Rows = { keys: [], versions: [] };
  const index = plan.byCreationTime;
  tx.scan(index, ALL_KEYS, false, Number.POSITIVE_INFINITY, rows);
  tx.consume(index, ALL_KEYS, "", false, undefined);
  return rows.versions.map(({ document }) => document);
}
