/**
 * A schema as the engine knows it: the JSON that `schema.export()` of either front gives. Whether
 * Convex would accept it is `schema-check.ts`.
 */

import { userError } from "../shared/errors";
import type { ValidatorJSON } from "../values/validator-json";
import { isPlainObject } from "../values/value";

/** A whole schema. */
export interface SchemaJSON {
  readonly tables: readonly TableJSON[];
  /** Whether documents are checked against the tables' validators. */
  readonly schemaValidation: boolean;
}

/** One table. Staged indexes are declared but cannot be queried. */
export interface TableJSON {
  readonly tableName: string;
  readonly indexes: readonly IndexJSON[];
  readonly stagedDbIndexes: readonly IndexJSON[];
  readonly searchIndexes: readonly SearchIndexJSON[];
  readonly stagedSearchIndexes: readonly SearchIndexJSON[];
  readonly vectorIndexes: readonly VectorIndexJSON[];
  readonly stagedVectorIndexes: readonly VectorIndexJSON[];
  /** What documents must be. System fields it lists mean nothing: see `values/document-type.ts`. */
  readonly documentType: ValidatorJSON;
  /** What documents are to be one day. Not enforced. */
  readonly stagedDocumentType?: ValidatorJSON;
}

/** A database index. */
export interface IndexJSON {
  readonly indexDescriptor: string;
  /** As declared, without the implicit `_creationTime` and `_id`. */
  readonly fields: readonly string[];
}

/** A search index. */
export interface SearchIndexJSON {
  readonly indexDescriptor: string;
  readonly searchField: string;
  readonly filterFields: readonly string[];
}

/** A vector index. */
export interface VectorIndexJSON {
  readonly indexDescriptor: string;
  readonly vectorField: string;
  readonly dimensions: number;
  readonly filterFields: readonly string[];
}

/**
 * The JSON of a schema made by `defineSchema` of `convex/server` or of `invex/server`. What older
 * versions leave out is filled in: no staged or vector indexes, any documents, no validation.
 *
 * @throws `SchemaInvalid` if it is no schema, and whatever its definition throws on export.
 *
 * @example
 * exportSchema(defineSchema({ users: defineTable({ name: v.string() }) })).tables[0].tableName; // "users"
 */
export function exportSchema(schema: unknown): SchemaJSON {
  const exporter = (schema as { export?: unknown } | null | undefined)?.export;
  if (typeof exporter !== "function") throw notASchema();
  const json: unknown = JSON.parse(String(exporter.call(schema)));
  if (!isPlainObject(json) || !Array.isArray(json.tables)) throw notASchema();
  return {
    tables: json.tables.map(completeTable),
    schemaValidation: json.schemaValidation === true,
  };
}

function completeTable(table: Partial<TableJSON> & Pick<TableJSON, "tableName">): TableJSON {
  return {
    ...table,
    indexes: table.indexes?.map(trimIndex) ?? [],
    stagedDbIndexes: table.stagedDbIndexes?.map(trimIndex) ?? [],
    searchIndexes: table.searchIndexes ?? [],
    stagedSearchIndexes: table.stagedSearchIndexes ?? [],
    vectorIndexes: table.vectorIndexes ?? [],
    stagedVectorIndexes: table.stagedVectorIndexes ?? [],
    documentType: table.documentType ?? { type: "any" },
  };
}

/** Convex reads `.a.b.` as `a.b`. */
function trimIndex({ indexDescriptor, fields }: IndexJSON): IndexJSON {
  return { indexDescriptor, fields: fields.map((field) => field.replace(/^\.+|\.+$/g, "")) };
}

function notASchema(): Error {
  return userError(
    "SchemaInvalid",
    "Expected a schema made by `defineSchema`: the default export of `schema.ts` must be one.",
  );
}
