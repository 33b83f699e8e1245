/**
 * Queries of `ctx.db`, as authors see them: source, order, filters, and how to take results.
 * Types only: running them is `src/db`.
 */

import type {
  DocumentByInfo,
  GenericTableInfo,
  IndexNames,
  NamedIndex,
  NamedSearchIndex,
  SearchIndexNames,
} from "./data-model";
import type { FilterCallback } from "./filter-builder";
import type { IndexRangeCallback } from "./index-range-builder";
import type { PaginationOptions, PaginationResult } from "./pagination";
import type { SearchFilterCallback } from "./search-filter-builder";

/**
 * A query of which only the table is known. May be used any number of times; the queries made from
 * it only once. Without a source it reads the whole table in insertion order.
 */
export interface QueryInitializer<TableInfo extends GenericTableInfo> extends Query<TableInfo> {
  /** Reads the whole table. Depends on every document of it. */
  fullTableScan(): Query<TableInfo>;

  /**
   * Reads a range of an index, in its order; the whole index without a range.
   *
   * @example
   * ctx.db.query("messages").withIndex("by_channel", (q) => q.eq("channel", "general"));
   */
  withIndex<IndexName extends IndexNames<TableInfo>>(
    indexName: IndexName,
    indexRange?: IndexRangeCallback<DocumentByInfo<TableInfo>, NamedIndex<TableInfo, IndexName>>,
  ): Query<TableInfo>;

  /** Searches text, best matches first. At most 1024 documents. */
  withSearchIndex<IndexName extends SearchIndexNames<TableInfo>>(
    indexName: IndexName,
    searchFilter: SearchFilterCallback<
      DocumentByInfo<TableInfo>,
      NamedSearchIndex<TableInfo, IndexName>
    >,
  ): OrderedQuery<TableInfo>;
}

/** A query whose direction may still be chosen. */
export interface Query<TableInfo extends GenericTableInfo> extends OrderedQuery<TableInfo> {
  /** Default `"asc"`. */
  order(order: "asc" | "desc"): OrderedQuery<TableInfo>;
}

/** A query ready to be filtered and consumed: by one of its methods, or by `for await`. */
export interface OrderedQuery<TableInfo extends GenericTableInfo>
  extends AsyncIterable<DocumentByInfo<TableInfo>> {
  /** Leaves out documents for which the condition is false. They are read all the same. */
  filter(predicate: FilterCallback<TableInfo>): this;

  /** One page, and the cursor of the next. Once per function, and in the app only. */
  paginate(paginationOpts: PaginationOptions): Promise<PaginationResult<DocumentByInfo<TableInfo>>>;

  /** All documents. */
  collect(): Promise<Array<DocumentByInfo<TableInfo>>>;

  /** The first `n` documents. Depends on nothing behind the last one. */
  take(n: number): Promise<Array<DocumentByInfo<TableInfo>>>;

  /** The first document, or `null`. */
  first(): Promise<DocumentByInfo<TableInfo> | null>;

  /** The only document, or `null`. @throws if there are more. */
  unique(): Promise<DocumentByInfo<TableInfo> | null>;
}
