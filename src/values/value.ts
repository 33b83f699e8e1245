/**
 * What Convex can store and send: the value type itself, and how to tell a plain object from
 * anything else. Encoding lives in `convex-json.ts`, order in `compare.ts`, limits in `limits.ts`.
 */
import type { CommitTsPlaceholder } from "./commit-ts";

/**
 * A Convex value. `bigint` is Int64, `number` is Float64, `ArrayBuffer` is Bytes; ids are strings.
 * Properties that are `undefined` count as missing. `CommitTsPlaceholder` appears only inside a
 * mutation's own transaction.
 */
export type Value =
  | null
  | bigint
  | number
  | boolean
  | string
  | ArrayBuffer
  | CommitTsPlaceholder
  | Value[]
  | ValueObject;

/** The object form of a {@link Value}. */
export type ValueObject = { [key: string]: Value | undefined };

/** The two number types of Convex: Int64 and Float64. */
export type NumericValue = bigint | number;

/** What `JSON.parse` can return. */
export type JSONValue =
  | null
  | boolean
  | number
  | string
  | JSONValue[]
  | { [key: string]: JSONValue };

/** The id of a document of `TableName`: a plain string at run time, told apart only by type. */
export type GenericId<TableName extends string> = string & { __tableName: TableName };

/** The smallest Int64. */
export const MIN_INT64 = -(2n ** 63n);

/** The largest Int64. */
export const MAX_INT64 = 2n ** 63n - 1n;

/** Whether a bigint fits Convex's Int64. */
export function fitsInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

/**
 * Whether `value` is an object Convex stores as an object: its prototype is `null`,
 * `Object.prototype`, or (an object of another realm) has a constructor named `Object`.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  const made: unknown = (prototype as { constructor?: unknown }).constructor;
  return typeof made === "function" && made.name === "Object";
}

/** Whether `value` is an `ArrayBuffer`, also one of another realm (jsdom, vm). */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return (
    value instanceof ArrayBuffer || Object.prototype.toString.call(value) === "[object ArrayBuffer]"
  );
}

/**
 * Sets an own property whatever its name. Plain assignment would call the `__proto__` setter and
 * lose the field (or worse, swap the prototype).
 */
export function setField(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

/**
 * The own enumerable keys in Convex's order. JavaScript moves integer-like keys to the front of
 * any object, so even a canonical object may have to be sorted again. O(keys) when in order.
 */
export function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  return isSorted(keys) ? keys : keys.sort();
}

/** Whether names are in canonical order. */
export function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return false;
  return true;
}
