/** Values as their author would write them in TypeScript: `"general"`, `5`, `5n`, `{ a: [1] }`. */
import { fromByteArray } from "../values/base64";
import { isArrayBuffer, type Value, type ValueObject } from "../values/value";

/** `undefined` is a field that is missing. Cost: O(value). */
export function printLiteral(value: Value | undefined): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(printLiteral).join(", ")}]`;
  if (isArrayBuffer(value)) return `bytes(${JSON.stringify(fromByteArray(new Uint8Array(value)))})`;
  return printObject(value as ValueObject);
}

function printObject(object: ValueObject): string {
  const fields = Object.entries(object).map(
    ([name, value]) =>
      `${/^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name)}: ${printLiteral(value)}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
