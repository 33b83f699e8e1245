/**
 * Values as wire JSON and back (engine.md 1.1): Int64, Bytes, the floats JSON cannot hold and the
 * commit timestamp placeholder travel as one-key objects such as `{"$integer": "AQAAAAAAAAA="}`.
 * Same names, results and error texts as `convex/values`.
 */
import { userError } from "../shared/errors";
import { fromByteArray, toByteArray } from "./base64";
import { commitTsPlaceholder, isCommitTsPlaceholder } from "./commit-ts";
import { assertFieldName } from "./field-name";
import { explainUnsupported, int64RangeError, MAX_WALK_DEPTH, TOO_NESTED } from "./unsupported";
import type { JSONValue, Value } from "./value";
import { fitsInt64, isArrayBuffer, isPlainObject, setField, sortedKeys } from "./value";

type JSONObject = { [key: string]: JSONValue };

/** Thrown by the encoders below at a value they cannot encode; never leaves this file. */
const UNSUPPORTED = Symbol("unsupported");

/**
 * Encodes a value as JSON. Object keys come out sorted, `undefined` properties are dropped.
 * Throws Convex's error when something inside is no Convex value. O(size).
 *
 * @example
 * ```ts
 * convexToJson({ count: 1n }); // => { count: { $integer: "AQAAAAAAAAA=" } }
 * ```
 */
export function convexToJson(value: Value): JSONValue {
  return explaining(value, () => encode(value, 0));
}

/** Like {@link convexToJson}, and a top-level `undefined` becomes `{"$undefined": null}`. */
export function convexOrUndefinedToJson(value: Value | undefined): JSONValue {
  return value === undefined ? { $undefined: null } : convexToJson(value);
}

/**
 * Encodes the value of a patch: its own `undefined` properties become `{"$undefined": null}`
 * (remove the field); deeper ones are dropped as always.
 */
export function patchValueToJson(value: Value): JSONValue {
  if (!isPlainObject(value)) return convexToJson(value);
  return explaining(value, () => {
    const json: JSONObject = {};
    for (const key of sortedKeys(value)) {
      const field = value[key];
      assertFieldName(key);
      setField(json, key, field === undefined ? { $undefined: null } : encode(field, 1));
    }
    return json;
  });
}

function explaining(original: unknown, encodeIt: () => JSONValue): JSONValue {
  try {
    return encodeIt();
  } catch (error) {
    throw error === UNSUPPORTED ? explainUnsupported(original) : error;
  }
}

function encode(value: unknown, depth: number): JSONValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return needsFloatEncoding(value) ? encodeFloat(value) : value;
    case "bigint":
      return encodeInt64(value);
    case "object":
      return value === null ? null : encodeObject(value, depth);
    default:
      throw UNSUPPORTED;
  }
}

function encodeObject(value: object, depth: number): JSONValue {
  if (depth > MAX_WALK_DEPTH) throw UNSUPPORTED;
  if (Array.isArray(value)) return value.map((element) => encode(element, depth + 1));
  if (isPlainObject(value)) return encodeFields(value, depth);
  if (isArrayBuffer(value)) return { $bytes: fromByteArray(new Uint8Array(value)) };
  if (isCommitTsPlaceholder(value)) return { $commitTs: null };
  throw UNSUPPORTED;
}

function encodeFields(value: Record<string, unknown>, depth: number): JSONObject {
  const json: JSONObject = {};
  for (const key of sortedKeys(value)) {
    const field = value[key];
    if (field === undefined) continue;
    assertFieldName(key);
    setField(json, key, encode(field, depth + 1));
  }
  return json;
}

function encodeInt64(value: bigint): JSONValue {
  if (!fitsInt64(value)) throw int64RangeError(value);
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigInt64(0, value, true);
  return { $integer: fromByteArray(new Uint8Array(bytes.buffer)) };
}

function encodeFloat(value: number): JSONValue {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  return { $float: fromByteArray(new Uint8Array(bytes.buffer)) };
}

function needsFloatEncoding(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

/**
 * Decodes wire JSON. Throws Convex's error at a malformed special object, a field name that no
 * object may have, or more levels than any value has. O(size).
 *
 * @example
 * ```ts
 * jsonToConvex({ $integer: "AQAAAAAAAAA=" }); // => 1n
 * ```
 */
export function jsonToConvex(json: JSONValue): Value {
  return decode(json, 0);
}

function decode(json: JSONValue, depth: number): Value {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean")
    return json;
  if (json === null) return null;
  if (typeof json !== "object") {
    throw userError("ValueInvalid", `Unexpected type of ${String(json)}`);
  }
  if (depth > MAX_WALK_DEPTH) throw userError("TooNestedError", TOO_NESTED);
  if (Array.isArray(json)) return json.map((element) => decode(element, depth + 1));
  const keys = Object.keys(json);
  const special = keys.length === 1 ? decodeSpecial(keys[0]!, json) : undefined;
  return special === undefined ? decodeFields(json, keys, depth) : special;
}

function decodeFields(json: JSONObject, keys: readonly string[], depth: number): Value {
  const value = {};
  for (const key of keys) {
    assertFieldName(key);
    setField(value, key, decode(json[key]!, depth + 1));
  }
  return value;
}

/**
 * The canonical value that parsed JSON stands for: what `canonicalCopy(jsonToConvex(json))` is, made
 * out of `json` itself, which must be the caller's alone and is given up. Throws as
 * {@link jsonToConvex} does. O(size), and no copy where nothing is special and all keys are in order.
 */
export function adoptJson(json: JSONValue): Value {
  return typeof json === "object" && json !== null ? adopt(json, 0) : json;
}

function adopt(json: JSONObject | JSONValue[], depth: number): Value {
  if (depth > MAX_WALK_DEPTH) throw userError("TooNestedError", TOO_NESTED);
  if (Array.isArray(json)) {
    for (let i = 0; i < json.length; i++) {
      const element = json[i]!;
      if (isNested(element)) json[i] = adopt(element, depth + 1) as JSONValue;
    }
    return json;
  }
  const keys = Object.keys(json);
  const special = keys.length === 1 ? decodeSpecial(keys[0]!, json) : undefined;
  return special === undefined ? adoptFields(json, keys, depth) : special;
}

function adoptFields(json: JSONObject, keys: readonly string[], depth: number): Value {
  for (const key of keys) {
    assertFieldName(key);
    const field = json[key]!;
    if (isNested(field)) setField(json, key, adopt(field, depth + 1));
  }
  if (keys.every((key, i) => i === 0 || keys[i - 1]! < key)) return json;
  const value = {};
  for (const key of sortedKeys(json)) setField(value, key, json[key]);
  return value;
}

function isNested(json: JSONValue): json is JSONObject | JSONValue[] {
  return typeof json === "object" && json !== null;
}

/** The value a one-key object stands for; `undefined` when it is an ordinary object. */
function decodeSpecial(key: string, json: JSONObject): Value | undefined {
  if (key.charCodeAt(0) !== 0x24) return undefined;
  switch (key) {
    case "$bytes":
      return toByteArray(textIn(json, key)).buffer;
    case "$integer":
      return eightBytes(textIn(json, key), key).getBigInt64(0, true);
    case "$float":
      return decodeFloat(textIn(json, key));
    case "$commitTs":
      if (json[key] !== null) throw malformed(key);
      return commitTsPlaceholder;
    case "$set":
      throw noLongerSupported("Set");
    case "$map":
      throw noLongerSupported("Map");
    default:
      return undefined;
  }
}

function decodeFloat(base64: string): number {
  const float = eightBytes(base64, "$float").getFloat64(0, true);
  if (needsFloatEncoding(float)) return float;
  throw userError("ValueInvalid", `Float ${float} should be encoded as a number`);
}

function textIn(json: JSONObject, key: string): string {
  const text = json[key];
  if (typeof text !== "string") throw malformed(key);
  return text;
}

function eightBytes(base64: string, key: string): DataView {
  const bytes = toByteArray(base64);
  if (bytes.length === 8) return new DataView(bytes.buffer);
  throw userError("ValueInvalid", `Received ${bytes.length} bytes, expected 8 for ${key}`);
}

function malformed(key: string): Error {
  return userError("ValueInvalid", `Malformed ${key} field on [object Object]`);
}

function noLongerSupported(type: string): Error {
  return userError(
    "ValueInvalid",
    `Received a ${type} which is no longer supported as a Convex type.`,
  );
}
