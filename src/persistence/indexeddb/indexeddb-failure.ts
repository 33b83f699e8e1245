/** What browsers say of their databases, said so that one knows what to do. */
import type { InvexError } from "../../shared/errors";
import { type PersistenceProblem, persistenceError, reasonOf } from "../persistence-error";

/** @returns `cause` as an error of persistence, or itself when it is one */
export function explained(cause: unknown): InvexError {
  const { name } = cause as { name?: string };
  if (name === "InvexError") return cause as InvexError;
  const [problem, text] = problems[name ?? ""] ?? ["failed", "IndexedDB failed"];
  return persistenceError(problem, `${text} (${reasonOf(cause)}).`, {}, cause);
}

const forbidden: [PersistenceProblem, string] = [
  "unwritable",
  "This page may not keep data in IndexedDB: its storage is blocked, as in some browsers' private windows and in sandboxed frames",
];

const problems: Readonly<Record<string, readonly [PersistenceProblem, string]>> = {
  SecurityError: forbidden,
  // Firefox's private windows, of older versions.
  InvalidStateError: forbidden,
  QuotaExceededError: [
    "unwritable",
    "The browser has no more room for this site: its storage quota is used up",
  ],
  UnknownError: ["failed", "The browser could not read or write its database"],
  ConstraintError: [
    "failed",
    "The IndexedDB database is not as this backend left it: a row that was to be inserted is there already",
  ],
};
