/** `ctx` of queries and mutations: own enumerable members that survive `{ ...ctx, db: mine }`. */

import { createDatabaseReader, createDatabaseWriter } from "./ctx-db";
import { MutationMeta, QueryMeta } from "./ctx-meta";
import { lazyScheduler, lazyStorageReader, lazyStorageWriter } from "./lazy-services";
import type { NestedCallOptions } from "./nested-call-options";
import type { RegisteredFunction } from "./registered-function";
import type { FunctionServices } from "./services";
import type { TransactionFrame } from "./transaction-frame";
import type { TransactionRunner } from "./transaction-runner";

/** `ctx` of a query handler. */
export function createQueryCtx(
  frame: TransactionFrame,
  fn: RegisteredFunction,
  runner: TransactionRunner,
  services: FunctionServices,
) {
  return {
    db: createDatabaseReader(frame),
    auth: { getUserIdentity: async () => identityOf(frame) },
    storage: lazyStorageReader(() => services.storageReader(frame)),
    meta: new QueryMeta(frame, fn),
    runQuery: (query: unknown, args?: unknown, options?: NestedCallOptions) =>
      runner.call(frame, "query", query, args, options),
  };
}

/** `ctx` of a mutation handler. */
export function createMutationCtx(
  frame: TransactionFrame,
  fn: RegisteredFunction,
  runner: TransactionRunner,
  services: FunctionServices,
) {
  return {
    db: createDatabaseWriter(frame),
    // Written out, not spread together: it is made for every call.
    auth: {
      getUserIdentity: async () => identityOf(frame),
      signJwt: (options: unknown) => services.signJwt(frame, options),
    },
    storage: lazyStorageWriter(() => services.storageWriter(frame)),
    scheduler: lazyScheduler(() => services.transactionScheduler(frame)),
    meta: new MutationMeta(frame, fn),
    runQuery: (query: unknown, args?: unknown, options?: NestedCallOptions) =>
      runner.call(frame, "query", query, args, options),
    runMutation: (mutation: unknown, args?: unknown, options?: NestedCallOptions) =>
      runner.call(frame, "mutation", mutation, args, options),
  };
}

/** Inside a component nobody is signed in (functions.md 2.5). */
function identityOf({ component, execution }: TransactionFrame) {
  return component === "" ? execution.identity() : null;
}
