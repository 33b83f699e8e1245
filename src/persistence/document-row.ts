/** One document as one row: its wire JSON as text (engine.md 1.1), parsed before anybody sees it. */
import type { Document } from "../db/document";
import { atLeastZero, properties, text } from "../shared/check-shape";
import { adoptJson, convexToJson } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import type { StoredRow } from "./persistence";
import { persistenceError, reasonOf, refuse } from "./persistence-error";

export function rowText(document: Document): string {
  return JSON.stringify(convexToJson(document as Value));
}

const checkDocument = properties({ _id: text, _creationTime: atLeastZero });

/**
 * @param table for the error
 * @param owns whether an id belongs to that table
 * @throws InvexError `PersistenceFailed` naming table and row
 */
export function readDocument(
  row: StoredRow,
  table: string,
  owns: (id: string) => boolean,
): Document {
  try {
    const json = JSON.parse(row.text) as JSONValue;
    checkDocument(json, "", refuse);
    const { _id } = json as { readonly _id: string };
    if (_id !== row.id) throw new Error(`it says that its id is "${_id}"`);
    if (row.text.includes('"$commitTs"')) throw new Error("it holds the time of an open commit");
    if (!owns(_id)) throw new Error("its id belongs to another table");
    return adoptJson(json) as unknown as Document;
  } catch (cause) {
    throw persistenceError(
      "damaged",
      `The data cannot be read: document "${row.id}" in table "${table}": ${reasonOf(cause)}. Nothing was changed.`,
      { table, id: row.id },
      cause,
    );
  }
}
