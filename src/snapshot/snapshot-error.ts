/**
 * Errors of imports and exports. What is wrong with an import is told in Convex's words, which begin
 * alike whatever it is (functions.md 11.2), followed by the place.
 */
import { InvexError, isInvexError, userError } from "../shared/errors";

/** Where in an import something is wrong. */
export interface Place {
  /** Path of the file inside the archive; absent for a source that is the table itself. */
  readonly file?: string | undefined;
  /** Line of the file, or row of the table, from 1. */
  readonly line?: number | undefined;
  readonly field?: string | undefined;
}

/** Nothing was imported because of `problem`. */
export function importError(problem: string, place: Place = {}, cause?: unknown): InvexError {
  const message = `Hit an error while importing:\n${problem}${textOf(place)}`;
  return new InvexError("ImportFailed", message, { fields: { ...place }, cause });
}

/** An error of any part as one of the import's; such a one itself. */
export function asImportError(error: unknown, place?: Place): InvexError {
  if (isInvexError(error) && error.code === "ImportFailed") return error;
  return importError(messageOf(error), place, error);
}

export function exportError(problem: string, fields: Record<string, unknown>): InvexError {
  return userError("ExportFailed", `Hit an error while exporting:\n${problem}`, fields);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function textOf({ file, line, field }: Place): string {
  const parts = [
    ...(file === undefined ? [] : [`file ${file}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
