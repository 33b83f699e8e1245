/**
 * `ctx.vectorSearch` of actions, as authors see it. Types only: the search is `src/db/search`.
 */

import type { GenericId } from "../values/value";
import type {
  DocumentByInfo,
  GenericDataModel,
  GenericTableInfo,
  NamedTableInfo,
  NamedVectorIndex,
  TableNamesInDataModel,
  VectorIndexNames,
} from "./data-model";
import type { VectorFilterCallback } from "./vector-filter-builder";

/** What to look for. */
export interface VectorSearchQuery<
  TableInfo extends GenericTableInfo,
  IndexName extends VectorIndexNames<TableInfo>,
> {
  /** Not empty, and of the index's dimensions. */
  vector: number[];
  /** 1 to 256; default 10. */
  limit?: number;
  /** Which documents to look at; default all. */
  filter?: VectorFilterCallback<DocumentByInfo<TableInfo>, NamedVectorIndex<TableInfo, IndexName>>;
}

/** The type of `ctx.vectorSearch` for one index. Resolves to the best matches first. */
export type VectorSearch<
  DataModel extends GenericDataModel,
  TableName extends TableNamesInDataModel<DataModel>,
  IndexName extends VectorIndexNames<NamedTableInfo<DataModel, TableName>>,
> = (
  tableName: TableName,
  indexName: IndexName,
  query: VectorSearchQuery<NamedTableInfo<DataModel, TableName>, IndexName>,
) => Promise<Array<{ _id: GenericId<TableName>; _score: number }>>;
