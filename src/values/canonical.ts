/**
 * The step every value takes on its way into the engine, in place of Convex's JavaScript encoder:
 * a fresh deep copy with sorted keys and without `undefined` properties, or Convex's encoder error
 * (engine.md 1.2). The source may be anything: getters and proxies may be asked more than once,
 * but what they said is kept as it was checked; cycles and bottomless nesting end in a clear error. The backend's limits are checked by `limits.ts`.
 */
import { userError } from "../shared/errors";
import { commitTsPlaceholder, isCommitTsPlaceholder } from "./commit-ts";
import { assertFieldName } from "./field-name";
import { MAX_NESTING } from "./limits";
import { REJECTED, strictCopy } from "./strict-copy";
import { explainUnsupported, int64RangeError, MAX_WALK_DEPTH } from "./unsupported";
import type { Value, ValueObject } from "./value";
import { fitsInt64, isArrayBuffer, isPlainObject, setField, sortedKeys } from "./value";

/** Thrown by the walk below at what it cannot copy; never leaves this file. */
const UNSUPPORTED = Symbol("unsupported");

/** An array longer than this cannot fit the largest value, and may be a hole of any size. */
const LONGEST_ARRAY = 32 * 1024 * 1024;

/**
 * The canonical copy of `value`; shares nothing with it. Holes of sparse arrays become `null`, as
 * on Convex's wire. Throws the encoder's error for what is no Convex value. O(size).
 *
 * @example
 * ```ts
 * canonicalCopy({ b: 1, a: undefined, A: [2] }); // => { A: [2], b: 1 }
 * ```
 */
export function canonicalCopy(value: unknown): Value {
  const fast = strictCopy(value, MAX_NESTING);
  return fast === REJECTED ? explaining(value, () => copy(value, 0)) : fast;
}

/**
 * The canonical copy of a patch: like {@link canonicalCopy}, except that the patch's own
 * `undefined` properties stay, to say which fields to remove.
 */
export function canonicalPatch(value: unknown): Value {
  if (!isPlainObject(value)) return canonicalCopy(value);
  return explaining(value, () => {
    const patch: ValueObject = {};
    for (const key of sortedKeys(value)) {
      assertFieldName(key);
      const field = value[key];
      setField(patch, key, field === undefined ? undefined : copy(field, 1));
    }
    return patch;
  });
}

function explaining(original: unknown, copyIt: () => Value): Value {
  try {
    return copyIt();
  } catch (error) {
    throw error === UNSUPPORTED ? explainUnsupported(original) : error;
  }
}

function copy(value: unknown, depth: number): Value {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      if (!fitsInt64(value)) throw int64RangeError(value);
      return value;
    case "object":
      return value === null ? null : copyObject(value, depth);
    default:
      throw UNSUPPORTED;
  }
}

function copyObject(value: object, depth: number): Value {
  if (depth > MAX_WALK_DEPTH) throw UNSUPPORTED;
  if (Array.isArray(value)) return copyArray(value, depth);
  if (isPlainObject(value)) return copyFields(value, depth);
  // A fresh buffer of this realm, whatever realm the source is of.
  if (isArrayBuffer(value)) return new Uint8Array(value).slice().buffer;
  if (isCommitTsPlaceholder(value)) return commitTsPlaceholder;
  throw UNSUPPORTED;
}

function copyArray(array: readonly unknown[], depth: number): Value {
  const length = array.length;
  if (length > LONGEST_ARRAY) {
    throw userError("ArrayTooLong", `Array length is too long (${length} > maximum length 8192)`);
  }
  const elements: Value[] = [];
  for (let i = 0; i < length; i++) elements.push(i in array ? copy(array[i], depth + 1) : null);
  return elements;
}

function copyFields(object: Record<string, unknown>, depth: number): Value {
  const fields: ValueObject = {};
  for (const key of sortedKeys(object)) {
    const field = object[key];
    if (field === undefined) continue;
    assertFieldName(key);
    setField(fields, key, copy(field, depth + 1));
  }
  return fields;
}
