/** A commit as `onCommit` tells of it: copies of documents, without what is the engine's own. */
import { freeze } from "immer";
import type { CommitRecord, DocumentChange } from "../db/commit-record";
import type { DocumentVersion } from "../db/document";
import { copyOut } from "../db/query";
import type { Value } from "../values/value";
import type { Commit, CommittedChange } from "./types";

/** Frozen: several listeners may get it. O(changed documents). */
export function publicCommit({ ts, changes }: CommitRecord): Commit {
  const shown = changes.filter(({ table }) => table.visibility !== "private");
  return freeze({ ts: ts.ns, changes: shown.map(publicChange) }, true);
}

function publicChange({ table, id, oldVersion, newVersion }: DocumentChange): CommittedChange {
  const copy = (version: DocumentVersion | undefined) =>
    version === undefined ? null : (copyOut(version, table) as Record<string, Value>);
  return {
    component: table.component,
    table: table.name,
    id,
    before: copy(oldVersion),
    after: copy(newVersion),
  };
}
