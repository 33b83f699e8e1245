/** What can be wrong with a store, said the same way by every adapter. */
import type { Refuse } from "../shared/check-shape";
import { InvexError } from "../shared/errors";

/**
 * `busy`: another backend has it. `foreign`: it holds something else. `newer`: a newer Invex wrote
 * it. `damaged`: what it holds cannot be read. `unwritable`: it cannot be written. `full`: it holds
 * more than may be loaded.
 */
export type PersistenceProblem =
  | "busy"
  | "foreign"
  | "newer"
  | "damaged"
  | "unwritable"
  | "full"
  | "failed";

/** @param where which store, and what part of it */
export function persistenceError(
  problem: PersistenceProblem,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): InvexError {
  return new InvexError("PersistenceFailed", message, {
    kind: "system",
    fields: { ...fields, problem },
    cause,
  });
}

/** What is not as it was written, to be told with its place in the store. */
export const refuse: Refuse = (path, problem) => {
  throw new Error(`${path}: ${problem}`);
};

/** The text of whatever was thrown. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
