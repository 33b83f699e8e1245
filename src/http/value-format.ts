/** The forms in which the HTTP API writes values (functions.md 9.8). */
import { fromByteArray } from "../values/base64";
import { convexToJson } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import { refusal } from "./refusal";

/**
 * `encoded`: every value can be read back. `clean`: plain JSON, for which integers and bytes become
 * strings.
 */
export type ValueFormat = "encoded" | "clean";

const FORMATS = new Map<string, ValueFormat>([
  ["convex_encoded_json", "encoded"],
  ["convex_json", "encoded"],
  ["json", "clean"],
  ["convex_clean_json", "clean"],
  ["export_json", "clean"],
]);

/**
 * Reads the parameter `format`; absent means `json`.
 * @throws InvexError a refusal with Convex's text
 */
export function parseFormat(format: string | null | undefined): ValueFormat {
  const known = FORMATS.get(format ?? "json");
  if (known !== undefined) return known;
  throw refusal(400, "InvalidFormat", `format param must be one of [\`json\`]. Got ${format}`);
}

/** Writes a canonical value. Cost: O(size). */
export function formatValue(value: Value, format: ValueFormat): JSONValue {
  return format === "encoded" ? convexToJson(value) : clean(value);
}

function clean(value: Value): JSONValue {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ArrayBuffer) return fromByteArray(new Uint8Array(value));
  if (Array.isArray(value)) return value.map(clean);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, clean(field as Value)]));
}
