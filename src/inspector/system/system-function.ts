/**
 * Functions of the inspector's own, below `_system/inspector`: what its page asks of a backend over
 * the sync protocol. Only the inspector's sessions find them (`inspector-directory.ts`). Queries are
 * given the transaction itself, so that what they read is recorded as it is of any other query;
 * actions are given the engine.
 */
import type { EngineInside } from "../../backend/engine-inside";
import type { Transaction } from "../../db/transaction";
import type { LiveQueryReport } from "../../explain/live-query-report";
import { canonicalCopy } from "../../values/canonical";
import { v } from "../../values/v";
import type { ObjectType, PropertyValidators } from "../../values/validator";
import type { ValidatorJSON } from "../../values/validator-json";
import { validatorToJson } from "../../values/validator-to-json";
import type { Value } from "../../values/value";

/** The module in which they seem to be. */
export const SYSTEM_MODULE = "_system/inspector";

export interface SystemHost {
  readonly inside: EngineInside;
  readonly createRequestId: () => string;
  /** What is listened to: by the app's clients, and by inspectors. */
  liveQueries(): { readonly app: LiveQueryReport[]; readonly inspector: LiveQueryReport[] };
}

interface SystemFunctionOf<Kind extends "query" | "action", Run> {
  readonly kind: Kind;
  readonly name: string;
  readonly argsJSON: ValidatorJSON;
  readonly run: Run;
}

export type SystemQuery = SystemFunctionOf<
  "query",
  (tx: Transaction, args: Value, host: SystemHost) => Value
>;
export type SystemAction = SystemFunctionOf<
  "action",
  (args: Value, host: SystemHost) => Promise<Value>
>;
export type SystemFunction = SystemQuery | SystemAction;

/** @param run must be done when it returns; what it returns becomes a copy */
export function systemQuery<Args extends PropertyValidators>(
  name: string,
  args: Args,
  run: (tx: Transaction, args: ObjectType<Args>, host: SystemHost) => unknown,
): SystemQuery {
  return {
    kind: "query",
    name,
    argsJSON: validatorToJson(v.object(args)),
    run: (tx, given, host) => canonicalCopy(run(tx, given as ObjectType<Args>, host)),
  };
}

export function systemAction<Args extends PropertyValidators>(
  name: string,
  args: Args,
  run: (args: ObjectType<Args>, host: SystemHost) => unknown,
): SystemAction {
  return {
    kind: "action",
    name,
    argsJSON: validatorToJson(v.object(args)),
    run: async (given, host) => canonicalCopy(await run(given as ObjectType<Args>, host)),
  };
}
