/**
 * The bridge from helpers that have no `ctx` to the running backend: the `Convex` global, which the
 * engine routes to whatever function is executing. Only this file reads it.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import { ConvexError } from "../values/convex-error";
import { jsonToConvex } from "../values/convex-json";
import type { JSONValue } from "../values/value";

/** The version of the `convex` package whose behaviour Invex follows; sent with syscalls. */
export const CONVEX_VERSION = "1.48.0";

/** The operations reached through the global. */
export type BridgedOperation =
  | "1.0/auditLog"
  | "1.0/createFunctionHandle"
  | "1.0/createServiceToken"
  | "1.0/getServiceUrl";

interface ConvexGlobal {
  asyncSyscall?(operation: string, argsJson: string): Promise<string>;
}

/**
 * Asks the running backend for `operation`.
 *
 * @param args - what JSON can hold.
 * @throws outside of a running function, and whatever the backend answers with.
 */
export async function performAsyncSyscall(
  operation: BridgedOperation,
  args: Record<string, unknown>,
): Promise<JSONValue> {
  const { Convex: bridge } = globalThis as { Convex?: ConvexGlobal };
  if (bridge?.asyncSyscall === undefined) throw outsideOfBackend();
  const json = JSON.stringify({ ...args, version: CONVEX_VERSION });
  try {
    return JSON.parse(await bridge.asyncSyscall(operation, json));
  } catch (error) {
    throw withoutItsOrigin(error);
  }
}

function outsideOfBackend(): InvexError {
  return userError(
    "NotSupported",
    "The Convex database and auth objects are being used outside of a Convex backend. Did you mean to use `useQuery` or `useMutation` to call a Convex function?",
  );
}

/** What crosses the bridge is a message, and a `ConvexError`'s data as JSON. */
function withoutItsOrigin(error: unknown): unknown {
  const { message, data } = error as { message: string; data?: JSONValue };
  if (data === undefined) return new Error(message, { cause: error });
  const rethrown = new ConvexError(jsonToConvex(data));
  rethrown.message = message;
  return rethrown;
}
