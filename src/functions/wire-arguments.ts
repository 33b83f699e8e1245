/** Arguments as clients send them over a wire, decoded. */
import { isInvexError, userError } from "../shared/errors";
import { jsonToConvex } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import type { RegisteredFunction } from "./registered-function";

/** @throws InvexError `ArgumentsInvalid`, naming the function, for what is no Convex value */
export function decodeArguments(fn: RegisteredFunction, args: readonly JSONValue[]): Value[] {
  try {
    return args.map(jsonToConvex);
  } catch (error) {
    if (!isInvexError(error)) throw error;
    throw userError(
      "ArgumentsInvalid",
      `Invalid arguments for ${fn.path.canonical}: ${error.message}`,
      { function: fn.path.display },
    );
  }
}
