/**
 * How values become documents of one table: copied, checked in Convex's order (engine.md 3.5),
 * given their system fields. Everything it returns is new and canonical; what it was given stays
 * the caller's. Nothing is written here: `transaction.ts` does that.
 */
import type { ErrorCode } from "../shared/errors";
import { type InvexError, userError } from "../shared/errors";
import { canonicalCopy, canonicalPatch } from "../values/canonical";
import { compileDocumentValidator } from "../values/check";
import { nestedFieldsOf } from "../values/clone";
import { valuesEqual } from "../values/compare";
import { CompiledOnce } from "../values/compiled-once";
import { compileDocumentIngest, type DocumentIngest } from "../values/document-ingest";
import type { IdResolver } from "../values/id-resolver";
import {
  MAX_DOCUMENT_NESTING,
  MAX_DOCUMENT_SIZE,
  MAX_OBJECT_FIELDS,
  nestingOf,
  sizeProblem,
  unicodeProblem,
  valueLimitProblem,
} from "../values/limits";
import { printValue } from "../values/print";
import { valueSize } from "../values/size";
import { REJECTED } from "../values/strict-copy";
import type { ValidatorJSON } from "../values/validator-json";
import { isPlainObject, setField, sortedKeys, type Value, type ValueObject } from "../values/value";
import type { Document, DocumentVersion } from "./document";
import type { TablePlan } from "./table-plan";

/** The writer a value was given to, as error texts name it. */
export type WriteMethod = "db.insert" | "db.patch" | "db.replace";

type Fields = Record<string, Value>;

interface SystemFields {
  readonly _id: string;
  readonly _creationTime: number;
}

type DocumentCheck = (document: ValueObject) => string | undefined;

const validatedIngests = new CompiledOnce<TablePlan, DocumentIngest>();
const plainIngests = new CompiledOnce<TablePlan, DocumentIngest>();

export class DocumentShape {
  readonly #table: string;
  readonly #compileCheck: () => DocumentCheck;
  #checked: DocumentCheck | undefined;
  /** One fused pass over a value that breaks no rule; anything doubtful goes the slow way. */
  readonly #ingest: DocumentIngest;
  /** The last list of nested fields, shared by all documents that have the same ones. */
  #nested: readonly string[] = [];

  /** @param isValidated whether the schema says to check documents */
  constructor(plan: TablePlan, ids: IdResolver, isValidated: boolean) {
    const type: ValidatorJSON = (isValidated && plan.definition?.documentType) || { type: "any" };
    this.#table = plan.name;
    this.#compileCheck = () => compileDocumentValidator(type, ids);
    const ingests = isValidated ? validatedIngests : plainIngests;
    this.#ingest = ingests.get(plan, type, ids, (tables) => compileDocumentIngest(type, tables));
  }

  /** What explains is needed off the fast road only. */
  #check(document: ValueObject): string | undefined {
    this.#checked ??= this.#compileCheck();
    return this.#checked(document);
  }

  /** A new document. */
  create(value: unknown, system: SystemFields): DocumentVersion {
    const { _id, _creationTime } = system;
    const fast = this.#ingest(value, _id, _creationTime);
    return fast === REJECTED
      ? this.#build(value, system, "db.insert")
      : this.#measure(fast as Document);
  }

  /** `old` with all fields but the system ones replaced; `old` itself when nothing changes. */
  replace(old: DocumentVersion, value: unknown): DocumentVersion {
    const { _id, _creationTime } = old.document;
    const fast = this.#ingest(value, _id, _creationTime);
    const next =
      fast === REJECTED
        ? this.#build(value, old.document, "db.replace", old)
        : this.#measure(fast as Document);
    return next !== old && valuesEqual(next.document as Value, old.document as Value) ? old : next;
  }

  /** `old` with `patch` merged in at the top level; `old` itself when nothing changes. */
  patch(old: DocumentVersion, patch: unknown): DocumentVersion {
    const changes = patchOf(patch);
    checkSystemFields(changes, old.document);
    if (isNoChange(old.document, changes)) return old;
    const document = merge(old.document, changes);
    this.#checkStructure(document);
    this.#checkSchema(document);
    return this.#version(document, patchedSize(old, changes));
  }

  /** Checks a document that was not written through this engine: loaded or imported. */
  problemOf(document: Document): string | undefined {
    return this.#check(document as ValueObject);
  }

  /** A stored version of an already checked document. */
  adopt(document: Document): DocumentVersion {
    return this.#measure(document);
  }

  /** The slow way, which knows the exact error; `old` comes before the schema (engine.md 3.5). */
  #build(
    value: unknown,
    system: SystemFields,
    method: WriteMethod,
    old?: DocumentVersion,
  ): DocumentVersion {
    const fields = canonicalFields(value, method);
    checkSystemFields(fields, system);
    const { _id, _creationTime } = system;
    const document = sortFields({ ...fields, _id, _creationTime }) as Document;
    if (old !== undefined && valuesEqual(document as Value, old.document as Value)) return old;
    this.#checkStructure(document);
    this.#checkSchema(document);
    return this.#measure(document);
  }

  #measure(document: Document): DocumentVersion {
    return this.#version(document, valueSize(document as Value));
  }

  #version(document: Document, size: number): DocumentVersion {
    throwIf(sizeProblem(size, MAX_DOCUMENT_SIZE));
    this.#nested = nestedFieldsOf(document as ValueObject, this.#nested);
    return { document, size, nested: this.#nested };
  }

  #checkStructure(document: Document): void {
    const violations: string[] = [];
    const fields = Object.keys(document);
    // The values themselves were counted; a patch adds its fields to those that are there.
    throwIf(fieldCountProblem(fields.length - SYSTEM_FIELD_COUNT));
    for (const field of fields) {
      if (field.startsWith("_") && field !== "_id" && field !== "_creationTime") {
        violations.push(
          `Field '${field}' starts with an underscore, which is only allowed for system fields like '_id'`,
        );
      }
    }
    const nesting = nestingOf(document as Value);
    if (nesting > MAX_DOCUMENT_NESTING) {
      violations.push(
        `Document is too nested (nested ${nesting} levels deep > maximum nesting ${MAX_DOCUMENT_NESTING})`,
      );
    }
    if (violations.length === 0) return;
    throw userError(
      "ValueInvalid",
      `Document(value: ${printValue(document as Value)}) isn't a valid document: ${violations.join("\n ")}`,
      { table: this.#table },
    );
  }

  #checkSchema(document: Document): void {
    const problem = this.#check(document as ValueObject);
    if (problem === undefined) return;
    throw userError(
      "SchemaEnforcementError",
      `Failed to insert or update a document in table "${this.#table}" because it does not match the schema: ${problem}`,
      { table: this.#table },
    );
  }
}

/** The value of an insert or replace as canonical fields, or Convex's error. */
function canonicalFields(value: unknown, method: WriteMethod): Fields {
  const fields = canonicalCopy(value);
  if (!isPlainObject(fields)) throw notAnObject(method);
  checkValue(fields as Fields, method);
  return fields as Fields;
}

/** Top-level changes; `undefined` removes the field (engine.md 5.2). */
function patchOf(value: unknown): ValueObject {
  const patch = canonicalPatch(value);
  if (!isPlainObject(patch)) throw notAnObject("db.patch");
  for (const field in patch) checkValue((patch as ValueObject)[field] ?? null, "db.patch");
  return patch as ValueObject;
}

/** The rules of any value: valid Unicode first, as it is a parser that finds it (engine.md 1.3). */
function checkValue(value: Value, method: WriteMethod): void {
  const text = unicodeProblem(value);
  if (text !== undefined) throw userError("ValueInvalid", `Received invalid json: ${text}`);
  throwIf(valueLimitProblem(value), method);
}

function notAnObject(method: WriteMethod): InvexError {
  return userError(
    "ArgumentsInvalid",
    `Invalid argument \`value\` for \`${method}\`: Value must be an Object`,
  );
}

function throwIf(problem: { code: ErrorCode; message: string } | undefined, method?: WriteMethod) {
  if (problem === undefined) return;
  const prefix = method === undefined ? "" : `Invalid argument \`value\` for \`${method}\`: `;
  throw userError(problem.code, prefix + problem.message);
}

const SYSTEM_FIELD_COUNT = 2;

function fieldCountProblem(count: number): { code: ErrorCode; message: string } | undefined {
  if (count <= MAX_OBJECT_FIELDS) return undefined;
  return {
    code: "TooManyFieldsError",
    message: `Object has too many fields (${count} > maximum number ${MAX_OBJECT_FIELDS})`,
  };
}

function isNoChange(document: Document, patch: ValueObject): boolean {
  for (const field in patch) {
    const value = patch[field];
    // Removing a system field has no effect: it is put back when the document is rebuilt.
    if (value === undefined && isSystemField(field)) continue;
    if (!valuesEqual(ownField(document, field), value)) return false;
  }
  return true;
}

function merge(old: Document, patch: ValueObject): Document {
  const merged: Fields = { ...old };
  let keepsFields = true;
  for (const field in patch) {
    const value = patch[field];
    if (value === undefined) {
      if (isSystemField(field)) continue;
      keepsFields &&= !(field in merged);
      delete merged[field];
    } else {
      keepsFields &&= Object.hasOwn(merged, field);
      setField(merged, field, value);
    }
  }
  return (keepsFields ? merged : sortFields(merged)) as Document;
}

function sortFields(fields: Fields): Fields {
  const sorted: Fields = {};
  for (const field of sortedKeys(fields)) setField(sorted, field, fields[field] as Value);
  return sorted;
}

function patchedSize(old: DocumentVersion, patch: ValueObject): number {
  let size = old.size;
  for (const field in patch) {
    if (isSystemField(field)) continue;
    size += fieldSize(field, patch[field]) - fieldSize(field, ownField(old.document, field));
  }
  return size;
}

function fieldSize(field: string, value: Value | undefined): number {
  return value === undefined ? 0 : field.length + 1 + valueSize(value);
}

function ownField(document: Document, field: string): Value | undefined {
  return Object.hasOwn(document, field) ? document[field] : undefined;
}

function isSystemField(field: string): boolean {
  return field === "_id" || field === "_creationTime";
}

function checkSystemFields(fields: ValueObject, system: SystemFields): void {
  const id = fields["_id"];
  if (id !== undefined && id !== system._id) {
    throw userError(
      "InvalidIdError",
      `Provided document ID "${system._id}" doesn't match '_id' field ${printValue(id)}`,
    );
  }
  const time = fields["_creationTime"];
  if (time !== undefined && time !== system._creationTime) {
    throw userError(
      "InvalidCreationTimeError",
      `Provided creation time ${printValue(system._creationTime)} doesn't match '_creationTime' field in ${printValue(fields)}`,
    );
  }
}
