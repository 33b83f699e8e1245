/**
 * Convex's values as people write them: JavaScript's literals, with `1n` for Int64 and
 * `bytes("base64")` for bytes. What is printed can be read again.
 */
import { fromByteArray } from "../../values/base64";
import { isArrayBuffer, type Value } from "../../values/value";

/** @param indent `""`: on one line */
export function printText(value: Value | undefined, indent = "  ", margin = ""): string {
  if (value === undefined) return "undefined";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isArrayBuffer(value)) return `bytes("${fromByteArray(new Uint8Array(value))}")`;
  const inner = margin + indent;
  const parts = Array.isArray(value)
    ? value.map((each) => printText(each, indent, inner))
    : Object.entries(value).map(
        ([field, each]) => `${printField(field)}: ${printText(each, indent, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  if (indent !== "") return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
  const space = Array.isArray(value) ? "" : " ";
  return `${open}${space}${parts.join(", ")}${space}${close}`;
}

export function printField(field: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(field) ? field : JSON.stringify(field);
}
