/** Finds the functions behind the queries of a client; what it may not have is a failure to be told. */
import { refusedFailure } from "../functions/function-failure";
import { isInvexError } from "../shared/errors";
import { lookUpCall } from "./call-lookup";
import type { AddQuery } from "./protocol";
import type { FoundQuery } from "./query-set";
import type { SessionHost } from "./session-host";
import type { SyncCaller } from "./sync-caller";

export async function findQueries(
  host: SessionHost,
  caller: SyncCaller,
  queries: readonly AddQuery[],
): Promise<Map<AddQuery, FoundQuery>> {
  const found = new Map<AddQuery, FoundQuery>();
  for (const message of queries) {
    try {
      const requestId = host.createRequestId();
      const call = lookUpCall(host.directory, "query", message, caller, requestId);
      found.set(message, { call: call instanceof Promise ? await call : call });
    } catch (error) {
      if (!isInvexError(error)) throw error;
      found.set(message, { failure: refusedFailure(error) });
    }
  }
  return found;
}
