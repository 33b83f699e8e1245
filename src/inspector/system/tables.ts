/** The tables of a component: how many documents each has, and its indexes. Live. */
import type { Namespace } from "../../db/catalog";
import type { Database } from "../../db/database";
import { ALL_KEYS } from "../../db/key-range";
import type { TablePlan } from "../../db/table-plan";
import type { Transaction } from "../../db/transaction";
import { v } from "../../values/v";
import { systemQuery } from "./system-function";

/**
 * All components with their tables.
 *
 * @param seen any number: asks anew. That a table has come to exist, nobody can have read; the page
 * asks again when it hears of a commit to one that it does not know.
 */
export const tables = systemQuery("tables", { seen: v.number() }, (tx, _args, { inside }) => {
  const { catalog } = inside.database;
  const namespaces = [...catalog.namespaces].sort((a, b) => (a.component < b.component ? -1 : 1));
  return namespaces.map((namespace) => describeComponent(tx, inside.database, namespace));
});

function describeComponent(tx: Transaction, database: Database, namespace: Namespace) {
  const shown = [...namespace.tables].filter(({ visibility }) => visibility !== "private");
  shown.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return {
    component: namespace.component,
    tables: shown.map((plan) => describeTable(tx, database, plan)),
  };
}

/** The app's own before the engine's. */
function sortKey({ name, visibility }: TablePlan): string {
  return `${visibility === "user" ? 0 : 1}${name}`;
}

/** Depends on the whole table, of which it reads no document. */
function describeTable(tx: Transaction, database: Database, plan: TablePlan) {
  tx.consume(plan.byCreationTime, ALL_KEYS, "", false, undefined);
  const live = plan.ordered.filter(({ staged }) => !staged);
  return {
    name: plan.name,
    isSystem: plan.visibility === "system",
    count: database.storeOf(plan)?.count ?? 0,
    fields: fieldsOf(plan),
    indexes: live.map(({ name, fields }) => ({
      name,
      // Every index ends in these.
      fields: fields.filter((field) => field !== "_id"),
    })),
  };
}

/** As the schema lists them. */
function fieldsOf({ definition }: TablePlan): string[] {
  const type = definition?.documentType;
  return type?.type === "object" ? Object.keys(type.value) : [];
}
