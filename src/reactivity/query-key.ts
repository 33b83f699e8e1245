/**
 * Names for "the same question": equal keys exactly for calls whose runs cannot differ but by who
 * asks. The caller is added to the key only where a run asked for it (engine.md 8).
 *
 * Own encoding, because it runs for every cached call and takes half the time of a stable JSON of
 * the wire form: arguments are canonical already (keys sorted, nothing undefined), so writing them
 * down in order is canonical; every part begins with a tag and says where it ends, so that no two
 * values write the same, also next to each other.
 */
import { isArrayBuffer, type Value } from "../values/value";
import type { CallerIdentity, QueryRequest } from "./ports";

/** Component, function, visibility and arguments of a request. Cost: O(size of the arguments). */
export function callKey(request: QueryRequest): string {
  const { componentPath, path, visibility, args } = request;
  return `${text(componentPath)}${text(path)}${visibility ?? ""}/${encode(args)}`;
}

/** A call that continues from `journal`. */
export function journaledKey(call: string, journal: string | undefined): string {
  return journal === undefined ? call : `${call}j${text(journal)}`;
}

/** The call, as asked by that caller. No more text than needed: it is hashed for every call. */
export function callerKey(key: string, caller: string): string {
  // Keys tell where they end, so none is another with a caller at its end.
  return caller === NOBODY ? key : key + caller;
}

const NOBODY = "!";

/** The caller, to be appended to a key. Nobody is a caller too. */
export function identityKey(identity: CallerIdentity | undefined): string {
  return identity === undefined ? NOBODY : `@${identity.key}`;
}

function encode(value: Value): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      return Object.is(value, -0) ? "n-0," : `n${value},`;
    case "boolean":
      return value ? "t" : "f";
    case "bigint":
      return `i${value},`;
    default:
      return encodeObject(value);
  }
}

function encodeObject(value: Exclude<Value, string | number | boolean | bigint>): string {
  if (value === null) return "z";
  if (Array.isArray(value)) return `[${value.map(encode).join("")}]`;
  if (isBytes(value)) return `b${new Uint8Array(value).join()};`;
  let fields = "{";
  const object = value as { readonly [field: string]: Value };
  for (const field in object) fields += text(field) + encode(object[field] as Value);
  return `${fields}}`;
}

function text(value: string): string {
  return `s${value.length}:${value}`;
}

function isBytes(value: object): value is ArrayBuffer {
  return Object.getPrototypeOf(value) !== Object.prototype && isArrayBuffer(value);
}
