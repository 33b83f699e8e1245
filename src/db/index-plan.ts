/**
 * An index compiled once: how to build the key of a document, and whether a change of a document
 * leaves its key alone. One object per index; identity is how read sets and caches name it.
 */
import { valuesEqual } from "../values/compare";
import { isPlainObject, type Value, type ValueObject } from "../values/value";
import type { Document } from "./document";
import { encodeKeyPart, keyPrefixes } from "./index-key";
import type { TablePlan } from "./table-plan";

export type FieldReader = (document: Document) => Value | undefined;

export class IndexPlan {
  readonly table: TablePlan;
  readonly name: string;
  /** Key fields in order, with the implicit `_creationTime` and `_id` at the end. */
  readonly fields: readonly string[];
  /** Defined but not queryable yet (engine.md 3.3). */
  readonly staged: boolean;
  /** Where the table's store keeps this index's tree. */
  readonly ordinal: number;
  readonly #readers: readonly FieldReader[];
  /** Readers of the fields that a document's life may change: all but the two system fields. */
  readonly #mutableReaders: readonly FieldReader[];

  constructor(
    table: TablePlan,
    name: string,
    fields: readonly string[],
    ordinal: number,
    staged = false,
  ) {
    this.table = table;
    this.name = name;
    this.fields = fields;
    this.ordinal = ordinal;
    this.staged = staged;
    this.#readers = fields.map(fieldReader);
    this.#mutableReaders = fields
      .filter((field) => field !== "_id" && field !== "_creationTime")
      .map(fieldReader);
  }

  /** `table.index`, as error texts name it. */
  get descriptor(): string {
    return `${this.table.name}.${this.name}`;
  }

  /** The key of `document` in this index. Cost: the length of the key. */
  keyOf(document: Document): string {
    let key = "";
    for (const read of this.#readers) key += encodeKeyPart(read(document));
    return key;
  }

  /** Whether two versions of one document have the same key, without building it. */
  hasSameKey(before: Document, next: Document): boolean {
    for (const read of this.#mutableReaders) {
      const a = read(before);
      const b = read(next);
      if (a !== b && !valuesEqual(a, b)) return false;
    }
    return true;
  }

  /** The equality prefixes a key lies under, the empty one first, the whole key last. */
  prefixesOf(key: string): string[] {
    return ["", ...keyPrefixes(key)];
  }
}

/** Reads a dotted path; through anything but an object it is missing (engine.md 1.5). */
export function fieldReader(path: string): FieldReader {
  if (!path.includes(".")) return (document) => ownField(document, path);
  const steps = path.split(".");
  return (document) => {
    let value: Value | undefined = document;
    for (const step of steps) {
      if (!isPlainObject(value)) return undefined;
      value = ownField(value as ValueObject, step);
    }
    return value;
  };
}

function ownField(object: ValueObject, name: string): Value | undefined {
  const value = object[name];
  // Names such as "toString" are inherited by every plain object; functions are never values.
  const isInherited = typeof value === "function" || name === "__proto__";
  return isInherited && !Object.hasOwn(object, name) ? undefined : value;
}
