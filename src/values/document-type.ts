/** The validator of a table as it applies to documents: without the system fields. */
import type { ValidatorJSON } from "./validator-json";

/** Whether a document's field is Convex's own: `_id` or `_creationTime`. */
export function isSystemField(name: string): boolean {
  return name === "_id" || name === "_creationTime";
}

/** `json` without top-level system fields, which Convex silently drops from a table's validator. */
export function documentType(json: ValidatorJSON): ValidatorJSON {
  if (json.type === "union") return { type: "union", value: json.value.map(documentType) };
  if (json.type !== "object") return json;
  const fields = Object.entries(json.value).filter(([name]) => !isSystemField(name));
  return { type: "object", value: Object.fromEntries(fields) };
}
