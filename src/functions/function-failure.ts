/**
 * One failed call of a function, as the engine carries it from where it failed to whoever must hear
 * of it: the calling function, the client, or the embedder (functions.md 8.2). The `data` of a
 * `ConvexError` survives every nesting, and the thing first thrown is never lost.
 * The words are `error-text.ts`'s.
 */
import type { InvexError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import { cloneValue } from "../values/clone";
import { ConvexError, isConvexError } from "../values/convex-error";
import type { Value } from "../values/value";
import { clientText, describeThrown, thrownText, withFrames } from "./error-text";
import { asInvexError, FunctionError } from "./function-error";
import { callerFrames, printWholeFrame } from "./stack-frames";

/** Immutable. Made once, where the call failed. */
export interface FunctionFailure {
  /** The whole text: message, frames, a final newline. What jobs and unredacted clients get. */
  readonly text: string;
  /** What a function that called this one catches as `message`. */
  readonly messageToCaller: string;
  /** What the author's `ConvexError` carries, canonical; reaches every reader, redacted or not. */
  readonly data: Value | undefined;
  /** What was thrown, untouched. */
  readonly thrown: unknown;
}

/** Who failed and how much of it may be told. */
export interface FailedCall {
  /** Display form of the function's path. */
  readonly path: string;
  readonly requestId: string;
  /** Production texts: the request id only. */
  readonly redact: boolean;
}

const FAILURE = Symbol.for("InvexFunctionFailure");

/**
 * The failure of a handler that threw, or of its result that could not be encoded.
 *
 * @param folder the name of the functions folder, as frames spell it.
 */
export function thrownFailure(thrown: unknown, folder?: string): FunctionFailure {
  const data = dataOf(thrown);
  const text =
    data.problem === undefined
      ? thrownText(thrown, folder)
      : withFrames(`ConvexError with invalid data: ${data.problem}`, thrown, folder);
  return { text, messageToCaller: text, data: data.value, thrown };
}

/**
 * The failure of a call outside the handler: the function was not found, its arguments or its
 * result were refused. No `Uncaught`, no frames, nothing of the handler's doing.
 */
export function refusedFailure(error: InvexError): FunctionFailure {
  const { message } = error;
  return { text: `${message}\n`, messageToCaller: message, data: undefined, thrown: error };
}

/**
 * What the function that called the failed one gets to catch. Make it where that function's own
 * stack is visible: its frames become the error's.
 */
export function errorToCaller(failure: FunctionFailure): Error {
  const { messageToCaller, thrown } = failure;
  const error = new Error(messageToCaller, { cause: thrown });
  return linked(failure.data === undefined ? error : asConvexError(error, failure), failure);
}

/** What a client reads. Its data is `failure.data`. */
export function textToClient(failure: FunctionFailure, call: FailedCall): string {
  return clientText(call.requestId, call.redact ? undefined : failure.text);
}

/**
 * What `await backend.mutation(…)` throws in the embedder's own process: the client's text as
 * `message`, the thrown thing as `cause`, and a stack that begins at the author's line.
 *
 * A `ConvexError` stays one, of the author's own class; everything else is a {@link FunctionError}.
 */
export function errorToEmbedder(failure: FunctionFailure, call: FailedCall): Error {
  const { data, thrown } = failure;
  const message = withHint(textToClient(failure, call), thrown);
  const error =
    data === undefined
      ? new FunctionError(message, { function: call.path, requestId: call.requestId }, thrown)
      : asConvexError(new Error(message, { cause: thrown }), failure);
  error.stack = stackFor(error, thrown);
  return linked(error, failure);
}

/** The failure an error made here stands for: lets a caller in the same process see what was thrown. */
export function failureBehind(error: unknown): FunctionFailure | undefined {
  return error instanceof Error ? (error as { [FAILURE]?: FunctionFailure })[FAILURE] : undefined;
}

function linked<E extends Error>(error: E, failure: FunctionFailure): E {
  return Object.defineProperty(error, FAILURE, { value: failure });
}

/** Advice the registry keeps apart from the text, because clients must not see it. */
function withHint(text: string, thrown: unknown): string {
  const hint = asInvexError(thrown)?.fields.hint;
  return typeof hint === "string" ? `${text.trimEnd()}\n${hint}\n` : text;
}

/** Frames quoted in the message are left out of the header: tools would take them for its own. */
function stackFor(error: Error, thrown: unknown): string {
  const header = `${error.name}: ${error.message.replace(/\n {4}at .*/g, "").trimEnd()}`;
  const thrownFrames = callerFrames(thrown);
  const frames = thrownFrames.length > 0 ? thrownFrames : callerFrames(error);
  return [header, ...frames.map((frame) => `    at ${printWholeFrame(frame)}`)].join("\n");
}

/** Gives `error` the class of the author's `ConvexError`, so that `instanceof` holds on both fronts. */
function asConvexError(error: Error, { data, thrown }: FunctionFailure): Error {
  const prototype = thrown instanceof Error ? Object.getPrototypeOf(thrown) : ConvexError.prototype;
  const own = { enumerable: true, configurable: true, writable: true };
  return Object.defineProperties(Object.setPrototypeOf(error, prototype), {
    name: { ...own, value: "ConvexError" },
    data: { ...own, value: cloneValue(data as Value) },
    [Symbol.for("ConvexError")]: { ...own, value: true },
  });
}

/** Data that is no Convex value makes the error an ordinary one with a text of its own. */
function dataOf(thrown: unknown): { value: Value | undefined; problem: string | undefined } {
  if (!hasData(thrown)) return { value: undefined, problem: undefined };
  try {
    return { value: canonicalCopy(thrown.data ?? null), problem: undefined };
  } catch (error) {
    const problem = error instanceof Error ? error.message : describeThrown(error);
    return { value: undefined, problem };
  }
}

/** Anything can be thrown, also a proxy that was revoked. */
function hasData(thrown: unknown): thrown is ConvexError<Value> {
  try {
    return isConvexError(thrown);
  } catch {
    return false;
  }
}
