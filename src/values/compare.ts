/**
 * The one total order of values (engine.md 1.5): indexes, ranges, filters and cursors all use it.
 * missing < null < Int64 < Float64 < boolean < string < bytes < array < object.
 * Equality is "compares as 0", nothing else. No allocation except for the keys of objects.
 */
import { isCommitTsPlaceholder } from "./commit-ts";
import { compareUtf8 } from "./utf8";
import type { Value, ValueObject } from "./value";
import { isArrayBuffer, isPlainObject, MAX_INT64, sortedKeys } from "./value";

const UNDEFINED = 0;
const NULL = 1;
const INT64 = 2;
const FLOAT64 = 3;
const BOOLEAN = 4;
const STRING = 5;
const BYTES = 6;
const ARRAY = 7;
const OBJECT = 8;

/**
 * Orders two values: negative when `a` sorts first, 0 when they are equal, positive otherwise.
 * `undefined` stands for a missing field and sorts below everything.
 *
 * @example
 * ```ts
 * compareValues(5n, -1) < 0; // => true, every Int64 sorts before every Float64
 * compareValues(NaN, NaN); // => 0
 * compareValues(-0, 0) < 0; // => true
 * ```
 */
export function compareValues(a: Value | undefined, b: Value | undefined): number {
  const typeA = typeOrder(a);
  const typeB = typeOrder(b);
  if (typeA !== typeB) return typeA - typeB;
  switch (typeA) {
    case UNDEFINED:
    case NULL:
      return 0;
    case INT64:
      return compareNative(int64Of(a as bigint), int64Of(b as bigint));
    case FLOAT64:
      return compareFloats(a as number, b as number);
    case BOOLEAN:
      return compareNative(a as boolean, b as boolean);
    case STRING:
      return compareUtf8(a as string, b as string);
    case BYTES:
      return compareBytes(a as ArrayBuffer, b as ArrayBuffer);
    case ARRAY:
      return compareArrays(a as Value[], b as Value[]);
    default:
      return compareObjects(a as ValueObject, b as ValueObject);
  }
}

/** Whether two values are the same in Convex's order: `NaN` equals `NaN`, `-0` is not `0`. */
export function valuesEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b) || compareValues(a, b) === 0;
  }
  return a === b || compareValues(a, b) === 0;
}

function typeOrder(value: Value | undefined): number {
  switch (typeof value) {
    case "string":
      return STRING;
    case "number":
      return FLOAT64;
    case "boolean":
      return BOOLEAN;
    case "undefined":
      return UNDEFINED;
    case "bigint":
      return INT64;
    default:
      return objectOrder(value as object | null);
  }
}

function objectOrder(value: object | null): number {
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY;
  if (isPlainObject(value)) return OBJECT;
  if (isArrayBuffer(value)) return BYTES;
  return isCommitTsPlaceholder(value) ? INT64 : OBJECT;
}

/** The placeholder counts as the largest Int64. */
function int64Of(value: unknown): bigint {
  return typeof value === "bigint" ? value : MAX_INT64;
}

function compareNative<T extends bigint | boolean>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a === 0 ? compareNative(Object.is(a, 0), Object.is(b, 0)) : 0;
  // At least one is NaN, which sorts last.
  return compareNative(Number.isNaN(a), Number.isNaN(b));
}

function compareBytes(a: ArrayBuffer, b: ArrayBuffer): number {
  const x = new Uint8Array(a);
  const y = new Uint8Array(b);
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: ValueObject, b: ValueObject): number {
  const keysA = sortedKeys(a);
  const keysB = sortedKeys(b);
  const length = Math.min(keysA.length, keysB.length);
  for (let i = 0; i < length; i++) {
    const key = keysA[i]!;
    const order = compareUtf8(key, keysB[i]!) || compareValues(a[key], b[key]);
    if (order !== 0) return order;
  }
  return keysA.length - keysB.length;
}
