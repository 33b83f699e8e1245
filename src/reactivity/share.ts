/**
 * Structural sharing of delivered results: what is equal to the previous result IS the previous
 * result, down to single documents, and all of it is frozen. So React's memoisation works, and
 * "did anything change?" is one `===`.
 *
 * Documents in arrays are found again by their `_id` when positions shift; other elements by position.
 */
import { valuesEqual } from "../values/compare";
import { isArrayBuffer, type Value, type ValueObject } from "../values/value";
import { Alignment } from "./alignment";

/**
 * `next`, deeply frozen, with everything that is equal in `previous` taken from there; `previous`
 * itself when all of it is equal. Equality is that of Convex values: `NaN` is `NaN`, `-0` is not `0`.
 *
 * `previous` is a result of this function. `next` is consumed: it is canonical and plain, nobody
 * else holds it, and parts of it may be replaced and frozen. Bytes cannot be frozen: an
 * `ArrayBuffer` is shared but stays mutable.
 *
 * Cost: O(next), without allocating for what is equal; freezing is the dear part, and only what is
 * new is frozen.
 *
 * @example
 * const before = shareFrozen(undefined, [{ _id: "a", n: 1 }, { _id: "b", n: 2 }]);
 * const now = shareFrozen(before, [{ _id: "b", n: 2 }]);
 * now[0] === before[1]; // true
 */
export function shareFrozen(previous: Value | undefined, next: Value): Value {
  if (isObject(next)) return shareObject(previous, next) as Value;
  return previous !== undefined && Object.is(previous, next) ? previous : next;
}

/**
 * A deep copy of a frozen value that is not frozen. `cloneValue` would do it, but V8 remembers what
 * objects it has copied where: frozen ones in its place would make all its other copies slower.
 */
export function thawedCopy(value: Value): Value {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map(thawedCopy);
  if (isBytes(value)) return value.slice(0);
  const copy: ValueObject = { ...(value as ValueObject) };
  for (const field in copy) {
    const member = copy[field];
    // An own `__proto__` is replaced in place: the own property shadows the setter.
    if (isObject(member)) copy[field] = thawedCopy(member);
  }
  return copy;
}

function shareObject(previous: Value | undefined, next: object): object {
  if (!isObject(previous)) return freezeDeep(next);
  if (Array.isArray(next)) {
    return Array.isArray(previous) ? shareItems(previous, next) : freezeDeep(next);
  }
  if (isBytes(next)) return valuesEqual(previous, next) ? previous : next;
  if (Array.isArray(previous) || isBytes(previous)) return freezeDeep(next);
  return shareFields(previous as ValueObject, next as ValueObject);
}

function shareFields(previous: ValueObject, next: ValueObject): ValueObject {
  let isEqual = true;
  let count = 0;
  for (const field in next) {
    count++;
    const before = previous[field];
    const now = next[field];
    if (before === now && now !== 0) continue;
    if (!isObject(now)) {
      if (!Object.is(before, now)) isEqual = false;
      continue;
    }
    const shared = shareObject(isInherited(previous, field) ? undefined : before, now);
    if (shared !== before) isEqual = false;
    // An own `__proto__` is replaced in place: the own property shadows the setter.
    if (shared !== now) next[field] = shared as Value;
  }
  return isEqual && count === Object.keys(previous).length ? previous : Object.freeze(next);
}

function shareItems(previous: readonly Value[], next: Value[]): readonly Value[] {
  const alignment = new Alignment(previous, next);
  let isEqual = previous.length === next.length;
  for (let i = 0; i < next.length; i++) {
    const now = next[i];
    if (!isObject(now)) {
      if (isEqual && !Object.is(previous[i], now)) isEqual = false;
      continue;
    }
    const shared = shareObject(alignment.partnerOf(i), now);
    if (shared !== previous[i]) isEqual = false;
    if (shared !== now) next[i] = shared as Value;
  }
  return isEqual ? previous : Object.freeze(next);
}

function freezeDeep(value: object): object {
  if (Array.isArray(value)) {
    for (const item of value) if (isObject(item)) freezeDeep(item);
  } else {
    if (isBytes(value)) return value;
    for (const field in value) {
      const member = (value as ValueObject)[field];
      if (isObject(member)) freezeDeep(member);
    }
  }
  return Object.freeze(value);
}

function isObject(value: Value | undefined): value is Value & object {
  return typeof value === "object" && value !== null;
}

/** Of the objects that are no arrays. The first test spares nearly all of them the second. */
function isBytes(value: object): value is ArrayBuffer {
  return Object.getPrototypeOf(value) !== Object.prototype && isArrayBuffer(value);
}

/** Of all that objects inherit, `__proto__` alone could pass for a value. */
function isInherited(object: ValueObject, field: string): boolean {
  return field === "__proto__" && !Object.hasOwn(object, field);
}
