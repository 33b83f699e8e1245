/** Commit timestamps inside values that crossed a function boundary before the commit (engine.md 1.7). */
import { isCommitTsPlaceholder } from "../values/commit-ts";
import { isArrayBuffer, type Value } from "../values/value";

/** Whether a canonical value holds a placeholder anywhere. O(size). */
export function holdsPlaceholder(value: Value): boolean {
  if (typeof value !== "object" || value === null || isArrayBuffer(value)) return false;
  if (Array.isArray(value)) return value.some(holdsPlaceholder);
  if (isCommitTsPlaceholder(value)) return true;
  return Object.values(value).some((field) => field !== undefined && holdsPlaceholder(field));
}
