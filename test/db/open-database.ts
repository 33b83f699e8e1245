// A database over one small schema, with a manual clock and a seed.

import { Catalog } from "../../src/db/catalog";
import { type CommitSink, Committer } from "../../src/db/committer";
import { Database } from "../../src/db/database";
import { DEFAULT_TRANSACTION_LIMITS, type TransactionLimits } from "../../src/db/limits";
import { openNamespace } from "../../src/db/open-namespace";
import type { TablePlan } from "../../src/db/table-plan";
import type { Transaction } from "../../src/db/transaction";
import { defineSchema } from "../../src/server/schema-definition";
import { exportSchema } from "../../src/server/schema-json";
import { defineTable } from "../../src/server/table-definition";
import { must } from "../../src/shared/assert";
import type { Clock } from "../../src/shared/clock";
import { manualClock } from "../../src/shared/manual-clock";
import { createRandom } from "../../src/shared/random";
import { v } from "../../src/values/v";

const schema = defineSchema({
  items: defineTable({
    a: v.number(),
    b: v.optional(v.union(v.string(), v.number(), v.null())),
    tags: v.optional(v.array(v.string())),
  })
    .index("by_a", ["a"])
    .index("by_b_a", ["b", "a"]),
  anything: defineTable(v.any()).index("by_x_y", ["x", "y"]),
});

export interface OpenDatabase {
  readonly database: Database;
  readonly committer: Committer;
  /** The table with a validator. */
  readonly items: TablePlan;
  /** The table without one. */
  readonly anything: TablePlan;
  /** Runs `body` in a transaction and commits it; throws on a conflict. */
  commit<T>(body: (tx: Transaction) => T): T;
}

export interface OpenOptions {
  readonly sink?: CommitSink;
  readonly clock?: Clock;
  readonly limits?: Partial<TransactionLimits>;
}

export function openDatabase(seed: string, options: OpenOptions = {}): OpenDatabase {
  const catalog = new Catalog();
  catalog.add(openNamespace("", exportSchema(schema), []));
  const database = new Database({
    catalog,
    clock: options.clock ?? manualClock(),
    random: createRandom(seed),
    limits: { ...DEFAULT_TRANSACTION_LIMITS, ...options.limits },
  });
  return wrap(database, new Committer(database, options.sink));
}

/** The same helpers around a fork. */
export function forkDatabase({ database }: OpenDatabase, seed: string): OpenDatabase {
  const fork = database.fork(database.clock, createRandom(seed));
  return wrap(fork, new Committer(fork));
}

function wrap(database: Database, committer: Committer): OpenDatabase {
  const items = must(database.planNamed("", "items"));
  const anything = must(database.planNamed("", "anything"));
  const commit = <T>(body: (tx: Transaction) => T): T => {
    const tx = database.begin();
    const result = body(tx);
    const outcome = committer.commit(tx);
    if (outcome instanceof Promise || outcome.kind !== "committed") {
      throw new Error("expected a synchronous commit");
    }
    return result;
  };
  return { database, committer, items, anything, commit };
}
