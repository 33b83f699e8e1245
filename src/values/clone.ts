/**
 * Fast deep copies of values that are already canonical: what handlers and callers get instead of
 * the store's own documents. For values from outside use `canonical.ts`.
 */
import { isCommitTsPlaceholder } from "./commit-ts";
import type { Spread } from "./spread";
import type { Value, ValueObject } from "./value";
import { isArrayBuffer } from "./value";

/** A deep copy of a canonical value that shares nothing mutable with it. */
export function cloneValue<T extends Value>(value: T): T {
  return typeof value === "object" && value !== null ? (cloneObject(value) as T) : value;
}

/**
 * A deep copy of a document whose only fields that need descending into are `nestedFields` (see
 * {@link nestedFieldsOf}). A flat document costs one `spread`, which is
 * best one of its table's own.
 */
export function cloneDocument<T extends ValueObject>(
  document: T,
  nestedFields: readonly string[],
  spread: Spread,
): T {
  const copy = spread(document) as ValueObject;
  for (let i = 0; i < nestedFields.length; i++) {
    const field = nestedFields[i]!;
    copy[field] = cloneObject(copy[field] as object);
  }
  return copy as T;
}

/**
 * The fields of a document that hold arrays, objects or bytes. Answers `previous` itself when it
 * is right, so that documents of one shape share one list.
 */
export function nestedFieldsOf(
  document: ValueObject,
  previous: readonly string[] = NONE,
): readonly string[] {
  let count = 0;
  for (const field in document) {
    if (!isMutable(document[field])) continue;
    if (previous[count] !== field) return collectNestedFields(document);
    count++;
  }
  return count === previous.length ? previous : collectNestedFields(document);
}

const NONE: readonly string[] = Object.freeze([]);

function collectNestedFields(document: ValueObject): readonly string[] {
  const fields = Object.keys(document).filter((field) => isMutable(document[field]));
  return fields.length === 0 ? NONE : fields;
}

function isMutable(value: Value | undefined): boolean {
  return typeof value === "object" && value !== null;
}

function cloneObject(value: object): Value {
  if (Array.isArray(value)) return cloneArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null)
    return cloneFields(value as ValueObject);
  if (isArrayBuffer(value)) return value.slice(0);
  return isCommitTsPlaceholder(value) ? value : cloneFields(value as ValueObject);
}

function cloneArray(array: readonly Value[]): Value[] {
  // Spread, not `slice`: slicing a frozen array is many times slower.
  const copy = [...array];
  for (let i = 0; i < copy.length; i++) {
    const element = copy[i]!;
    if (typeof element === "object" && element !== null) copy[i] = cloneObject(element);
  }
  return copy;
}

function cloneFields(object: ValueObject): ValueObject {
  const copy: ValueObject = { ...object };
  for (const key in copy) {
    const field = copy[key];
    // An own `__proto__` is replaced in place here: the setter is shadowed by the own property.
    if (typeof field === "object" && field !== null) copy[key] = cloneObject(field);
  }
  return copy;
}
