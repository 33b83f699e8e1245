/**
 * `ctx.db`, as authors see it, typed by the data model. Types only: the engine is `src/db`.
 *
 * `get`, `patch`, `replace` and `delete` come in two forms: with the table's name in front, and
 * with the id alone.
 */

import type { GenericId } from "../values/value";
import type {
  DocumentByName,
  GenericDataModel,
  NamedTableInfo,
  TableNamesInDataModel,
} from "./data-model";
import type { NonUnion } from "./object-shape";
import type { QueryInitializer } from "./query";
import type { WithOptionalSystemFields, WithoutSystemFields } from "./system-fields";
import type { SystemDataModel } from "./system-tables";

/** What `patch` takes: any part of a document; `undefined` removes an optional field. */
type PatchValue<T> = {
  [P in keyof T]?: undefined extends T[P] ? T[P] | undefined : T[P];
};

/** Reads of one set of tables. */
interface BaseDatabaseReader<DataModel extends GenericDataModel> {
  /**
   * One document, or `null`. Depends on that document only. O(1).
   * @throws if the id is malformed, or of another table than the one named.
   */
  get<TableName extends TableNamesInDataModel<DataModel>>(
    table: TableName,
    id: GenericId<NonUnion<TableName>>,
  ): Promise<DocumentByName<DataModel, TableName> | null>;
  get<TableName extends TableNamesInDataModel<DataModel>>(
    id: GenericId<TableName>,
  ): Promise<DocumentByName<DataModel, TableName> | null>;

  /** Begins a query. Nothing is read until it is consumed. */
  query<TableName extends TableNamesInDataModel<DataModel>>(
    tableName: TableName,
  ): QueryInitializer<NamedTableInfo<DataModel, TableName>>;

  /** `id` if it is the id of a document of this table, otherwise `null`. The document may not exist. */
  normalizeId<TableName extends TableNamesInDataModel<DataModel>>(
    tableName: TableName,
    id: string,
  ): GenericId<TableName> | null;
}

/** `ctx.db` in queries. */
export interface GenericDatabaseReader<DataModel extends GenericDataModel>
  extends BaseDatabaseReader<DataModel> {
  /** Reads of `_storage` and `_scheduled_functions`. */
  system: BaseDatabaseReader<SystemDataModel>;
}

/** `ctx.db` in mutations. Reads see the mutation's own writes. */
export interface GenericDatabaseWriter<DataModel extends GenericDataModel>
  extends GenericDatabaseReader<DataModel> {
  /** Adds a document and resolves to its new id. */
  insert<TableName extends TableNamesInDataModel<DataModel>>(
    table: TableName,
    value: WithoutSystemFields<DocumentByName<DataModel, TableName>>,
  ): Promise<GenericId<TableName>>;
  /**
   * Not to be called. As an overload it makes TypeScript compare `insert` with `convex`'s while
   * `TableName` is erased, which is what lets contexts of both packages stand for each other; its
   * number of arguments keeps it out of error messages.
   */
  insert(table: never, value: never, overload: never): unknown;

  /** Changes the given top-level fields and keeps the others. @throws if there is no such document. */
  patch<TableName extends TableNamesInDataModel<DataModel>>(
    table: TableName,
    id: GenericId<NonUnion<TableName>>,
    value: PatchValue<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;
  patch<TableName extends TableNamesInDataModel<DataModel>>(
    id: GenericId<TableName>,
    value: PatchValue<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;

  /** Replaces everything but `_id` and `_creationTime`. @throws if there is no such document. */
  replace<TableName extends TableNamesInDataModel<DataModel>>(
    table: TableName,
    id: GenericId<NonUnion<TableName>>,
    value: WithOptionalSystemFields<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;
  replace<TableName extends TableNamesInDataModel<DataModel>>(
    id: GenericId<TableName>,
    value: WithOptionalSystemFields<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;

  /** Removes a document for good. @throws if there is no such document. */
  delete<TableName extends TableNamesInDataModel<DataModel>>(
    table: TableName,
    id: GenericId<NonUnion<TableName>>,
  ): Promise<void>;
  delete(id: GenericId<TableNamesInDataModel<DataModel>>): Promise<void>;

  /** Values that are only known at commit. */
  vars: {
    /** Becomes the commit timestamp, an Int64 of nanoseconds, in whatever document it is put. */
    // biome-ignore lint/suspicious/noExplicitAny: convex's placeholder class has a private member, so any other type would make ctx of convex and Invex incompatible
    commitTs: any;
  };
}

/** Reads of one table. */
export interface BaseTableReader<
  DataModel extends GenericDataModel,
  TableName extends TableNamesInDataModel<DataModel>,
> {
  get(id: GenericId<TableName>): Promise<DocumentByName<DataModel, TableName> | null>;
  query(): QueryInitializer<NamedTableInfo<DataModel, TableName>>;
}

/** Reads and writes of one table. */
export interface BaseTableWriter<
  DataModel extends GenericDataModel,
  TableName extends TableNamesInDataModel<DataModel>,
> extends BaseTableReader<DataModel, TableName> {
  insert(
    value: WithoutSystemFields<DocumentByName<DataModel, TableName>>,
  ): Promise<GenericId<TableName>>;
  patch(
    id: GenericId<TableName>,
    value: PatchValue<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;
  replace(
    id: GenericId<TableName>,
    value: WithOptionalSystemFields<DocumentByName<DataModel, TableName>>,
  ): Promise<void>;
  delete(id: GenericId<TableName>): Promise<void>;
}

interface BaseDatabaseReaderWithTable<DataModel extends GenericDataModel> {
  table<TableName extends TableNamesInDataModel<DataModel>>(
    tableName: TableName,
  ): BaseTableReader<DataModel, TableName>;
  /** Not to be called: as for `insert` above. */
  table(tableName: never, overload: never): unknown;
}

/** `ctx.db` in queries, reached table by table: `db.table("messages").get(id)`. */
export interface GenericDatabaseReaderWithTable<DataModel extends GenericDataModel>
  extends BaseDatabaseReaderWithTable<DataModel> {
  system: BaseDatabaseReaderWithTable<SystemDataModel>;
}

/** `ctx.db` in mutations, reached table by table: `db.table("messages").insert(value)`. */
export interface GenericDatabaseWriterWithTable<DataModel extends GenericDataModel>
  extends GenericDatabaseReaderWithTable<DataModel> {
  table<TableName extends TableNamesInDataModel<DataModel>>(
    tableName: TableName,
  ): BaseTableWriter<DataModel, TableName>;
  /** Not to be called: as for `insert` above. */
  table(tableName: never, overload: never): unknown;
}
