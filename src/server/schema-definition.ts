/**
 * `defineSchema`: the tables of a backend, and the data model that follows from them.
 */

import { userError } from "../shared/errors";
import { v } from "../values/v";
import type { Expand, VId } from "../values/validator";
import type { GenericId } from "../values/value";
import type { AnyDataModel, GenericDataModel } from "./data-model";
import type { DocValidator } from "./doc-validator";
import { docValidator } from "./doc-validator";
import type { IdField, SystemFields, SystemIndexes } from "./system-fields";
import type { ExtractFieldPaths, TableDefinition } from "./table-definition";

/** Tables by name. */
export type GenericSchema = Record<string, TableDefinition>;

/** A schema, made by {@link defineSchema}. */
export interface SchemaDefinition<Schema extends GenericSchema, StrictTableTypes extends boolean> {
  tables: Schema;
  /** In types only. */
  strictTableNameTypes: StrictTableTypes;
  /** Whether documents are checked when they are written. */
  readonly schemaValidation: boolean;

  /**
   * The validator of a table's whole documents, system fields included.
   * @throws if there is no such table.
   */
  doc<TableName extends keyof Schema & string>(
    tableName: TableName,
  ): DocValidator<TableName, Schema[TableName]["validator"]>;
  /** Not to be called: makes schemas comparable with `convex`'s, like `insert` in `database.ts`. */
  doc(tableName: never, overload: never): unknown;

  /**
   * `v.id(tableName)` for tables of this schema only.
   * @throws if there is no such table.
   */
  id<TableName extends keyof Schema & string>(tableName: TableName): VId<GenericId<TableName>>;
  /** Not to be called: as for `doc`. */
  id(tableName: never, overload: never): unknown;
}

/** What schemas of both `convex/server` and `invex/server` are. */
export interface AnySchemaDefinition {
  tables: GenericSchema;
  strictTableNameTypes: boolean;
  readonly schemaValidation: boolean;
}

/** Options of {@link defineSchema}. */
export interface DefineSchemaOptions<StrictTableNameTypes extends boolean> {
  /** Check documents when they are written. Default `true`. */
  schemaValidation?: boolean;
  /** Types only: refuse tables the schema does not list. Default `true`. */
  strictTableNameTypes?: StrictTableNameTypes;
}

/**
 * Declares the tables of a backend. What Convex would refuse is refused when a backend takes it.
 *
 * @example
 * export default defineSchema({
 *   users: defineTable({ name: v.string() }),
 *   messages: defineTable({ author: v.id("users"), body: v.string() }).index("by_author", ["author"]),
 * });
 */
export function defineSchema<
  Schema extends GenericSchema,
  StrictTableNameTypes extends boolean = true,
>(
  schema: Schema,
  options?: DefineSchemaOptions<StrictTableNameTypes>,
): SchemaDefinition<Schema, StrictTableNameTypes> {
  return new DefinedSchema(schema, options?.schemaValidation ?? true);
}

/** What {@link defineSchema} makes. The engine reads nothing but `export()`. */
class DefinedSchema<Schema extends GenericSchema, StrictTableTypes extends boolean>
  implements SchemaDefinition<Schema, StrictTableTypes>
{
  readonly tables: Schema;
  declare readonly strictTableNameTypes: StrictTableTypes;
  readonly schemaValidation: boolean;

  constructor(tables: Schema, schemaValidation: boolean) {
    this.tables = tables;
    this.schemaValidation = schemaValidation;
  }

  doc<TableName extends keyof Schema & string>(
    tableName: TableName,
  ): DocValidator<TableName, Schema[TableName]["validator"]> {
    return docValidator(tableName, this.#table(tableName));
  }

  id<TableName extends keyof Schema & string>(tableName: TableName): VId<GenericId<TableName>> {
    this.#table(tableName);
    return v.id(tableName);
  }

  /** The schema as a JSON string: see `SchemaJSON`. */
  export(): string {
    const tables = Object.entries(this.tables).map(([tableName, table]) => ({
      tableName,
      ...exportTable(tableName, table),
    }));
    return JSON.stringify({ tables, schemaValidation: this.schemaValidation });
  }

  #table<TableName extends keyof Schema & string>(tableName: TableName): Schema[TableName] {
    const table = Object.hasOwn(this.tables, tableName) ? this.tables[tableName] : undefined;
    if (table !== undefined) return table;
    throw userError(
      "SchemaInvalid",
      `Table "${tableName}" is not in this schema. Tables in this schema: ${Object.keys(this.tables).join(", ")}`,
    );
  }
}

function exportTable(tableName: string, table: unknown): object {
  const { export: exporter } = (table ?? {}) as { export?: unknown };
  if (typeof exporter === "function") return exporter.call(table);
  throw userError(
    "SchemaInvalid",
    `Table "${tableName}" of the schema was not made by \`defineTable\`. If it is imported and undefined, look for circular imports.`,
    { table: tableName },
  );
}

/**
 * The data model of a schema. Of a schema made with `convex/server` the indexes cannot be read by
 * other packages: documents are exact, while any index name and any of its fields are allowed.
 *
 * @example
 * type DataModel = DataModelFromSchemaDefinition<typeof schema>;
 * type User = DataModel["users"]["document"];
 */
export type DataModelFromSchemaDefinition<SchemaDef extends AnySchemaDefinition> = MaybeLoose<
  {
    [TableName in keyof SchemaDef["tables"] & string]: TableInfo<
      TableName,
      SchemaDef["tables"][TableName]
    >;
  },
  SchemaDef["strictTableNameTypes"]
>;

type TableInfo<TableName extends string, Table> =
  Table extends TableDefinition<
    infer DocumentType,
    infer Indexes,
    infer SearchIndexes,
    infer VectorIndexes
  >
    ? {
        document: Expand<IdField<TableName> & Expand<SystemFields & DocumentType["type"]>>;
        fieldPaths: keyof IdField<TableName> | ExtractFieldPaths<DocumentType>;
        indexes: Expand<Indexes & SystemIndexes>;
        searchIndexes: SearchIndexes;
        vectorIndexes: VectorIndexes;
      }
    : never;

type MaybeLoose<DataModel extends GenericDataModel, Strict extends boolean> = Strict extends true
  ? DataModel
  : Expand<DataModel & AnyDataModel>;
