/**
 * Documents as lines of JSON, in the two encodings of imports and exports (functions.md 11.1, 11.2).
 *
 * `uniform`: an Int64 is a bare integer, a float always has a point or an exponent, bytes and the
 * floats JSON lacks are objects of one `$…` field. Every value survives both ways.
 * `plain`: JSON as anybody writes it: every number is a float, no field may begin with `$`.
 */
import { fromByteArray } from "../values/base64";
import { convexToJson, jsonToConvex } from "../values/convex-json";
import { fieldNameProblem } from "../values/field-name";
import { MAX_NESTING } from "../values/limits";
import { fitsInt64, isArrayBuffer, type JSONValue, setField, type Value } from "../values/value";

export type Encoding = "uniform" | "plain";

/** A value has no form in the encoding, or a text no value. The message is Convex's where it has one. */
export class EncodingError extends Error {}

/** Text that is no JSON at all. */
export class JsonSyntaxError extends Error {}

/** @throws EncodingError for what `plain` lacks. Cost: O(size). */
export function printJson(value: Value, encoding: Encoding): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return printFloat(value, encoding);
    case "bigint":
      if (encoding === "plain") throw notPlain("an Int64");
      return String(value);
    case "object":
      return value === null ? "null" : printObject(value, encoding);
    default:
      return String(value);
  }
}

function printObject(value: object, encoding: Encoding): string {
  if (Array.isArray(value)) return `[${value.map((each) => printJson(each, encoding)).join(",")}]`;
  if (isArrayBuffer(value)) {
    if (encoding === "plain") throw notPlain("bytes");
    return `{"$bytes":"${fromByteArray(new Uint8Array(value))}"}`;
  }
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value as Record<string, Value>)) {
    fields.push(`${JSON.stringify(name)}:${printJson(field, encoding)}`);
  }
  return `{${fields.join(",")}}`;
}

function printFloat(value: number, encoding: Encoding): string {
  if (Object.is(value, -0)) return "-0.0";
  if (!Number.isFinite(value)) {
    if (encoding === "plain") throw notPlain(String(value));
    return JSON.stringify(convexToJson(value));
  }
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function notPlain(what: string): EncodingError {
  return new EncodingError(`JSON has no form for ${what}; the format "uniform" has`);
}

/**
 * Parses one JSON text.
 * @throws JsonSyntaxError, EncodingError. Cost: O(size).
 */
export function parseJson(text: string, encoding: Encoding): Value {
  const marked = encoding === "uniform" ? markIntegers(text) : undefined;
  if (marked === undefined) return decode(parse(text), encoding, 0);
  return decode(unmark(parseMarked(marked, text), 0), encoding, 0);
}

/** What `JSON.parse` gave, as a value in the encoding `plain`. @throws EncodingError */
export function plainValue(json: unknown): Value {
  return decode(json, "plain", 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonSyntaxError((error as Error).message);
  }
}

// ---- integers ------------------------------------------------------------------------------------
// `JSON.parse` cannot tell 1 from 1.0. So integers become strings before it reads them, marked by
// their first character; and so that no other string is taken for one, all others get a mark too.

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const INTEGER = /^(?:-?[1-9]\d*|0)$/;

class MarkedInteger {
  readonly value: Value;

  constructor(text: string) {
    const integer = BigInt(text);
    // As in Convex, what does not fit is a float.
    this.value = fitsInt64(integer) ? integer : Number(text);
  }
}

/** The text with marks; nothing where there is no integer, which is most often. */
function markIntegers(text: string): string | undefined {
  let hasIntegers = false;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.charCodeAt(0) === 0x22) return `"s${token.slice(1)}`;
    if (!INTEGER.test(token)) return token;
    hasIntegers = true;
    return `"i${token}"`;
  });
  return hasIntegers ? marked : undefined;
}

function parseMarked(marked: string, text: string): unknown {
  try {
    return JSON.parse(marked);
  } catch {
    // The marks have moved what the message points at.
    parse(text);
    throw new JsonSyntaxError("Unexpected token");
  }
}

function unmark(json: unknown, depth: number): unknown {
  if (typeof json === "string") {
    return json.startsWith("i") ? new MarkedInteger(json.slice(1)) : json.slice(1);
  }
  if (typeof json !== "object" || json === null) return json;
  if (depth > MAX_NESTING) throw tooNested();
  if (Array.isArray(json)) return json.map((each) => unmark(each, depth + 1));
  const plain: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(json)) {
    // JSON does not allow it, and with its mark it looked like a string.
    if (name.startsWith("i"))
      throw new JsonSyntaxError(`Expected a field name, got ${name.slice(1)}`);
    setField(plain as never, name.slice(1), unmark(field, depth + 1) as Value);
  }
  return plain;
}

// ---- values --------------------------------------------------------------------------------------

function decode(json: unknown, encoding: Encoding, depth: number): Value {
  if (json instanceof MarkedInteger) return json.value;
  if (typeof json === "number" && !Number.isFinite(json)) {
    throw new EncodingError("number out of range");
  }
  if (typeof json !== "object" || json === null) return json as Value;
  if (depth > MAX_NESTING) throw tooNested();
  if (Array.isArray(json)) return json.map((each) => decode(each, encoding, depth + 1));
  return decodeObject(json as Record<string, unknown>, encoding, depth);
}

function decodeObject(json: Record<string, unknown>, encoding: Encoding, depth: number): Value {
  const names = Object.keys(json);
  if (encoding === "uniform" && names.length === 1 && SPECIAL.has(names[0] ?? "")) {
    return decodeSpecial(json as JSONValue);
  }
  const value = {};
  for (const name of names) {
    const problem = fieldNameProblem(name);
    if (problem !== undefined) throw new EncodingError(problem);
    setField(value, name, decode(json[name], encoding, depth + 1));
  }
  return value;
}

const SPECIAL: ReadonlySet<string> = new Set(["$bytes", "$float", "$integer"]);

function decodeSpecial(json: JSONValue): Value {
  try {
    return jsonToConvex(json);
  } catch (error) {
    throw new EncodingError((error as Error).message);
  }
}

function tooNested(): EncodingError {
  return new EncodingError(`Value is too nested (maximum nesting ${MAX_NESTING})`);
}
