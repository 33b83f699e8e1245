/**
 * The fast road into the engine for values of unknown shape: copies a JavaScript value into
 * canonical form and, in the same walk, proves that it keeps every rule of Convex except size.
 * It never explains: on the slightest doubt it answers {@link REJECTED}, and the slow road
 * (`canonicalCopy`, then the checks of `limits.ts`) decides and words the error.
 */
import { isFieldName } from "./field-name";
import { countBytes, countText, SCALAR_BYTES } from "./ingested-bytes";
import { MAX_ARRAY_LENGTH, MAX_OBJECT_FIELDS } from "./limits";
import { plainArrayCopy } from "./plain-object";
import { anotherSpread, type Spread } from "./spread";
import { isWellFormed } from "./utf8";
import type { Value, ValueObject } from "./value";
import { fitsInt64 } from "./value";

/** The answer of every fast road that gives up. */
export const REJECTED: unique symbol = Symbol("rejected");
export type Rejected = typeof REJECTED;

const commonSpread = anotherSpread();

/**
 * A fresh canonical copy of `value`, or {@link REJECTED}: keys sorted, `undefined` properties
 * dropped, strings valid Unicode, at most `levels` levels of arrays and objects.
 *
 * @param spread a place of their own for values of much the same shape
 */
export function strictCopy(
  value: unknown,
  levels: number,
  spread: Spread = commonSpread,
): Value | Rejected {
  switch (typeof value) {
    case "string":
      if (!isWellFormed(value)) return REJECTED;
      countText(value);
      return value;
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return fitsInt64(value) ? value : REJECTED;
    case "object":
      return value === null ? null : copyObject(value, levels, spread);
    default:
      return REJECTED;
  }
}

function copyObject(value: object, levels: number, spread: Spread): Value | Rejected {
  if (Array.isArray(value)) return copyArray(value, levels, spread);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return copyFields(value, levels, spread);
  }
  if (!(value instanceof ArrayBuffer)) return REJECTED;
  countBytes(value.byteLength);
  return value.slice(0);
}

function copyArray(array: readonly unknown[], levels: number, spread: Spread): Value | Rejected {
  const { length } = array;
  if (levels === 0 || length > MAX_ARRAY_LENGTH) return REJECTED;
  const copy = plainArrayCopy(array, length);
  if (copy === undefined) return REJECTED;
  countBytes(SCALAR_BYTES * (1 + copy.length));
  for (let i = 0; i < copy.length; i++) {
    const element = strictCopy(copy[i], levels - 1, spread);
    if (element === REJECTED) return REJECTED;
    if (element !== copy[i]) copy[i] = element;
  }
  return copy as Value[];
}

function copyFields(object: object, levels: number, spread: Spread): Value | Rejected {
  if (levels === 0) return REJECTED;
  return copyInOrder(object, levels, spread) ?? copySorted(object, levels, spread);
}

/**
 * For objects that are canonical already but for what is in them, as documents are: V8 copies those
 * whole at a fraction of what it takes field by field. `undefined` for all others.
 */
function copyInOrder(object: object, levels: number, spread: Spread): Value | Rejected | undefined {
  const copy = spread(object) as ValueObject;
  let last = "";
  let count = 0;
  for (const key in copy) {
    const field = copy[key];
    if (field === undefined || key < last || key === "__proto__" || !isFieldName(key)) {
      return undefined;
    }
    const value = strictCopy(field, levels - 1, spread);
    if (value === REJECTED) return REJECTED;
    if (value !== field) copy[key] = value;
    countText(key);
    last = key;
    count++;
  }
  // Symbols are no fields, and were copied too.
  if (count > MAX_OBJECT_FIELDS || Object.getOwnPropertySymbols(copy).length > 0) return undefined;
  countBytes(SCALAR_BYTES * (1 + count));
  return copy;
}

function copySorted(object: object, levels: number, spread: Spread): Value | Rejected {
  const keys = Object.keys(object);
  if (keys.length > MAX_OBJECT_FIELDS) return REJECTED;
  if (!isSorted(keys)) keys.sort();
  countBytes(SCALAR_BYTES * (1 + keys.length));
  const copy: ValueObject = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const field = (object as Record<string, unknown>)[key];
    if (field === undefined) continue;
    if (key === "__proto__" || !isFieldName(key)) return REJECTED;
    const value = strictCopy(field, levels - 1, spread);
    if (value === REJECTED) return REJECTED;
    countText(key);
    copy[key] = value;
  }
  return copy;
}

function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) {
    if (keys[i - 1]! > keys[i]!) return false;
  }
  return true;
}
