/** A commit as the page shows it: the first of its changes, without what is the engine's own. */
import type { CommitRecord, DocumentChange } from "../db/commit-record";
import type { DocumentVersion } from "../db/document";
import { copyOut } from "../db/query";
import { convexToJson } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import type { CommitChange, CommitLine } from "./wire";

const SHOWN_CHANGES = 20;
const SHOWN_BYTES = 32_768;

/** `undefined` for one that changed only what nobody sees. Cost: O(changes), and a copy of some. */
export function commitLine({ ts, source, changes }: CommitRecord): CommitLine | undefined {
  const shown = changes.filter(({ table }) => table.visibility !== "private");
  if (shown.length === 0) return undefined;
  return {
    ts: String(ts.ns),
    source,
    size: shown.length,
    changes: shown.slice(0, SHOWN_CHANGES).map(changeLine),
  };
}

function changeLine({ table, id, oldVersion, newVersion }: DocumentChange): CommitChange {
  const named = { component: table.component, table: table.name, id };
  const size = (oldVersion?.size ?? 0) + (newVersion?.size ?? 0);
  if (size > SHOWN_BYTES) return { ...named, before: null, after: null, isLarge: true };
  const json = (version: DocumentVersion | undefined): JSONValue =>
    version === undefined ? null : convexToJson(copyOut(version, table) as unknown as Value);
  return { ...named, before: json(oldVersion), after: json(newVersion) };
}
