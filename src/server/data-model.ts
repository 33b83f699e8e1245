/**
 * What a schema says, as types: a map of table names to documents, field paths and indexes.
 * Generics over it live in the authoring types only; the engine works on names and values.
 */

import type { Value } from "../values/value";
import type { SystemIndexes } from "./system-fields";

/** Any document. */
export type GenericDocument = Record<string, Value>;

/** Any union of field paths, `"a" | "a.b"`. */
export type GenericFieldPaths = string;

/** Fields of one index, in order, the tiebreaker `_creationTime` last. */
export type GenericIndexFields = string[];

/** Database indexes of one table by name. */
export type GenericTableIndexes = Record<string, GenericIndexFields>;

/** One search index. */
export type GenericSearchIndexConfig = {
  searchField: string;
  filterFields: string;
};

/** Search indexes of one table by name. */
export type GenericTableSearchIndexes = Record<string, GenericSearchIndexConfig>;

/** One vector index. */
export type GenericVectorIndexConfig = {
  vectorField: string;
  dimensions: number;
  filterFields: string;
};

/** Vector indexes of one table by name. */
export type GenericTableVectorIndexes = Record<string, GenericVectorIndexConfig>;

/** `T[Key]` of each member of a union, `Default` for members that lack the key. */
type MemberValue<T, Key, Default> = T extends T ? (Key extends keyof T ? T[Key] : Default) : never;

/**
 * The type found at a dotted path of a document, `undefined` where nothing can be.
 * A path that is only known to be a string may lead to any value.
 */
export type FieldTypeFromFieldPath<
  Document extends GenericDocument,
  FieldPath extends string,
> = string extends FieldPath
  ? Value | undefined
  : FieldTypeFromFieldPathInner<Document, FieldPath> extends Value | undefined
    ? FieldTypeFromFieldPathInner<Document, FieldPath>
    : Value | undefined;

/** {@link FieldTypeFromFieldPath} before it is cut down to values. */
export type FieldTypeFromFieldPathInner<
  Document extends GenericDocument,
  FieldPath extends string,
> = FieldPath extends `${infer First}.${infer Rest}`
  ? MemberValue<Document, First, Record<never, never>> extends infer Field
    ? Field extends GenericDocument
      ? FieldTypeFromFieldPath<Field, Rest>
      : undefined
    : undefined
  : MemberValue<Document, FieldPath, undefined>;

/** Everything the types know about one table. */
export type GenericTableInfo = {
  document: GenericDocument;
  fieldPaths: GenericFieldPaths;
  indexes: GenericTableIndexes;
  searchIndexes: GenericTableSearchIndexes;
  vectorIndexes: GenericTableVectorIndexes;
};

/** Documents of a table. */
export type DocumentByInfo<TableInfo extends GenericTableInfo> = TableInfo["document"];

/** Paths of a table's documents that an index or filter may name. */
export type FieldPaths<TableInfo extends GenericTableInfo> = TableInfo["fieldPaths"];

/** Database indexes of a table. */
export type Indexes<TableInfo extends GenericTableInfo> = TableInfo["indexes"];

/** Names of a table's database indexes. */
export type IndexNames<TableInfo extends GenericTableInfo> = keyof Indexes<TableInfo>;

/** Fields of one database index. */
export type NamedIndex<
  TableInfo extends GenericTableInfo,
  IndexName extends IndexNames<TableInfo>,
> = Indexes<TableInfo>[IndexName];

/** Search indexes of a table. */
export type SearchIndexes<TableInfo extends GenericTableInfo> = TableInfo["searchIndexes"];

/** Names of a table's search indexes. */
export type SearchIndexNames<TableInfo extends GenericTableInfo> = keyof SearchIndexes<TableInfo>;

/** One search index of a table. */
export type NamedSearchIndex<
  TableInfo extends GenericTableInfo,
  IndexName extends SearchIndexNames<TableInfo>,
> = SearchIndexes<TableInfo>[IndexName];

/** Vector indexes of a table. */
export type VectorIndexes<TableInfo extends GenericTableInfo> = TableInfo["vectorIndexes"];

/** Names of a table's vector indexes. */
export type VectorIndexNames<TableInfo extends GenericTableInfo> = keyof VectorIndexes<TableInfo>;

/** One vector index of a table. */
export type NamedVectorIndex<
  TableInfo extends GenericTableInfo,
  IndexName extends VectorIndexNames<TableInfo>,
> = VectorIndexes<TableInfo>[IndexName];

/** Any data model: table infos by table name. */
export type GenericDataModel = Record<string, GenericTableInfo>;

/** The data model of code without a schema: every table exists and holds anything. */
export type AnyDataModel = {
  [tableName: string]: {
    // biome-ignore lint/suspicious/noExplicitAny: without a schema nothing is known about documents
    document: any;
    fieldPaths: GenericFieldPaths;
    indexes: SystemIndexes;
    searchIndexes: Record<never, never>;
    vectorIndexes: Record<never, never>;
  };
};

/** Table names of a data model. */
export type TableNamesInDataModel<DataModel extends GenericDataModel> = keyof DataModel & string;

/** What a data model says about one table. */
export type NamedTableInfo<
  DataModel extends GenericDataModel,
  TableName extends keyof DataModel,
> = DataModel[TableName];

/** Documents of one table of a data model. */
export type DocumentByName<
  DataModel extends GenericDataModel,
  TableName extends TableNamesInDataModel<DataModel>,
> = DataModel[TableName]["document"];
