/**
 * From what a caller gives to what a handler gets: a canonical copy that was checked in Convex's
 * order (engine.md 2.4): an object, a Convex value, within the limits, matching the validator.
 *
 * Two kinds of refusal, told apart by code. `ArgumentsInvalid` is the backend's: the call has
 * failed. Any other code is the encoder's, which in Convex runs in the caller's own library: it is
 * the caller's own exception.
 */
import { type InvexError, userError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import { ingestedBytes } from "../values/ingested-bytes";
import { unicodeProblem, valueLimitProblem } from "../values/limits";
import { printValue } from "../values/print";
import { REJECTED } from "../values/strict-copy";
import { isPlainObject, type Value, type ValueObject } from "../values/value";
import { inComponent } from "./function-target";
import { holdsPlaceholder } from "./pending-value";
import type { RegisteredFunction } from "./registered-function";
import { notableSize, transferProblem } from "./transfer-size";

/** Levels of nesting that are left for arguments inside the array Convex wraps them in. */
const MAX_ARGUMENT_NESTING = 63;

/** What the array around them adds to their size. */
const WRAPPING_BYTES = 2;

/** Arguments ready for the handler, who becomes their owner. */
export interface CallArguments {
  readonly args: ValueObject;
  /** Their size, the wrapping array included, if it is above 80 % of the limit: worth a warning. */
  readonly notableBytes: number | undefined;
}

/** Whether a commit timestamp that is not assigned yet may appear: only between mutations. */
export type PendingValues = "refused" | "allowed";

/**
 * Arguments of a call made with JavaScript values: by the embedder or from a function.
 *
 * @param given the caller's; never changed, and not shared with the result.
 * @throws InvexError see above. Cost: one pass over the arguments if they are right, and a
 * quick one to see that they are small.
 */
export function parseArguments(
  fn: RegisteredFunction,
  given: unknown,
  pending: PendingValues = "refused",
): CallArguments {
  if (given === undefined) return parseArguments(fn, {}, pending);
  if (!isPlainObject(given)) throw notAnObject(given);
  const before = ingestedBytes();
  const fast = fn.ingestArgs(given);
  if (fast === REJECTED) return check(fn, canonicalCopy(given) as ValueObject, pending);
  return measured(fn, fast as ValueObject, ingestedBytes() - before + WRAPPING_BYTES);
}

/**
 * Arguments as they come over a wire, decoded: a list that should hold one object.
 *
 * @param given owned by this function from now on.
 * @throws InvexError `ArgumentsInvalid`.
 */
export function parseArgumentList(fn: RegisteredFunction, given: readonly Value[]): CallArguments {
  const [args] = given;
  if (given.length !== 1 || args === undefined) {
    throw refusal(
      fn,
      `Expected to receive a single object as the function's argument. Instead received ${given.length} arguments: ${printValue([...given])}`,
    );
  }
  if (!isPlainObject(args)) {
    throw refusal(
      fn,
      `Expected to receive an object as the function's argument. Instead received: ${printValue(args)}`,
    );
  }
  return check(fn, args as ValueObject, "refused");
}

/** The slow road, for values that are canonical but may be wrong in any other way. */
function check(fn: RegisteredFunction, args: ValueObject, pending: PendingValues): CallArguments {
  const problem = encodingProblem(args, pending);
  if (problem !== undefined) {
    throw refusal(fn, `Invalid arguments for ${fn.path.canonical}: ${problem}`);
  }
  const call = measured(fn, args);
  const mismatch = fn.checkArgs(args);
  if (mismatch !== undefined) {
    throw refusal(fn, `ArgumentValidationError: ${mismatch}${whereInComponent(fn)}`);
  }
  return call;
}

/** Convex's text names no function; between components one cannot tell which it was. */
function whereInComponent({ component, path }: RegisteredFunction): string {
  return component === "" ? "" : `\nFunction: ${path.display}${inComponent(component)}`;
}

function encodingProblem(args: ValueObject, pending: PendingValues): string | undefined {
  const text = unicodeProblem(args);
  if (text !== undefined) return `Received invalid json: ${text}`;
  if (pending === "refused" && holdsPlaceholder(args)) {
    return "Field name $commitTs starts with '$', which is reserved.";
  }
  return valueLimitProblem(args, MAX_ARGUMENT_NESTING)?.message;
}

/** @param atMost an upper bound of their size, wrapped, if it is known */
function measured(fn: RegisteredFunction, args: ValueObject, atMost?: number): CallArguments {
  const notableBytes = notableSize([args], atMost);
  const problem = transferProblem(notableBytes);
  if (problem !== undefined) {
    throw refusal(fn, `Arguments for ${fn.path.canonical} are ${problem}`);
  }
  return { args, notableBytes };
}

function notAnObject(given: unknown): InvexError {
  return userError(
    "ValueInvalid",
    `The arguments to a Convex function must be an object. Received: ${printGiven(given)}`,
  );
}

/** As template strings print it, except that nothing can throw here. */
function printGiven(given: unknown): string {
  try {
    return String(given);
  } catch {
    return Object.prototype.toString.call(given);
  }
}

function refusal(fn: RegisteredFunction, message: string): InvexError {
  return userError("ArgumentsInvalid", message, { function: fn.path.display });
}
