/**
 * The rules a table's indexes must keep to be accepted (engine.md 3.3, 3.4).
 */

import { identifierProblem } from "../values/identifier";
import { acceptsVectors, validatorsAt } from "./field-validators";
import { schemaError } from "./schema-error";
import type { IndexJSON, SearchIndexJSON, TableJSON, VectorIndexJSON } from "./schema-json";

/** How many indexes of all kinds a table may have, staged ones included. */
export const MAX_INDEXES = 64;
/** How many fields an index may have, the implicit `_creationTime` included. */
export const MAX_INDEX_FIELDS = 16;
/** How many filter fields a search or vector index may have. */
export const MAX_FILTER_FIELDS = 16;
/** How long vectors may be. */
export const VECTOR_DIMENSIONS = { min: 2, max: 4096 } as const;

const RESERVED_NAMES: ReadonlySet<string> = new Set(["by_id", "by_creation_time"]);

/** Where an error is. */
interface Place {
  readonly table: string;
  readonly index: string;
}

/**
 * Throws Convex's error for the first rule the indexes of `table` break.
 *
 * @param schemaValidation - whether the schema is enforced: only then must indexed fields exist.
 */
export function checkIndexes(table: TableJSON, schemaValidation: boolean): void {
  const database = [...table.indexes, ...table.stagedDbIndexes];
  const search = [...table.searchIndexes, ...table.stagedSearchIndexes];
  const vector = [...table.vectorIndexes, ...table.stagedVectorIndexes];
  checkNames(table.tableName, [...database, ...search, ...vector]);

  for (const index of table.indexes) checkIndexFields(table.tableName, index, "index");
  for (const index of table.stagedDbIndexes) {
    checkIndexFields(table.tableName, index, "staged index");
  }
  for (const index of search) checkSearchIndex(placeOf(table, index), index);
  for (const index of vector) checkVectorIndex(placeOf(table, index), index);

  requireDistinct(table, database, ({ fields }) => fields);
  requireDistinct(table, search, (index) => [index.searchField, ...[...index.filterFields].sort()]);
  requireDistinct(table, vector, (index) => [index.vectorField, `${index.dimensions}`]);
  if (schemaValidation) checkReferences(table, { database, search, vector });
}

function checkNames(table: string, indexes: readonly { indexDescriptor: string }[]): void {
  const seen = new Set<string>();
  for (const { indexDescriptor: index } of indexes) {
    if (identifierProblem(index) !== undefined) {
      throw schemaError(
        `Invalid index name: "${index}". Identifiers must be 64 characters or less, start with a letter, and only contain letters, digits, underscores.`,
        { table, index },
      );
    }
    if (index.startsWith("_") || RESERVED_NAMES.has(index)) {
      throw schemaError(
        `In table "${table}" cannot name an index "${index}" because the name is reserved. Indexes may not start with an underscore or be named "by_id" or "by_creation_time".`,
        { table, index },
      );
    }
    if (seen.has(index)) {
      throw schemaError(`Table "${table}" has two or more definitions of index "${index}".`, {
        table,
        index,
      });
    }
    seen.add(index);
  }
  if (indexes.length > MAX_INDEXES) {
    throw schemaError(`Table "${table}" cannot have more than ${MAX_INDEXES} indexes.`, { table });
  }
}

function checkIndexFields(
  table: string,
  { indexDescriptor: index, fields }: IndexJSON,
  kind: string,
) {
  const place = { table, index };
  if (fields.length === 0) {
    throw schemaError(`In table "${table}" ${kind} "${index}" must have at least one field.`, {
      ...place,
    });
  }
  // The implicit `_creationTime` counts.
  if (fields.length >= MAX_INDEX_FIELDS) {
    throw inIndex(place, `Indexes may have up to ${MAX_INDEX_FIELDS} fields.`);
  }
  const seen = new Set<string>();
  for (const field of fields) {
    checkIndexField(place, field);
    if (seen.has(field)) {
      throw inIndex(
        place,
        `Duplicate field "${field}". Index fields must be unique within an index.`,
      );
    }
    seen.add(field);
  }
}

function checkIndexField(place: Place, field: string): void {
  if (field === "_id") {
    throw inIndex(
      place,
      "`_id` is not a valid index field. To load documents by ID, use `db.get(id)`.",
    );
  }
  if (field === "_creationTime") {
    throw schemaError(
      "`_creationTime` is automatically added to the end of each index. It should not be added explicitly in the index definition. See https://docs.convex.dev/using/indexes for more details.",
      { ...place },
    );
  }
  requirePath(place, field);
  if (field.split(".").some((segment) => segment.startsWith("_"))) {
    throw schemaError("Reserved fields (starting with `_`) are not allowed in indexes.", {
      ...place,
    });
  }
}

function checkSearchIndex(place: Place, { searchField, filterFields }: SearchIndexJSON): void {
  for (const field of [searchField, ...filterFields]) requirePath(place, field);
  requireFewFilterFields(place, filterFields);
}

function checkVectorIndex(place: Place, index: VectorIndexJSON): void {
  const { vectorField, dimensions, filterFields } = index;
  const { min, max } = VECTOR_DIMENSIONS;
  for (const field of [vectorField, ...filterFields]) requirePath(place, field);
  if (!Number.isInteger(dimensions) || dimensions < min || dimensions > max) {
    throw schemaError(`Dimensions ${dimensions} must be between ${min} and ${max}.`, { ...place });
  }
  requireFewFilterFields(place, filterFields);
}

function requireFewFilterFields(place: Place, filterFields: readonly string[]): void {
  if (filterFields.length <= MAX_FILTER_FIELDS) return;
  throw schemaError(`Search indexes may have up to ${MAX_FILTER_FIELDS} filter fields.`, {
    ...place,
  });
}

function requirePath(place: Place, field: string): void {
  if (field.split(".").every((segment) => identifierProblem(segment) === undefined)) return;
  throw inIndex(place, `Invalid index field: "${field}"`);
}

function requireDistinct<Index extends { indexDescriptor: string }>(
  { tableName: table }: TableJSON,
  indexes: readonly Index[],
  keyOf: (index: Index) => readonly string[],
): void {
  const names = new Map<string, string>();
  for (const index of indexes) {
    const key = keyOf(index).join(); // no path contains a comma
    const twin = names.get(key);
    if (twin !== undefined) {
      throw schemaError(
        `In table "${table}" index "${twin}" and index "${index.indexDescriptor}" have the same fields. Indexes must be unique within a table.`,
        { table, index: index.indexDescriptor },
      );
    }
    names.set(key, index.indexDescriptor);
  }
}

function checkReferences(
  table: TableJSON,
  indexes: {
    readonly database: readonly IndexJSON[];
    readonly search: readonly SearchIndexJSON[];
    readonly vector: readonly VectorIndexJSON[];
  },
): void {
  for (const index of indexes.database) requireFields(table, index, index.fields);
  for (const index of indexes.search) {
    requireFields(table, index, [index.searchField, ...index.filterFields]);
  }
  for (const index of indexes.vector) {
    requireVector(table, index);
    requireFields(table, index, index.filterFields);
  }
}

function requireFields(
  table: TableJSON,
  index: { readonly indexDescriptor: string },
  fields: readonly string[],
): void {
  const missing = fields.find((field) => validatorsAt(table.documentType, field).length === 0);
  if (missing === undefined) return;
  const place = placeOf(table, index);
  throw schemaError(
    `In table "${place.table}" the index "${place.index}" is invalid because it references the field "${missing}" that does not exist.`,
    { ...place, field: missing },
  );
}

function requireVector(table: TableJSON, index: VectorIndexJSON): void {
  const { vectorField: field } = index;
  if (validatorsAt(table.documentType, field).some(acceptsVectors)) return;
  const place = placeOf(table, index);
  throw schemaError(
    `In table "${place.table}" the vector index "${place.index}" is invalid because it references the field "${field}" that is neither an array of float64 or optional array of float64.`,
    { ...place, field },
  );
}

function placeOf(table: TableJSON, index: { readonly indexDescriptor: string }): Place {
  return { table: table.tableName, index: index.indexDescriptor };
}

function inIndex(place: Place, message: string) {
  return schemaError(`In table "${place.table}": In index "${place.index}": ${message}`, {
    ...place,
  });
}
