// A database with one table that is searched, and searches in it without functions around them.

import { Catalog } from "../../../src/db/catalog";
import { Committer } from "../../../src/db/committer";
import { Database } from "../../../src/db/database";
import type { Document } from "../../../src/db/document";
import { DEFAULT_TRANSACTION_LIMITS, type TransactionLimits } from "../../../src/db/limits";
import { openNamespace } from "../../../src/db/open-namespace";
import { openQuery, type QuerySource } from "../../../src/db/query-plan";
import type { TablePlan } from "../../../src/db/table-plan";
import type { Transaction } from "../../../src/db/transaction";
import { defineSchema } from "../../../src/server/schema-definition";
import { exportSchema } from "../../../src/server/schema-json";
import type { SearchClause } from "../../../src/server/search-filter-builder";
import { defineTable } from "../../../src/server/table-definition";
import { must } from "../../../src/shared/assert";
import { manualClock } from "../../../src/shared/manual-clock";
import { createRandom } from "../../../src/shared/random";
import { v } from "../../../src/values/v";
import type { Value } from "../../../src/values/value";

const schema = defineSchema({
  notes: defineTable(v.any())
    .searchIndex("by_body", { searchField: "body", filterFields: ["channel", "flag"] })
    .vectorIndex("by_place", {
      vectorField: "place",
      dimensions: 3,
      filterFields: ["channel", "flag"],
    }),
});

/** Oracles read everything, again and again. */
const unlimited = Object.fromEntries(
  Object.keys(DEFAULT_TRANSACTION_LIMITS).map((metric) => [metric, Number.MAX_SAFE_INTEGER]),
) as unknown as TransactionLimits;

export interface SearchDatabase {
  readonly database: Database;
  readonly committer: Committer;
  readonly notes: TablePlan;
}

export function openSearchDatabase(seed: string): SearchDatabase {
  const catalog = new Catalog();
  catalog.add(openNamespace("", exportSchema(schema), []));
  const database = new Database({
    catalog,
    clock: manualClock(),
    random: createRandom(seed),
    limits: unlimited,
  });
  return wrap(database);
}

export function forkSearchDatabase({ database }: SearchDatabase, seed: string): SearchDatabase {
  return wrap(database.fork(database.clock, createRandom(seed)));
}

function wrap(database: Database): SearchDatabase {
  const notes = must(database.planNamed("", "notes"));
  return { database, committer: new Committer(database), notes };
}

/** Runs `body` in a transaction and commits it. */
export function commit<T>(
  { database, committer }: SearchDatabase,
  body: (tx: Transaction) => T,
): T {
  const tx = database.begin();
  const result = body(tx);
  const outcome = committer.commit(tx);
  if (outcome instanceof Promise || outcome.kind !== "committed") throw new Error("no commit");
  return result;
}

export type Filters = readonly (readonly [field: string, value: Value | undefined])[];

/** At most `count` results of a search. */
export function search(
  tx: Transaction,
  text: string,
  filters: Filters = [],
  count = 1024,
): Document[] {
  const eq = filters.map(([fieldPath, value]): SearchClause => ({ type: "Eq", fieldPath, value }));
  const source: QuerySource = {
    type: "Search",
    table: "notes",
    index: "by_body",
    filters: [{ type: "Search", fieldPath: "body", value: text }, ...eq],
  };
  return pull(tx, source, count);
}

/** Every document a transaction sees. */
export function allNotes(tx: Transaction): Document[] {
  return pull(tx, { type: "FullTableScan", table: "notes" }, Number.POSITIVE_INFINITY);
}

function pull(tx: Transaction, source: QuerySource, count: number): Document[] {
  const query = openQuery(tx, { component: "", source, order: undefined, operators: [] });
  const found: Document[] = [];
  while (found.length < count) {
    const version = query.next(count - found.length);
    if (version === undefined) break;
    found.push(version.document);
  }
  return found;
}
