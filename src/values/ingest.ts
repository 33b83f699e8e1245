/**
 * The fast road into the engine for values of known shape: a validator compiled to closures that
 * check a JavaScript value and build its canonical copy in one pass. Like `strictCopy` it never
 * explains: on the slightest doubt it answers `REJECTED`, and the slow road (`canonicalCopy`, then
 * `limits.ts`, then `check.ts`) decides and words the error. Size is not checked here.
 */
import type { Acceptor } from "./acceptor";
import { compileAcceptor } from "./acceptor";
import { commitTsPlaceholder } from "./commit-ts";
import { isFieldName } from "./field-name";
import { Habit } from "./habit";
import type { IdResolver } from "./id-resolver";
import { countBytes, countText, SCALAR_BYTES } from "./ingested-bytes";
import { MAX_ARRAY_LENGTH, MAX_NESTING, MAX_OBJECT_FIELDS } from "./limits";
import { plainArrayCopy, plainObjectMaker } from "./plain-object";
import { anotherSpread, type Spread } from "./spread";
import type { Rejected } from "./strict-copy";
import { REJECTED, strictCopy } from "./strict-copy";
import { isWellFormed } from "./utf8";
import type { ObjectFieldType, ValidatorJSON } from "./validator-json";
import type { Value, ValueObject } from "./value";
import { fitsInt64, sortedKeys } from "./value";

/** A fresh canonical copy of a JavaScript value that matches and breaks no rule, or a refusal. */
export type Ingest = (value: unknown) => Value | Rejected;

/**
 * Compiles a validator to an {@link Ingest}. `levels` is how many levels of arrays and objects the
 * value may have. The result shares nothing mutable with its argument.
 *
 * @example
 * ```ts
 * const ingest = compileIngest({ type: "array", value: { type: "number" } }, ids);
 * ingest([1, 2]); // => [1, 2], a copy
 * ingest(["x"]); // => REJECTED
 * ```
 */
export function compileIngest(json: ValidatorJSON, ids: IdResolver, levels = MAX_NESTING): Ingest {
  switch (json.type) {
    case "any":
      return ingestAny(levels);
    case "string":
      return ingestString;
    case "number":
      return (value) => (typeof value === "number" ? value : REJECTED);
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : REJECTED);
    case "bytes":
      return ingestBytes;
    case "bigint":
      return ingestInt64;
    case "commitTs":
      return (value) => (value === commitTsPlaceholder ? commitTsPlaceholder : ingestInt64(value));
    case "null":
    case "literal":
    case "id":
      return ingestScalar(compileAcceptor(json, ids));
    case "union":
      return ingestUnion(json.value.map((member) => compileIngest(member, ids, levels)));
    default:
      return levels === 0 ? () => REJECTED : compileContainer(json, ids, levels - 1);
  }
}

type Container = Extract<ValidatorJSON, { type: "array" | "object" | "record" }>;

function compileContainer(json: Container, ids: IdResolver, levels: number): Ingest {
  if (json.type === "array") return ingestArray(compileIngest(json.value, ids, levels));
  if (json.type === "object") return ingestObject(json.value, ids, levels);
  return ingestRecord(
    compileAcceptor(json.keys, ids),
    compileIngest(json.values.fieldType, ids, levels),
  );
}

function ingestAny(levels: number): Ingest {
  const habit = new Habit();
  return (value) => strictCopy(value, levels, habit);
}

function ingestString(value: unknown): Value | Rejected {
  if (typeof value !== "string" || !isWellFormed(value)) return REJECTED;
  countText(value);
  return value;
}

function ingestBytes(value: unknown): Value | Rejected {
  if (!(value instanceof ArrayBuffer)) return REJECTED;
  countBytes(value.byteLength);
  return value.slice(0);
}

/** The placeholder is an Int64 too, but those who may not accept it look for `v.commitTs()` only. */
function ingestInt64(value: unknown): Value | Rejected {
  return typeof value === "bigint" && fitsInt64(value) ? value : REJECTED;
}

/** For kinds that accept nothing but valid strings, numbers, bigints, booleans and `null`. */
function ingestScalar(accepts: Acceptor): Ingest {
  return (value) => {
    if (!isScalar(value) || !accepts(value)) return REJECTED;
    if (typeof value === "string") countText(value);
    return value;
  };
}

function isScalar(value: unknown): value is Exclude<Value, object> {
  return typeof value !== "object" || value === null;
}

function ingestUnion(members: readonly Ingest[]): Ingest {
  return (value) => {
    for (let i = 0; i < members.length; i++) {
      const copy = members[i]!(value);
      if (copy !== REJECTED) return copy;
    }
    return REJECTED;
  };
}

function ingestArray(ingest: Ingest): Ingest {
  return (array) => {
    if (!Array.isArray(array)) return REJECTED;
    const { length } = array;
    if (length > MAX_ARRAY_LENGTH) return REJECTED;
    const copy = plainArrayCopy(array, length);
    if (copy === undefined) return REJECTED;
    countBytes(SCALAR_BYTES * (1 + copy.length));
    for (let i = 0; i < copy.length; i++) {
      const element = ingest(copy[i]);
      if (element === REJECTED) return REJECTED;
      if (element !== copy[i]) copy[i] = element;
    }
    return copy as Value[];
  };
}

function ingestRecord(acceptsKey: Acceptor, ingest: Ingest): Ingest {
  return (object) => {
    if (!isPlain(object)) return REJECTED;
    const keys = sortedKeys(object);
    if (keys.length > MAX_OBJECT_FIELDS) return REJECTED;
    countBytes(SCALAR_BYTES * (1 + keys.length));
    const copy: ValueObject = {};
    for (const key of keys) {
      const field = object[key];
      if (field === undefined) continue;
      if (key === "__proto__" || !isFieldName(key) || !acceptsKey(key)) return REJECTED;
      const value = ingest(field);
      if (value === REJECTED) return REJECTED;
      countText(key);
      copy[key] = value;
    }
    return copy;
  };
}

function ingestObject(
  fields: Readonly<Record<string, ObjectFieldType>>,
  ids: IdResolver,
  levels: number,
): Ingest {
  const compiled = compileFields(fields, ids, levels);
  if (compiled === undefined) return () => REJECTED;
  const make = plainObjectMaker();
  const spread = anotherSpread();
  let disorderly = 0;
  return (object) => {
    if (!isPlain(object) || !hasTags(object, compiled)) return REJECTED;
    countBytes(compiled.bytes);
    if (disorderly < DISORDERLY_FOR_GOOD) {
      const whole = copyInOrder(object, spread, compiled);
      if (whole !== undefined) return whole;
      disorderly++;
    }
    const copy = make();
    return hasKeys(object, fill(object, copy, compiled)) ? copy : REJECTED;
  };
}

/** After so many objects whose fields were not in order, no more are expected to be. */
const DISORDERLY_FOR_GOOD = 16;

/**
 * Copies an object whole that has its fields in canonical order, as documents do, and checks the
 * copy. `undefined` for other objects, which may still be right.
 */
function copyInOrder(
  object: object,
  spread: Spread,
  { names, optional, ingests }: Fields,
): ValueObject | Rejected | undefined {
  const copy = spread(object) as ValueObject;
  // Before anything inside is looked at: who gives up after that has read it in vain, at every level.
  if (!isInOrder(copy, names)) return undefined;
  let at = 0;
  for (const key in copy) {
    for (; names[at] !== key; at++) if (!optional[at]) return REJECTED;
    const field = copy[key];
    const value = ingests[at]!(field);
    if (value === REJECTED) return REJECTED;
    if (value !== field) copy[key] = value;
    at++;
  }
  for (; at < names.length; at++) if (!optional[at]) return REJECTED;
  return copy;
}

/** Whether an object has fields of these names alone, none of them `undefined`, in this order. */
function isInOrder(copy: ValueObject, names: readonly string[]): boolean {
  let at = 0;
  for (const key in copy) {
    while (at < names.length && names[at] !== key) at++;
    if (at === names.length || copy[key] === undefined) return false;
    at++;
  }
  // Symbols are no fields, and were copied too.
  return Object.getOwnPropertySymbols(copy).length === 0;
}

/** The fields of an object validator, in canonical order, compiled. */
export interface Fields {
  readonly names: readonly string[];
  readonly optional: readonly boolean[];
  readonly ingests: readonly Ingest[];
  readonly tags: ReadonlyMap<string, Acceptor>;
  /** What they take, their values aside. */
  readonly bytes: number;
}

/** Compiles the fields of an object validator; `undefined` where only the slow road is safe. */
export function compileFields(
  fields: Readonly<Record<string, ObjectFieldType>>,
  ids: IdResolver,
  levels: number,
): Fields | undefined {
  const names = sortedKeys(fields);
  const mayMislead = names.some((name) => name in Object.prototype || !isFieldName(name));
  if (mayMislead || names.length > MAX_OBJECT_FIELDS) return undefined;
  const tags = names.filter((name) => isTag(fields[name]!));
  return {
    names,
    optional: names.map((name) => fields[name]!.optional),
    ingests: names.map((name) => compileIngest(fields[name]!.fieldType, ids, levels)),
    tags: new Map(tags.map((name) => [name, compileAcceptor(fields[name]!.fieldType, ids)])),
    bytes: names.reduce((sum, name) => sum + name.length + 1 + SCALAR_BYTES, SCALAR_BYTES),
  };
}

/** Whether an object may be what is declared, by its tags: looked at before anything is copied. */
export function hasTags(object: Record<string, unknown>, { tags }: Fields): boolean {
  if (tags.size === 0) return true;
  for (const [name, accepts] of tags) if (!accepts(object[name] as Value)) return false;
  return true;
}

/**
 * Copies the declared fields in sorted order; answers how many there were, or -1. Together with
 * {@link hasKeys} it finds undeclared fields by number, not by name: sound for all objects but those
 * that hide a declared field (not enumerable) and have just as many undeclared ones.
 */
export function fill(
  from: Record<string, unknown>,
  into: ValueObject,
  { names, optional, ingests }: Fields,
): number {
  let count = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const field = from[name];
    if (field === undefined) {
      if (optional[i]) continue;
      return -1;
    }
    const value = ingests[i]!(field);
    if (value === REJECTED) return -1;
    into[name] = value;
    count++;
  }
  return count;
}

/** A tag of a tagged union: looked at before anything is copied, to leave a wrong member early. */
function isTag({ fieldType, optional }: ObjectFieldType): boolean {
  return fieldType.type === "literal" && !optional;
}

/** Whether `count` fields, all copied, are all that `object` has. */
export function hasKeys(object: Record<string, unknown>, count: number): boolean {
  let extra = -count;
  for (const _ in object) extra++;
  return extra === 0 || (count >= 0 && extra === undefinedFields(object));
}

function undefinedFields(object: Record<string, unknown>): number {
  let count = 0;
  for (const key in object) {
    if (object[key] === undefined) count++;
  }
  return count;
}

/** A plain object of this realm; the slow road takes the others. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
