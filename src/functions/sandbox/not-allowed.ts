/** The error of everything a query or mutation may not do (engine.md 6.5). */
import { type InvexError, userError } from "../../shared/errors";

/** @param what in Convex's words: `fetch()`, `setTimeout`, `cryptographic randomness` … */
export function notAllowed(what: string): InvexError {
  return userError(
    "NotSupported",
    `Can't use ${what} in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.`,
    { what },
  );
}
