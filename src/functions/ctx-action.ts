/** `ctx` of actions and HTTP actions: no database; each `run…` is a transaction of its own. */
import type { ActionCall } from "./action-call";
import { ActionMeta } from "./ctx-meta";
import { lazyScheduler, lazyStorageWriter } from "./lazy-services";
import type { RegisteredFunction } from "./registered-function";
import type { FunctionServices } from "./services";

/** Runs another function for an action, with its identity and request. */
export type RunFromAction = (
  call: ActionCall,
  kind: "query" | "mutation" | "action",
  reference: unknown,
  args: unknown,
) => Promise<unknown>;

export function createActionCtx(
  call: ActionCall,
  fn: RegisteredFunction,
  run: RunFromAction,
  services: FunctionServices,
) {
  const runner = (kind: "query" | "mutation" | "action") => (reference: unknown, args?: unknown) =>
    call.track(kind, () => run(call, kind, reference, args));
  return {
    runQuery: runner("query"),
    runMutation: runner("mutation"),
    runAction: runner("action"),
    auth: {
      getUserIdentity: async () => (call.component === "" ? call.execution.identity() : null),
    },
    scheduler: lazyScheduler(() => services.actionScheduler(call)),
    storage: lazyStorageWriter(() => services.storageActionWriter(call)),
    meta: new ActionMeta(call.execution, call.target, fn),
    vectorSearch: (table: string, index: string, query: unknown) =>
      call.track("vectorSearch", () => services.vectorSearch(call, table, index, query)),
  };
}
