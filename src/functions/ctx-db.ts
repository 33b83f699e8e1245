/**
 * `ctx.db`: Convex's argument checks and texts (engine.md 5.1, 5.2) around the transaction.
 * Members are own enumerable properties, so that they survive `{ ...ctx.db, get: mine }`.
 */

import type { Document } from "../db/document";
import { copyOut, QueryInitializer } from "../db/query";
import type { TablePlan } from "../db/table-plan";
import { requireArgument } from "../server/argument";
import { userError } from "../shared/errors";
import { textOf } from "../shared/text-of";
import { commitTsPlaceholder } from "../values/commit-ts";
import { decodeId, encodeId, tryTableNumber } from "../values/id";
import { identifierProblem } from "../values/identifier";
import { legacyInternalId } from "../values/legacy-id";
import type { TransactionFrame } from "./transaction-frame";

type Scope = "user" | "system";

/** `ctx.db` of a query. */
export function createDatabaseReader(frame: TransactionFrame) {
  // Written out, not spread together: it is made for every call, and spreading is slow.
  return {
    get: getIn(frame, "user"),
    query: (table: string) => createQuery(frame, "user", table),
    normalizeId: (table: string, id: string) => normalizeId(frame, "user", table, id),
    system: new SystemReader(frame),
    table: (name: string) => createTableReader(frame, "user", name),
  };
}

/** `ctx.db` of a mutation. */
export function createDatabaseWriter(frame: TransactionFrame) {
  const insert = insertIn(frame);
  const patch = patchIn(frame);
  const replace = replaceIn(frame);
  const remove = removeIn(frame);
  return {
    get: getIn(frame, "user"),
    query: (table: string) => createQuery(frame, "user", table),
    normalizeId: (table: string, id: string) => normalizeId(frame, "user", table, id),
    insert,
    patch,
    replace,
    delete: remove,
    system: new SystemReader(frame),
    table: (name: string) => ({
      ...createTableReader(frame, "user", name),
      insert: (value: unknown) => insert(name, value),
      patch: (id: unknown, value: unknown) => patch(name, id, value),
      replace: (id: unknown, value: unknown) => replace(name, id, value),
      delete: (id: unknown) => remove(name, id),
    }),
    vars: new CommitVars(frame),
  };
}

/** `ctx.db.system`. */
class SystemReader {
  readonly #frame: TransactionFrame;

  constructor(frame: TransactionFrame) {
    this.#frame = frame;
  }

  get(first: unknown, second?: unknown): Promise<Document | null> {
    return getIn(this.#frame, "system")(first, second);
  }

  query(table: string): QueryInitializer {
    return createQuery(this.#frame, "system", table);
  }

  normalizeId(table: string, id: string): string | null {
    return normalizeId(this.#frame, "system", table, id);
  }

  table(name: string) {
    return createTableReader(this.#frame, "system", name);
  }
}

function createTableReader(frame: TransactionFrame, scope: Scope, table: string) {
  return {
    get: (id: unknown) => frame.run(() => getDocument(frame, scope, table, given(id, "get"))),
    query: () => createQuery(frame, scope, table),
  };
}

/** `ctx.db.vars`: values that are only known at commit. */
class CommitVars {
  readonly #frame: TransactionFrame;

  constructor(frame: TransactionFrame) {
    this.#frame = frame;
  }

  get commitTs() {
    this.#frame.tx.usesCommitTs = true;
    return commitTsPlaceholder;
  }
}

/** `get(id)` or `get(table, id)`: the last argument that is given decides, as for the others below. */
function getIn(frame: TransactionFrame, scope: Scope) {
  return (first: unknown, second?: unknown): Promise<Document | null> =>
    frame.run(() => {
      const [table, id] = splitArguments("get", first, second);
      return getDocument(frame, scope, table, id);
    });
}

function insertIn(frame: TransactionFrame) {
  return (table: string, value: unknown): Promise<string> =>
    frame.run(() => {
      requireTable(table, "table", "insert");
      requireArgument(value, 2, "value", "insert");
      return frame.tx.insert(tableForInsert(frame, table), value);
    });
}

function patchIn(frame: TransactionFrame) {
  return (first: unknown, second: unknown, third?: unknown): Promise<void> =>
    frame.run(() => {
      const [table, id, value] = splitWrite("patch", first, second, third);
      frame.tx.patch(tableForWrite(frame, "db.patch", table, id), id, value);
    });
}

function replaceIn(frame: TransactionFrame) {
  return (first: unknown, second: unknown, third?: unknown): Promise<void> =>
    frame.run(() => {
      const [table, id, value] = splitWrite("replace", first, second, third);
      frame.tx.replace(tableForWrite(frame, "db.replace", table, id), id, value);
    });
}

function removeIn(frame: TransactionFrame) {
  return (first: unknown, second?: unknown): Promise<void> =>
    frame.run(() => {
      const [table, id] = splitArguments("delete", first, second);
      frame.tx.remove(tableForWrite(frame, "db.delete", table, id), id);
    });
}

function getDocument(
  frame: TransactionFrame,
  scope: Scope,
  table: string | undefined,
  id: string,
): Document | null {
  const plan = frame.tx.tableOfId(frame.component, id);
  if (plan === undefined) {
    // Throws for a malformed id; a well-formed one of an unknown table is just not there.
    if (!frame.execution.isTrusted) decode(id, "db.get");
    return null;
  }
  if (plan.visibility === "private") return null;
  if (!frame.execution.isTrusted) checkScope(scope, plan);
  checkTable(plan, table, "db.get");
  const version = frame.tx.peek(plan, id);
  return version === undefined ? null : copyOut(version, plan);
}

function checkScope(scope: Scope, plan: TablePlan): void {
  if (plan.visibility === scope) return;
  throw userError(
    "SystemTable",
    scope === "user"
      ? "System tables can only be accessed with db.system."
      : "User tables cannot be accessed with db.system.",
    { table: plan.name },
  );
}

function checkTable(plan: TablePlan, asked: string | undefined, method: string): void {
  if (asked === undefined || asked === plan.name) return;
  throw userError(
    "IdInvalid",
    `Invalid argument \`id\` for \`${method}\`: expected to be an Id<"${asked}">, got Id<"${plan.name}"> instead.`,
    { table: asked },
  );
}

/** The table of a document about to be changed. */
function tableForWrite(
  frame: TransactionFrame,
  method: string,
  table: string | undefined,
  id: string,
): TablePlan {
  const plan = frame.tx.tableOfId(frame.component, id);
  if (plan === undefined || plan.visibility === "private") {
    decode(id, method);
    throw userError(
      "IdInvalid",
      `Invalid argument \`id\` for \`${method}\`: Table for ID "${id}" not found`,
      { id },
    );
  }
  if (plan.visibility === "system" && !frame.execution.isTrusted) {
    throw userError("ReadOnly", `${plan.name} is a read-only table`, { table: plan.name });
  }
  checkTable(plan, table, method);
  return plan;
}

function tableForInsert({ tx, component }: TransactionFrame, table: string): TablePlan {
  if (isSystemName(table)) {
    throw userError("ReadOnly", "System tables (prefixed with `_`) are read-only.", { table });
  }
  const existing = tx.table(component, table);
  if (existing !== undefined) return existing;
  const problem = identifierProblem(table);
  if (problem === undefined) return tx.tableForWrite(component, table);
  throw userError("ArgumentsInvalid", `Invalid argument \`table\` for \`db.insert\`: ${problem}`, {
    table,
  });
}

function decode(id: string, method: string): void {
  try {
    decodeId(id);
  } catch (cause) {
    throw userError(
      "IdInvalid",
      `Invalid argument \`id\` for \`${method}\`: ${(cause as Error).message}`,
      { id },
    );
  }
}

function createQuery(frame: TransactionFrame, scope: Scope, table: string): QueryInitializer {
  requireTable(table, "tableName", "query");
  if (isSystemName(table) !== (scope === "system")) {
    throw userError(
      "SystemTable",
      scope === "user"
        ? "System tables can only be accessed from db.system.query()."
        : "User tables can only be accessed from db.query().",
      { table },
    );
  }
  return new QueryInitializer(frame, table);
}

function normalizeId(
  frame: TransactionFrame,
  scope: Scope,
  table: string,
  id: string,
): string | null {
  requireTable(table, "tableName", "normalizeId");
  requireArgument(id, 2, "id", "normalizeId");
  if (isSystemName(table) !== (scope === "system")) {
    throw userError(
      "SystemTable",
      scope === "user"
        ? "System tables can only be accessed from db.system.normalizeId()."
        : "User tables can only be accessed from db.normalizeId().",
      { table },
    );
  }
  const problem = identifierProblem(table);
  if (problem !== undefined) {
    throw userError(
      "ArgumentsInvalid",
      `Invalid argument \`table\` for \`db.normalizeId\`: ${problem}`,
      { table },
    );
  }
  const plan = frame.runNow(() => frame.tx.table(frame.component, table));
  if (plan === undefined || plan.visibility === "private") return null;
  const number = tryTableNumber(id);
  if (number !== undefined) return number === plan.number ? id : null;
  const legacy = legacyInternalId(id);
  return legacy === undefined ? null : encodeId(plan.number, legacy);
}

function isSystemName(table: string): boolean {
  return table.startsWith("_");
}

function requireTable(table: unknown, name: string, method: string): asserts table is string {
  requireArgument(table, 1, name, method);
  if (typeof table === "string") return;
  throw userError(
    "ArgumentsInvalid",
    `Invalid argument \`${name}\` for \`db.${method}\`, expected string but got '${typeof table}': ${textOf(table)}`,
  );
}

function splitArguments(
  method: string,
  first: unknown,
  second: unknown,
): [table: string | undefined, id: string] {
  return second === undefined
    ? [undefined, given(first, method)]
    : [first as string, given(second, method)];
}

function splitWrite(
  method: string,
  first: unknown,
  second: unknown,
  third: unknown,
): [table: string | undefined, id: string, value: unknown] {
  const hasTable = third !== undefined;
  const [id, value] = hasTable ? [second, third] : [first, second];
  requireArgument(id, 1, "id", method);
  requireArgument(value, 2, "value", method);
  return [hasTable ? (first as string) : undefined, given(id, method), value];
}

function given(id: unknown, method: string): string {
  requireArgument(id, 1, "id", method);
  if (typeof id === "string") return id;
  throw userError(
    "ArgumentsInvalid",
    `Invalid argument \`id\` for \`db.${method}\`, expected string but got '${typeof id}': ${textOf(id)}`,
  );
}
