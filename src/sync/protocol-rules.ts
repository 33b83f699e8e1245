/** What one message of a client owes to those before it (functions.md 9.4). */
import { type InvexError, userError } from "../shared/errors";
import type { ModifyQuerySetMessage } from "./protocol";

/** @throws InvexError `RequestInvalid` unless the message follows from the current state */
export function assertBase(given: number, current: number): void {
  if (given === current) return;
  throw protocolError(
    `Base version ${given} passed up doesn't match the current version ${current}`,
  );
}

/** @throws InvexError `RequestInvalid` for a query that is there twice, or removed and not there */
export function checkQueryIds(
  modifications: ModifyQuerySetMessage["modifications"],
  present: { has(queryId: number): boolean },
): void {
  const changed = new Map<number, boolean>();
  for (const { type, queryId } of modifications) {
    const exists = changed.get(queryId) ?? present.has(queryId);
    if (type === "Add" && exists) throw protocolError(`Duplicate query ID: ${queryId}`);
    if (type === "Remove" && !exists) throw protocolError(`Nonexistent query ID: ${queryId}`);
    changed.set(queryId, type === "Add");
  }
}

export function protocolError(message: string): InvexError {
  return userError("RequestInvalid", message);
}
