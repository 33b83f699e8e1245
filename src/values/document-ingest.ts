/**
 * `ingest.ts` for whole documents: checks the value of an insert or replace against a table's
 * validator and builds the stored document, system fields in their sorted place, in one pass.
 */
import { documentType, isSystemField } from "./document-type";
import { Habit } from "./habit";
import type { IdResolver } from "./id-resolver";
import { compileFields, fill, hasKeys, hasTags, isPlain } from "./ingest";
import { countBytes } from "./ingested-bytes";
import { MAX_DOCUMENT_NESTING } from "./limits";
import { plainObjectMaker } from "./plain-object";
import type { Rejected } from "./strict-copy";
import { REJECTED, strictCopy } from "./strict-copy";
import type { ObjectFieldType, ValidatorJSON } from "./validator-json";
import type { ValueObject } from "./value";
import { sortedKeys } from "./value";

/** A document as `compileDocumentIngest` builds it. */
export type IngestedDocument = ValueObject & { _id: string; _creationTime: number };

/**
 * Builds the document with this id and creation time, or refuses. System fields in `value` are fine
 * when they are the document's own.
 */
export type DocumentIngest = (
  value: unknown,
  id: string,
  creationTime: number,
) => IngestedDocument | Rejected;

const LEVELS_INSIDE = MAX_DOCUMENT_NESTING - 1;

/** Compiles the validator of a table (`{ type: "any" }` where nothing is checked). */
export function compileDocumentIngest(json: ValidatorJSON, ids: IdResolver): DocumentIngest {
  const type = documentType(json);
  if (type.type === "object") return ingestObjectDocument(type.value, ids);
  if (type.type === "any") return ingestAnyDocument();
  if (type.type !== "union") return () => REJECTED;
  const members = type.value.map((member) => compileDocumentIngest(member, ids));
  return (value, id, creationTime) => {
    for (const ingest of members) {
      const document = ingest(value, id, creationTime);
      if (document !== REJECTED) return document;
    }
    return REJECTED;
  };
}

function ingestObjectDocument(
  fields: Readonly<Record<string, ObjectFieldType>>,
  ids: IdResolver,
): DocumentIngest {
  // A top-level field may not start with an underscore; the slow road says so.
  if (Object.keys(fields).some((name) => name.startsWith("_"))) return () => REJECTED;
  const [before, after] = aroundSystemFields(fields).map((some) =>
    compileFields(some, ids, LEVELS_INSIDE),
  );
  if (before === undefined || after === undefined) return () => REJECTED;
  const make = plainObjectMaker();
  const bytes = before.bytes + after.bytes;
  return (value, id, creationTime) => {
    if (!isPlain(value) || !hasTags(value, before) || !hasTags(value, after)) return REJECTED;
    countBytes(bytes);
    const document = make() as IngestedDocument;
    const first = fill(value, document, before);
    document._creationTime = creationTime;
    document._id = id;
    const last = fill(value, document, after);
    if (first < 0 || last < 0) return REJECTED;
    const own = ownSystemFields(value, id, creationTime);
    return hasKeys(value, first + last + own) ? document : REJECTED;
  };
}

type FieldTypes = Record<string, ObjectFieldType>;

/** The fields that sort before `_creationTime` (uppercase ones), and the others. */
function aroundSystemFields(fields: Readonly<FieldTypes>): [before: FieldTypes, after: FieldTypes] {
  const entries = Object.entries(fields);
  return [
    Object.fromEntries(entries.filter(([name]) => name < "_creationTime")),
    Object.fromEntries(entries.filter(([name]) => name > "_creationTime")),
  ];
}

/** How many system fields `value` repeats; a foreign one makes the count wrong on purpose. */
function ownSystemFields(value: Record<string, unknown>, id: string, creationTime: number): number {
  let count = 0;
  if (value._id !== undefined) count += value._id === id ? 1 : Number.NaN;
  if (value._creationTime !== undefined) {
    count += value._creationTime === creationTime ? 1 : Number.NaN;
  }
  return count;
}

function ingestAnyDocument(): DocumentIngest {
  const habit = new Habit();
  return (value, id, creationTime) => {
    if (!isPlain(value) || Number.isNaN(ownSystemFields(value, id, creationTime))) return REJECTED;
    const copy = strictCopy(value, MAX_DOCUMENT_NESTING, habit);
    return copy === REJECTED ? REJECTED : withSystemFields(copy as ValueObject, id, creationTime);
  };
}

function withSystemFields(
  copy: ValueObject,
  id: string,
  creationTime: number,
): IngestedDocument | Rejected {
  const fields: ValueObject = { ...copy, _creationTime: creationTime, _id: id };
  const document: ValueObject = {};
  for (const name of sortedKeys(fields)) {
    if (name.startsWith("_") && !isSystemField(name)) return REJECTED;
    document[name] = fields[name];
  }
  return document as IngestedDocument;
}
