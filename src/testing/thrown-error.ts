/**
 * What a failed call throws into a test: what the function threw, itself, through however many
 * nested calls; for errors of the engine's own, one whose message says everything there is to say,
 * and whose stack begins at the author's line.
 */
import { type FunctionFailure, failureBehind } from "../functions/function-failure";
import { type InvexError, isInvexError } from "../shared/errors";
import { cloneValue } from "../values/clone";
import { mockWording } from "./mock-wording";

/** @param error what the engine threw */
export function thrownError(error: unknown): unknown {
  const failure = innermost(error);
  if (failure === undefined) return isInvexError(error) ? explained(error, error) : error;
  const { thrown, data } = failure;
  if (isInvexError(thrown)) return explained(error as Error, thrown);
  if (data !== undefined) (thrown as { data: unknown }).data = cloneValue(data);
  if (thrown instanceof Error) setStack(thrown, framesOf(error as Error));
  return thrown;
}

/** The failure of the function that began it: each caller's error stands for the one it called. */
function innermost(error: unknown): FunctionFailure | undefined {
  let failure = failureBehind(error);
  for (let next = failure; next !== undefined; next = failureBehind(next.thrown)) failure = next;
  return failure;
}

function explained(error: Error, cause: InvexError): Error {
  const message = lines(cause, nameOf(error) ?? nameOf(cause)).join("\n");
  const frames = framesOf(error);
  Object.defineProperty(error, "message", { value: message, configurable: true, writable: true });
  return setStack(error, frames);
}

/** Those of the author and the test; errors that the engine hands over have no others. */
function framesOf({ stack = "" }: Error): string[] {
  return stack.split("\n").filter((line) => /^ +at /.test(line));
}

function setStack<E extends Error>(error: E, frames: readonly string[]): E {
  if (frames.length === 0 || Object.isFrozen(error)) return error;
  const value = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return Object.defineProperty(error, "stack", { value, configurable: true, writable: true });
}

function lines(cause: InvexError, name: string | undefined): string[] {
  const { hint } = cause.fields;
  const wording = mockWording(cause);
  const known = name === undefined || cause.message.includes(name);
  return [
    cause.message.trimEnd(),
    ...(typeof hint === "string" ? [hint] : []),
    ...(known ? [] : [`Function: ${name}`]),
    ...(wording === undefined ? [] : [`In convex-test: ${wording}`]),
  ];
}

function nameOf(error: unknown): string | undefined {
  const name = isInvexError(error) ? error.fields.function : undefined;
  return typeof name === "string" ? name : undefined;
}
