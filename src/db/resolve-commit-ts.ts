/** Puts the real commit timestamp where documents hold its placeholder (engine.md 1.7). */

import { nestedFieldsOf } from "../values/clone";
import { isCommitTsPlaceholder } from "../values/commit-ts";
import { isArrayBuffer, setField, type Value, type ValueObject } from "../values/value";
import { DocumentChange } from "./commit-record";
import type { Document, DocumentVersion } from "./document";
import type { Timestamp } from "./timestamp";

/** The same changes with every placeholder replaced. Cost: O(size of the changed documents). */
export function resolveCommitTs(
  changes: readonly DocumentChange[],
  ts: Timestamp,
): DocumentChange[] {
  return changes.map(
    ({ table, id, oldVersion, newVersion }) =>
      new DocumentChange(table, id, oldVersion, newVersion && resolveVersion(newVersion, ts.ns)),
  );
}

/** An Int64 is as large as its placeholder, so the size stays. */
function resolveVersion(version: DocumentVersion, ns: bigint): DocumentVersion {
  const document = resolveValue(version.document as ValueObject, ns);
  return {
    document: document as unknown as Document,
    size: version.size,
    nested: nestedFieldsOf(document as ValueObject),
  };
}

/** A copy of `value` with every placeholder replaced by the commit timestamp. */
export function resolveValue(value: Value, ns: bigint): Value {
  if (typeof value !== "object" || value === null || isArrayBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((element) => resolveValue(element, ns));
  if (isCommitTsPlaceholder(value)) return ns;
  const resolved: ValueObject = {};
  for (const [field, member] of Object.entries(value)) {
    if (member !== undefined) setField(resolved, field, resolveValue(member, ns));
  }
  return resolved;
}
