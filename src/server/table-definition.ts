/**
 * `defineTable`: what a table's documents look like and how they are indexed. A declaration: whether
 * Convex would accept it is checked when a backend takes the schema (`schema-check.ts`).
 */

import { userError } from "../shared/errors";
import { v } from "../values/v";
import type { Expand, GenericValidator, ObjectType, Validator, VObject } from "../values/validator";
import { isValidator, validatorToJson } from "../values/validator";
import type { ValidatorJSON } from "../values/validator-json";
import type {
  GenericTableIndexes,
  GenericTableSearchIndexes,
  GenericTableVectorIndexes,
} from "./data-model";
import type { IndexJSON, SearchIndexJSON, TableJSON, VectorIndexJSON } from "./schema-json";
import type { IndexTiebreakerField, SystemFields } from "./system-fields";

// biome-ignore lint/suspicious/noExplicitAny: a bound that validators of every type pass
type AnyValidator = Validator<any, any, any>;

// biome-ignore lint/suspicious/noExplicitAny: documents have fields of every type
type DocumentValidator = Validator<Record<string, any>, "required", any>;

// biome-ignore lint/complexity/noBannedTypes: Expand<{} & Indexes> is what spells indexes out
type NoIndexes = {};

/** Paths an index may name: those of the validator, and `_creationTime`. */
export type ExtractFieldPaths<T extends AnyValidator> = T["fieldPaths"] | keyof SystemFields;

/** A database index's configuration. */
export interface DbIndexConfig<FirstFieldPath extends string, RestFieldPaths extends string[]> {
  /** Fields in the order they are compared; `_creationTime` follows by itself. */
  fields: [FirstFieldPath, ...RestFieldPaths];
}

/** A search index's configuration. */
export interface SearchIndexConfig<SearchField extends string, FilterFields extends string> {
  /** The field to search; documents where it is no string are not found. */
  searchField: SearchField;
  /** Fields a search can be narrowed by; at most 16. */
  filterFields?: FilterFields[];
}

/** A vector index's configuration. */
export interface VectorIndexConfig<VectorField extends string, FilterFields extends string> {
  /** The field that holds an array of numbers. */
  vectorField: VectorField;
  /** Length of the arrays, 2 to 4096. Others are not found. */
  dimensions: number;
  /** Fields a search can be narrowed by; at most 16. */
  filterFields?: FilterFields[];
}

/** Options every index has. */
export interface IndexOptions {
  /** Declared but not usable: Convex builds it in the background. Default `false`. */
  staged?: boolean;
}

type Live = IndexOptions & { staged?: false };
type Staged = IndexOptions & { staged: true };

/** A table of a schema. Every method adds to it and returns it. */
export interface TableDefinition<
  DocumentType extends AnyValidator = AnyValidator,
  Indexes extends GenericTableIndexes = NoIndexes,
  SearchIndexes extends GenericTableSearchIndexes = NoIndexes,
  VectorIndexes extends GenericTableVectorIndexes = NoIndexes,
> {
  /** What documents must be, system fields aside. */
  validator: DocumentType;

  /** The database indexes that can be queried. Experimental, as in Convex. */
  " indexes"(): { indexDescriptor: string; fields: string[] }[];

  /**
   * Adds a database index.
   *
   * @example
   * defineTable({ channel: v.string(), author: v.id("users") })
   *   .index("by_channel_and_author", ["channel", "author"])
   *   .index("by_author", { fields: ["author"], staged: true });
   */
  index<
    IndexName extends string,
    FirstFieldPath extends ExtractFieldPaths<DocumentType>,
    RestFieldPaths extends ExtractFieldPaths<DocumentType>[],
  >(
    name: IndexName,
    indexConfig: Expand<DbIndexConfig<FirstFieldPath, RestFieldPaths> & Live>,
  ): TableDefinition<
    DocumentType,
    Expand<Indexes & Record<IndexName, [FirstFieldPath, ...RestFieldPaths, IndexTiebreakerField]>>,
    SearchIndexes,
    VectorIndexes
  >;
  index<
    IndexName extends string,
    FirstFieldPath extends ExtractFieldPaths<DocumentType>,
    RestFieldPaths extends ExtractFieldPaths<DocumentType>[],
  >(
    name: IndexName,
    fields: [FirstFieldPath, ...RestFieldPaths],
  ): TableDefinition<
    DocumentType,
    Expand<Indexes & Record<IndexName, [FirstFieldPath, ...RestFieldPaths, IndexTiebreakerField]>>,
    SearchIndexes,
    VectorIndexes
  >;
  index<
    IndexName extends string,
    FirstFieldPath extends ExtractFieldPaths<DocumentType>,
    RestFieldPaths extends ExtractFieldPaths<DocumentType>[],
  >(
    name: IndexName,
    indexConfig: Expand<DbIndexConfig<FirstFieldPath, RestFieldPaths> & Staged>,
  ): TableDefinition<DocumentType, Indexes, SearchIndexes, VectorIndexes>;

  /** Adds a full text search index. */
  searchIndex<
    IndexName extends string,
    SearchField extends ExtractFieldPaths<DocumentType>,
    FilterFields extends ExtractFieldPaths<DocumentType> = never,
  >(
    name: IndexName,
    indexConfig: Expand<SearchIndexConfig<SearchField, FilterFields> & Live>,
  ): TableDefinition<
    DocumentType,
    Indexes,
    Expand<
      SearchIndexes & Record<IndexName, { searchField: SearchField; filterFields: FilterFields }>
    >,
    VectorIndexes
  >;
  searchIndex<
    IndexName extends string,
    SearchField extends ExtractFieldPaths<DocumentType>,
    FilterFields extends ExtractFieldPaths<DocumentType> = never,
  >(
    name: IndexName,
    indexConfig: Expand<SearchIndexConfig<SearchField, FilterFields> & Staged>,
  ): TableDefinition<DocumentType, Indexes, SearchIndexes, VectorIndexes>;

  /** Adds a vector index. */
  vectorIndex<
    IndexName extends string,
    VectorField extends ExtractFieldPaths<DocumentType>,
    FilterFields extends ExtractFieldPaths<DocumentType> = never,
  >(
    name: IndexName,
    indexConfig: Expand<VectorIndexConfig<VectorField, FilterFields> & Live>,
  ): TableDefinition<
    DocumentType,
    Indexes,
    SearchIndexes,
    Expand<
      VectorIndexes &
        Record<
          IndexName,
          { vectorField: VectorField; dimensions: number; filterFields: FilterFields }
        >
    >
  >;
  vectorIndex<
    IndexName extends string,
    VectorField extends ExtractFieldPaths<DocumentType>,
    FilterFields extends ExtractFieldPaths<DocumentType> = never,
  >(
    name: IndexName,
    indexConfig: Expand<VectorIndexConfig<VectorField, FilterFields> & Staged>,
  ): TableDefinition<DocumentType, Indexes, SearchIndexes, VectorIndexes>;

  /**
   * Declares what documents are to be one day: a whole validator, or for a table of objects the
   * fields that change (`undefined` removes one). Documents are still checked against `validator`.
   *
   * @throws if staged twice, or given fields for a table that is a union.
   */
  staged(
    documentSchema: DocumentValidator | Record<string, GenericValidator | undefined>,
  ): TableDefinition<DocumentType, Indexes, SearchIndexes, VectorIndexes>;
}

/**
 * Declares a table.
 *
 * @param documentSchema - fields with their validators, or a validator: an object, a union of
 *   objects, or `v.any()`.
 *
 * @example
 * const messages = defineTable({ channel: v.string(), body: v.string() })
 *   .index("by_channel", ["channel"])
 *   .searchIndex("search_body", { searchField: "body", filterFields: ["channel"] });
 */
export function defineTable<DocumentSchema extends DocumentValidator>(
  documentSchema: DocumentSchema,
): TableDefinition<DocumentSchema>;
export function defineTable<DocumentSchema extends Record<string, GenericValidator>>(
  documentSchema: DocumentSchema,
): TableDefinition<VObject<ObjectType<DocumentSchema>, DocumentSchema>>;
export function defineTable(documentSchema: AnyValidator | Record<string, GenericValidator>) {
  const validator = isValidator(documentSchema) ? documentSchema : v.object(documentSchema);
  return new Table(validator) as unknown as TableDefinition;
}

/** A table at run time. Its lists are plain properties, as in Convex, for libraries that read them. */
class Table {
  readonly indexes: IndexJSON[] = [];
  readonly stagedDbIndexes: IndexJSON[] = [];
  readonly searchIndexes: SearchIndexJSON[] = [];
  readonly stagedSearchIndexes: SearchIndexJSON[] = [];
  readonly vectorIndexes: VectorIndexJSON[] = [];
  readonly stagedVectorIndexes: VectorIndexJSON[] = [];
  readonly validator: GenericValidator;
  stagedValidator: GenericValidator | undefined;

  constructor(validator: GenericValidator) {
    this.validator = validator;
  }

  " indexes"(): readonly IndexJSON[] {
    return this.indexes;
  }

  index(indexDescriptor: string, config: string[] | { fields: string[]; staged?: boolean }): this {
    const { fields, staged } = Array.isArray(config) ? { fields: config, staged: false } : config;
    (staged ? this.stagedDbIndexes : this.indexes).push({ indexDescriptor, fields });
    return this;
  }

  searchIndex(
    indexDescriptor: string,
    config: SearchIndexConfig<string, string> & IndexOptions,
  ): this {
    const { searchField, filterFields = [], staged } = config;
    const list = staged ? this.stagedSearchIndexes : this.searchIndexes;
    list.push({ indexDescriptor, searchField, filterFields });
    return this;
  }

  vectorIndex(
    indexDescriptor: string,
    config: VectorIndexConfig<string, string> & IndexOptions,
  ): this {
    const { vectorField, dimensions, filterFields = [], staged } = config;
    const list = staged ? this.stagedVectorIndexes : this.vectorIndexes;
    list.push({ indexDescriptor, vectorField, dimensions, filterFields });
    return this;
  }

  staged(changes: GenericValidator | Record<string, GenericValidator | undefined>): this {
    if (this.stagedValidator !== undefined) {
      throw userError("SchemaInvalid", "Table cannot have more than one staged validator.");
    }
    this.stagedValidator = isValidator(changes) ? changes : changedFields(this.validator, changes);
    return this;
  }

  export(): Omit<TableJSON, "tableName" | "stagedDocumentType"> & {
    stagedDocumentType: ValidatorJSON | undefined;
  } {
    const { indexes, stagedDbIndexes, searchIndexes, stagedSearchIndexes } = this;
    const { vectorIndexes, stagedVectorIndexes, stagedValidator } = this;
    return {
      indexes,
      stagedDbIndexes,
      searchIndexes,
      stagedSearchIndexes,
      vectorIndexes,
      stagedVectorIndexes,
      documentType: jsonOf(this.validator, "validator", "the parameter of `defineTable`"),
      stagedDocumentType:
        stagedValidator &&
        jsonOf(stagedValidator, "staged validator", "the parameter of `.staged()`"),
    };
  }
}

function changedFields(
  validator: GenericValidator,
  changes: Record<string, GenericValidator | undefined>,
): GenericValidator {
  if (validator.kind !== "object" && validator.kind !== "any") {
    throw userError(
      "SchemaInvalid",
      "Specifying top-level field changes is only supported for simple table definitions. For a table defined with a union or record validator, you must stage a fully defined object or union validator.",
    );
  }
  const enforced: Record<string, GenericValidator> =
    validator.kind === "object" ? validator.fields : {};
  const fields = Object.entries({ ...enforced, ...changes }).filter(
    (entry): entry is [string, GenericValidator] => entry[1] !== undefined,
  );
  return v.object(Object.fromEntries(fields));
}

function jsonOf(validator: GenericValidator, what: string, parameter: string): ValidatorJSON {
  const json: unknown = validatorToJson(validator);
  if (typeof json === "object") return json as ValidatorJSON;
  throw userError(
    "SchemaInvalid",
    `Invalid ${what}: please make sure that ${parameter} is valid (see https://docs.convex.dev/database/schemas)`,
  );
}
