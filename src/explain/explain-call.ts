/** What `backend.explain` runs. Loaded by its first use. */
import type { Database } from "../db/database";
import type { CallOutcome } from "../functions/call-outcome";
import type { FunctionCall, FunctionRunner } from "../functions/runner";
import type { CacheState } from "../reactivity/query-cache";
import { elapsedMs } from "../shared/elapsed-clock";
import { userError } from "../shared/errors";
import { reportCache } from "./cache-report";
import { describeTransaction, type Explanation } from "./explanation";
import { QueryRecorder } from "./query-report";
import type { TableOfId } from "./read-report";

export interface ExplainedCall {
  readonly call: FunctionCall;
  readonly database: Database;
  readonly runner: FunctionRunner;
  /** `undefined` for what is never cached. */
  readonly cached: CacheState | { readonly kind: "live" } | undefined;
  readonly tableOfId: TableOfId;
  /** What the caller of the function would have got of an outcome. */
  readonly resultOf: (call: FunctionCall, outcome: CallOutcome) => Explanation["result"];
}

/** Runs a query or mutation and commits nothing. @throws InvexError `NotSupported` for actions */
export async function explainCall(options: ExplainedCall): Promise<Explanation> {
  const { call, database, runner, cached, tableOfId, resultOf } = options;
  const { kind } = call.fn;
  if (kind !== "query" && kind !== "mutation") throw notATransaction(call);
  const cache = reportCache(cached);
  const tx = database.begin();
  const recorder = new QueryRecorder();
  tx.probe = recorder;
  const beganMs = elapsedMs();
  const { outcome, readIdentity, observedTime } = await runner.rehearse(kind, call, tx);
  const durationMs = elapsedMs() - beganMs;
  const described = describeTransaction(tx, recorder.queries, tableOfId);
  tx.close();
  return {
    function: call.target.path.display,
    kind,
    result: resultOf(call, outcome),
    ...described,
    cache,
    usesIdentity: readIdentity,
    usesTime: observedTime,
    durationMs,
  };
}

function notATransaction({ target }: FunctionCall): Error {
  const { display } = target.path;
  return userError(
    "NotSupported",
    `explain() runs queries and mutations, and ${display} is an action: explain the functions that it calls.`,
    { function: display },
  );
}
