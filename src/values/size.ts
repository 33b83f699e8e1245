/**
 * The size of values in bytes as every byte limit of Convex counts it (engine.md 1.4).
 * `valueSize` is the engine's, for canonical values; `getConvexSize` and `getDocumentSize` are the
 * public ones and take any value.
 */
import { userError } from "../shared/errors";
import { isCommitTsPlaceholder } from "./commit-ts";
import { utf8Length } from "./utf8";
import type { Value, ValueObject } from "./value";
import { isArrayBuffer, isPlainObject } from "./value";

/** What `_id` adds to a document: four bytes for the name, 34 for an id of 32 characters. */
export const ID_FIELD_SIZE = 38;

/** What `_creationTime` adds to a document. */
export const CREATION_TIME_FIELD_SIZE = 23;

/**
 * The size of a value in bytes; `undefined` counts nothing. O(size of the value).
 *
 * @example
 * ```ts
 * getConvexSize({ name: "é" }); // => 2 + ("name".length + 1) + (2 + 2)
 * ```
 */
export function getConvexSize(value: Value | undefined): number {
  return value === undefined ? 0 : sizeOfAny(value);
}

/**
 * The size of a document in bytes. System fields that `document` lacks are added at what they
 * cost with an id of 32 characters (or of `customIdLength`).
 */
export function getDocumentSize(
  document: Record<string, Value>,
  options?: { customIdLength?: number },
): number {
  const idSize = options?.customIdLength ? options.customIdLength + 6 : ID_FIELD_SIZE;
  return (
    getConvexSize(document) +
    (document._id === undefined ? idSize : 0) +
    (document._creationTime === undefined ? CREATION_TIME_FIELD_SIZE : 0)
  );
}

/** The size of a canonical value in bytes: exact, its field names being ASCII. */
export const valueSize: (value: Value) => number = measure((name) => name.length);

const sizeOfAny = measure(utf8Length);

/** Measures values whose field names take `nameLength` bytes. */
function measure(nameLength: (name: string) => number): (value: Value) => number {
  function sizeOf(value: Value): number {
    switch (typeof value) {
      case "string":
        return 2 + utf8Length(value);
      case "number":
      case "bigint":
        return 9;
      case "boolean":
        return 1;
      case "object":
        return value === null ? 1 : sizeOfObject(value);
      default:
        throw userError("ValueInvalid", `Unsupported value type: ${typeof value}`);
    }
  }

  function sizeOfObject(value: object): number {
    if (Array.isArray(value)) return sizeOfElements(value);
    if (isPlainObject(value)) return sizeOfFields(value as ValueObject);
    if (isArrayBuffer(value)) return 2 + value.byteLength;
    if (isCommitTsPlaceholder(value)) return 9;
    throw userError("ValueInvalid", "Unsupported value type: object");
  }

  function sizeOfElements(elements: readonly (Value | undefined)[]): number {
    let size = 2;
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i];
      if (element !== undefined) size += sizeOf(element);
    }
    return size;
  }

  function sizeOfFields(object: ValueObject): number {
    let size = 2;
    for (const name in object) {
      const field = object[name];
      if (field !== undefined) size += nameLength(name) + 1 + sizeOf(field);
    }
    return size;
  }

  return sizeOf;
}
