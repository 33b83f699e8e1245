/** One document: looked at, live, wherever it is in its component; written, made and deleted by hand. */

import { transact } from "../../backend/own-transaction";
import { copyOut } from "../../db/query";
import type { TablePlan } from "../../db/table-plan";
import type { Transaction } from "../../db/transaction";
import { userError } from "../../shared/errors";
import { v } from "../../values/v";
import { systemAction, systemQuery } from "./system-function";

/** The document an id belongs to, and its table; `null` when there is none. */
export const document = systemQuery(
  "document",
  { component: v.string(), id: v.string() },
  (tx, { component, id }) => {
    const plan = tx.tableOfId(component, id);
    if (plan === undefined || plan.visibility === "private") return null;
    const version = tx.peek(plan, id);
    return version === undefined ? null : { table: plan.name, document: copyOut(version, plan) };
  },
);

/** Puts other fields in the place of a document's. Checked as `ctx.db.replace` is. */
export const replaceDocument = systemAction(
  "replaceDocument",
  { component: v.string(), id: v.string(), fields: v.any() },
  async ({ component, id, fields }, { inside }) => {
    await transact(inside, (tx) => tx.replace(writable(tx, component, id), id, fields));
    return null;
  },
);

/** @returns the id of the new document */
export const insertDocument = systemAction(
  "insertDocument",
  { component: v.string(), table: v.string(), fields: v.any() },
  ({ component, table, fields }, { inside }) =>
    transact(inside, (tx) => {
      const plan = tx.table(component, table);
      if (plan === undefined) throw userError("ArgumentsInvalid", `There is no table "${table}".`);
      assertWritable(plan);
      return tx.insert(plan, fields);
    }),
);

export const deleteDocument = systemAction(
  "deleteDocument",
  { component: v.string(), id: v.string() },
  async ({ component, id }, { inside }) => {
    await transact(inside, (tx) => tx.remove(writable(tx, component, id), id));
    return null;
  },
);

function writable(tx: Transaction, component: string, id: string): TablePlan {
  const plan = tx.tableOfId(component, id);
  if (plan === undefined) throw userError("IdInvalid", `Table for ID "${id}" not found`, { id });
  assertWritable(plan);
  return plan;
}

function assertWritable({ visibility, name }: TablePlan): void {
  if (visibility === "user") return;
  throw userError("ReadOnly", `${name} is a read-only table`, { table: name });
}
