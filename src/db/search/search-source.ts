/**
 * Results of a text search, pulled one by one in order of relevance. The search runs whole when the
 * first row is pulled; what is charged and recorded row by row are the documents (engine.md 9.1).
 */
import { userError } from "../../shared/errors";
import type { DocumentVersion } from "../document";
import { encodeKeyPart } from "../index-key";
import type { PageBounds, PageSource, QuerySource } from "../query-plan";
import type { TablePlan } from "../table-plan";
import type { Transaction } from "../transaction";
import type { SearchIndexPlan } from "./search-index-plan";
import { compileTextQuery, type TextQuery } from "./text-query";
import { TextRead } from "./text-read";
import { MAX_HITS, searchText, type TextHit } from "./text-search";

type SearchClauses = Extract<QuerySource, { type: "Search" }>;

/**
 * Where a `withSearchIndex` query reads from.
 *
 * @throws InvexError `IndexNotFound`, `IndexInvalid` or `QueryInvalid` for what cannot be searched
 */
export function openSearch(
  tx: Transaction,
  table: TablePlan | undefined,
  source: SearchClauses,
  page: { readonly bounds: PageBounds } | undefined,
): PageSource {
  const query = compileTextQuery(searchIndexOf(table, source), source.filters);
  return new SearchSource(tx, query, page?.bounds ?? UNBOUNDED);
}

const UNBOUNDED: PageBounds = { after: undefined, through: undefined };

class SearchSource implements PageSource {
  readonly #tx: Transaction;
  readonly #query: TextQuery | undefined;
  readonly #bounds: PageBounds;
  #hits: readonly TextHit[] | undefined;
  #position = 0;
  #hasSeenEnd = false;

  // A page of a search is never cut, nor advised to be: whichever part is asked for, the search is
  // run as a whole. So there is nothing to tell of keys, rows and bytes.
  readonly pulledKeys = undefined;
  readonly rowsFetched = 0;
  readonly bytesPulled = 0;

  constructor(tx: Transaction, query: TextQuery | undefined, bounds: PageBounds) {
    this.#tx = tx;
    this.#query = query;
    this.#bounds = bounds;
  }

  get lastKey(): string | undefined {
    const last = this.#hits?.[this.#position - 1];
    return last && positionKey(last);
  }

  get hasSeenEnd(): boolean {
    return this.#hasSeenEnd;
  }

  /** Hits are fetched one by one. */
  hold(): void {}

  next(): DocumentVersion | undefined {
    if (this.#query === undefined) return this.#end();
    this.#hits ??= this.#search(this.#query);
    if (this.#position === MAX_HITS) throw tooManyHits();
    const hit = this.#hits[this.#position];
    if (hit === undefined) return this.#end();
    this.#position += 1;
    return this.#tx.getFound(this.#query.index.table, hit.id, hit.own);
  }

  #search(query: TextQuery): readonly TextHit[] {
    const hits = searchText(this.#tx.textView(query.index), query);
    this.#tx.recordSearch(new TextRead(query));
    return withinPage(hits, this.#bounds);
  }

  #end(): undefined {
    this.#hasSeenEnd = true;
    return undefined;
  }
}

function withinPage(hits: readonly TextHit[], { after, through }: PageBounds): readonly TextHit[] {
  if (after === undefined && through === undefined) return hits;
  return hits.filter((hit) => {
    const key = positionKey(hit);
    return (after === undefined || key > after) && (through === undefined || key <= through);
  });
}

/** Where a hit stands among the results, as text that sorts like them. */
function positionKey({ score, creationTime, id }: TextHit): string {
  return encodeKeyPart(-score) + encodeKeyPart(-creationTime) + reversed(id);
}

/** A text that sorts the other way round among texts of one length. */
function reversed(id: string): string {
  let text = "";
  for (let i = 0; i < id.length; i++) text += String.fromCharCode(0xff - id.charCodeAt(i));
  return text;
}

function searchIndexOf(table: TablePlan | undefined, source: SearchClauses): SearchIndexPlan {
  const name = `${source.table}.${source.index}`;
  const index = table?.searchIndexes.get(source.index);
  if (index === undefined) {
    if (table?.indexes.has(source.index) || table?.vectorIndexes.has(source.index)) {
      throw userError("IndexInvalid", `Index ${name} is not a search index`, { index: name });
    }
    throw userError("IndexNotFound", `Index ${name} not found.`, { index: name });
  }
  if (index.staged) {
    throw userError(
      "IndexInvalid",
      `Index ${name} is currently staged and not available to query until it is enabled.`,
      { index: name },
    );
  }
  return index;
}

function tooManyHits() {
  return userError(
    "LimitExceeded",
    `Search query scanned too many documents (fetched ${MAX_HITS}). Consider using a smaller limit, paginating the query, or using a filter field to limit the number of documents pulled from the search index.`,
    { limit: MAX_HITS },
  );
}
