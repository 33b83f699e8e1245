/**
 * From what a handler returned to what its caller gets: a canonical copy that was checked in
 * Convex's order (engine.md 2.4): a Convex value, within the limits, matching the validator.
 */
import { type InvexError, isInvexError, userError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import { ingestedBytes } from "../values/ingested-bytes";
import { unicodeProblem, valueLimitProblem } from "../values/limits";
import { REJECTED } from "../values/strict-copy";
import type { Value } from "../values/value";
import type { PendingValues } from "./call-arguments";
import { type FunctionFailure, refusedFailure, thrownFailure } from "./function-failure";
import { holdsPlaceholder } from "./pending-value";
import type { RegisteredFunction } from "./registered-function";
import { notableSize, transferProblem } from "./transfer-size";

/** A result ready for the caller, who becomes its owner. */
export interface CallResult {
  readonly value: Value;
  /** Its size if it is above 80 % of the limit: worth a warning. */
  readonly notableBytes: number | undefined;
}

/**
 * Reads what the handler of `fn` returned.
 *
 * @param returned the handler's; never changed, and not shared with the result.
 * @param pending a mutation may return the commit timestamp before it is known; see `resolveValue` of `db`.
 * @throws InvexError `ReturnsInvalid` from the backend, any other code from the encoder, which runs
 * as part of the handler: {@link resultFailure} tells them apart. Cost: one pass over a result that
 * is right, and a quick one to see that it is small.
 */
export function parseResult(
  fn: RegisteredFunction,
  returned: unknown,
  pending: PendingValues = "refused",
): CallResult {
  const given = returned === undefined ? null : returned;
  const before = ingestedBytes();
  const fast = fn.ingestReturns(given);
  return fast === REJECTED
    ? check(fn, encode(given), pending)
    : measured(fn, fast, ingestedBytes() - before);
}

/**
 * The failure behind an error of {@link parseResult}: the encoder's errors count as thrown by the
 * handler (`Uncaught …`), the backend's do not.
 */
export function resultFailure(error: unknown, folder?: string): FunctionFailure {
  return isInvexError(error) && error.code === "ReturnsInvalid"
    ? refusedFailure(error)
    : thrownFailure(error, folder);
}

function encode(returned: unknown): Value {
  try {
    return canonicalCopy(returned);
  } catch (error) {
    throw isQueryObject(returned) ? unfinishedQuery() : error;
  }
}

/** A forgotten `.collect()`: of the engine's own query objects, of either front's, or wrapped ones. */
function isQueryObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const query = value as Record<string, unknown>;
  return ["collect", "take", "unique", "first"].every((name) => typeof query[name] === "function");
}

function unfinishedQuery(): InvexError {
  return userError(
    "QueryInvalid",
    "Return value is a Query. Results must be retrieved with `.collect()`, `.take(n), `.unique()`, or `.first()`.",
  );
}

/** The slow road, for values that are canonical but may be wrong in any other way. */
function check(fn: RegisteredFunction, value: Value, pending: PendingValues): CallResult {
  const { canonical } = fn.path;
  const text = unicodeProblem(value);
  if (text !== undefined) {
    throw refusal(
      fn,
      `Function ${canonical} failed. Could not parse return value as json: ${text}`,
    );
  }
  if (pending === "refused" && holdsPlaceholder(value)) {
    throw invalid(fn, "queries cannot return an unresolved commit timestamp");
  }
  const limit = valueLimitProblem(value);
  if (limit !== undefined) throw invalid(fn, limit.message);
  const result = measured(fn, value);
  const mismatch = fn.checkReturns(value);
  if (mismatch !== undefined) throw refusal(fn, `ReturnsValidationError: ${mismatch}`);
  return result;
}

/** @param atMost an upper bound of its size, if it is known */
function measured(fn: RegisteredFunction, value: Value, atMost?: number): CallResult {
  const notableBytes = notableSize(value, atMost);
  const problem = transferProblem(notableBytes);
  if (problem !== undefined) {
    throw refusal(fn, `Function ${fn.path.canonical} return value is ${problem}`);
  }
  return { value, notableBytes };
}

function invalid(fn: RegisteredFunction, problem: string): InvexError {
  return refusal(fn, `Function ${fn.path.canonical} return value invalid: ${problem}`);
}

function refusal(fn: RegisteredFunction, message: string): InvexError {
  return userError("ReturnsInvalid", message, { function: fn.path.display });
}
