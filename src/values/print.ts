/**
 * Values, validators and sizes as Convex's (Rust) backend prints them inside error messages
 * (engine.md 1.3, 2.4): `{a: 1.0, b: "x"}`, `v.object({a: v.float64()})`, `1.04 MiB`.
 */
import { unreachable } from "../shared/assert";
import { fromByteArray } from "./base64";
import { isCommitTsPlaceholder } from "./commit-ts";
import { jsonToConvex } from "./convex-json";
import { printString } from "./print-text";
import type { ObjectFieldType, ValidatorJSON } from "./validator-json";
import type { Value, ValueObject } from "./value";
import { isArrayBuffer, MAX_INT64, sortedKeys } from "./value";

/**
 * A value as text.
 *
 * @example
 * ```ts
 * printValue({ b: [1, 2n], a: "x" }); // => '{a: "x", b: [1.0, 2]}'
 * ```
 */
export function printValue(value: Value): string {
  switch (typeof value) {
    case "string":
      return printString(value);
    case "number":
      return printFloat(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : printObject(value);
    default:
      return unreachable(value);
  }
}

function printObject(value: Exclude<Value, null | string | number | bigint | boolean>): string {
  if (Array.isArray(value)) return `[${value.map(printValue).join(", ")}]`;
  if (isArrayBuffer(value)) return `b"${fromByteArray(new Uint8Array(value))}"`;
  if (isCommitTsPlaceholder(value)) return String(MAX_INT64);
  return printFields(value);
}

function printFields(object: ValueObject): string {
  const fields: string[] = [];
  for (const key of sortedKeys(object)) {
    const field = object[key];
    if (field !== undefined) fields.push(`${key}: ${printValue(field)}`);
  }
  return `{${fields.join(", ")}}`;
}

/** Always with a fraction or an exponent, so that it cannot be taken for an Int64. */
function printFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size >= 1e16 || (size < 1e-4 && size > 0)) return value.toExponential().replace("+", "");
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/**
 * A validator as the source text that makes it, fields sorted.
 *
 * @example
 * ```ts
 * printValidator({ type: "array", value: { type: "number" } }); // => "v.array(v.float64())"
 * ```
 */
export function printValidator(json: ValidatorJSON): string {
  switch (json.type) {
    case "number":
      return "v.float64()";
    case "bigint":
      return "v.int64()";
    case "null":
    case "commitTs":
    case "boolean":
    case "string":
    case "bytes":
    case "any":
      return `v.${json.type}()`;
    case "literal":
      return `v.literal(${printValue(jsonToConvex(json.value))})`;
    case "id":
      return `v.id("${json.tableName}")`;
    case "array":
      return `v.array(${printValidator(json.value)})`;
    case "record":
      return `v.record(${printValidator(json.keys)}, ${printValidator(json.values.fieldType)})`;
    case "object":
      return `v.object({${printFieldTypes(json.value)}})`;
    case "union":
      return `v.union(${json.value.map(printValidator).join(", ")})`;
    default:
      return unreachable(json);
  }
}

function printFieldTypes(fields: Readonly<Record<string, ObjectFieldType>>): string {
  const printed = sortedKeys(fields).map((key) => {
    const { fieldType, optional } = fields[key]!;
    const type = printValidator(fieldType);
    return `${key}: ${optional ? `v.optional(${type})` : type}`;
  });
  return printed.join(", ");
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/**
 * A number of bytes with its binary unit: whole without decimals, otherwise with two.
 *
 * @example
 * ```ts
 * formatSize(1024 * 1024); // => "1 MiB"
 * formatSize(1_090_519); // => "1.04 MiB"
 * ```
 */
export function formatSize(bytes: number): string {
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 1024 && unit < UNITS.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(2)} ${UNITS[unit]}`;
}
