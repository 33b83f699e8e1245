/**
 * The `q` of `withSearchIndex(name, q => …)`: one search and any number of equalities, in the order
 * they were written. Whether they fit the index is the database's question.
 */

import { userError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import type { Value } from "../values/value";
import { requireArgument } from "./argument";
import type {
  FieldTypeFromFieldPath,
  GenericDocument,
  GenericSearchIndexConfig,
} from "./data-model";
import type { BuilderCallback, Opaque } from "./opaque";

/** A finished search filter: what a `withSearchIndex` callback returns. */
export abstract class SearchFilter implements Opaque<"SearchFilter"> {
  declare readonly __kind?: "SearchFilter";

  valueOf(): object {
    return this;
  }
}

/**
 * Searches one field for words, then optionally narrows by filter fields.
 *
 * @example
 * ctx.db.query("messages").withSearchIndex("search_body", (q) =>
 *   q.search("body", "hello wor").eq("channel", channel),
 * );
 */
export interface SearchFilterBuilder<
  Document extends GenericDocument,
  SearchIndexConfig extends GenericSearchIndexConfig,
> {
  /** Documents whose search field has one of the words; the last one matches as a prefix. */
  search(
    fieldName: SearchIndexConfig["searchField"],
    query: string,
  ): SearchFilterFinalizer<Document, SearchIndexConfig>;
}

/** What follows a search: filters, all of which must hold. */
export interface SearchFilterFinalizer<
  Document extends GenericDocument,
  SearchIndexConfig extends GenericSearchIndexConfig,
> extends SearchFilter {
  /** Only documents whose filter field equals `value`; `undefined` means the field is missing. */
  eq<FieldName extends SearchIndexConfig["filterFields"]>(
    fieldName: FieldName,
    value: FieldTypeFromFieldPath<Document, FieldName>,
  ): SearchFilterFinalizer<Document, SearchIndexConfig>;
}

/** The callback of `withSearchIndex`. */
export type SearchFilterCallback<
  Document extends GenericDocument,
  SearchIndexConfig extends GenericSearchIndexConfig,
> = BuilderCallback<SearchFilterBuilder<Document, SearchIndexConfig>, SearchFilter>;

/** One clause of a search. `value` is canonical; `undefined` stands for a missing field. */
export type SearchClause =
  | { readonly type: "Search"; readonly fieldPath: string; readonly value: string }
  | { readonly type: "Eq"; readonly fieldPath: string; readonly value: Value | undefined };

/**
 * Runs an author's search callback and answers its clauses in call order. O(clauses).
 *
 * @throws if a builder is used twice, a value is no Convex value, or the callback returns no filter.
 */
export function collectSearchFilter(
  callback: SearchFilterCallback<GenericDocument, GenericSearchIndexConfig>,
): readonly SearchClause[] {
  const filter: unknown = callback(new ClauseBuilder([]));
  if (filter instanceof ClauseBuilder) return filter.finish();
  throw userError(
    "QueryInvalid",
    "The callback of `withSearchIndex` must return the filter it built, like `q => q.search(...)`.",
  );
}

class ClauseBuilder
  extends SearchFilter
  implements
    SearchFilterBuilder<GenericDocument, GenericSearchIndexConfig>,
    SearchFilterFinalizer<GenericDocument, GenericSearchIndexConfig>
{
  readonly #clauses: SearchClause[];
  #used = false;

  constructor(clauses: SearchClause[]) {
    super();
    this.#clauses = clauses;
  }

  search(fieldName: string, query: string): ClauseBuilder {
    requireArgument(fieldName, 1, "fieldName", "search");
    requireArgument(query, 2, "query", "search");
    if (typeof query !== "string") {
      throw userError("ArgumentsInvalid", "Arg 2 `query` to `search` must be a string");
    }
    return this.#with({ type: "Search", fieldPath: fieldName, value: query });
  }

  eq(fieldName: string, ...rest: [value: Value | undefined]): ClauseBuilder {
    requireArgument(fieldName, 1, "fieldName", "eq");
    // Convex names `search` here too.
    if (rest.length !== 1) requireArgument(rest[0], 2, "value", "search");
    const value = rest[0] === undefined ? undefined : canonicalCopy(rest[0]);
    return this.#with({ type: "Eq", fieldPath: fieldName, value });
  }

  finish(): readonly SearchClause[] {
    this.#use();
    return this.#clauses;
  }

  #with(clause: SearchClause): ClauseBuilder {
    this.#use();
    this.#clauses.push(clause);
    return new ClauseBuilder(this.#clauses);
  }

  #use(): void {
    if (this.#used) {
      throw userError(
        "QueryInvalid",
        "SearchFilterBuilder has already been used! Chain your method calls like `q => q.search(...).eq(...)`.",
      );
    }
    this.#used = true;
  }
}
