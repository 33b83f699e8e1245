/**
 * What a `withSearchIndex` query looks for, checked against its index (engine.md 9.1): words, of
 * which the last may be a beginning, and values that filter fields must have.
 */
import type { SearchClause } from "../../server/search-filter-builder";
import { userError } from "../../shared/errors";
import { valuesEqual } from "../../values/compare";
import type { Value } from "../../values/value";
import type { SearchIndexPlan } from "./search-index-plan";
import { tokenize } from "./tokenizer";

/** Words of a query beyond these are ignored. */
const MAX_WORDS = 16;
const MAX_FILTERS = 8;

export interface TextFilter {
  /** Which of the index's filter fields. */
  readonly position: number;
  /** `undefined`: the field must be missing. */
  readonly value: Value | undefined;
}

export interface TextQuery {
  readonly index: SearchIndexPlan;
  /** Different from each other, as many as are used; the last is looked for as a prefix as well. */
  readonly words: readonly string[];
  readonly prefix: string;
  /** All must hold. */
  readonly filters: readonly TextFilter[];
  /** Whether they do for a document with these values of the index's filter fields. */
  passes(values: readonly (Value | undefined)[]): boolean;
}

/**
 * Checks `clauses` and reads the words. `undefined` when there is no word to look for.
 *
 * @throws InvexError `QueryInvalid` with Convex's text for what the index cannot answer; an empty
 * text is not looked at any further.
 */
export function compileTextQuery(
  index: SearchIndexPlan,
  clauses: readonly SearchClause[],
): TextQuery | undefined {
  const [search, second] = clauses.filter((clause) => clause.type === "Search");
  if (search === undefined) {
    throw invalid(
      index,
      'does not contain any search filters. You must include a search filter like `q.search("field", searchText)`.',
    );
  }
  if (search.value === "") return undefined;
  if (second !== undefined) {
    throw invalid(
      index,
      `contains multiple search filters against "${second.fieldPath}". Only one is allowed.`,
    );
  }
  if (search.fieldPath !== index.searchField) {
    throw invalid(
      index,
      `contains a search filter against "${search.fieldPath}", which doesn't match the indexed \`searchField\` "${index.searchField}".`,
    );
  }
  const filters = clauses
    .filter((clause) => clause.type === "Eq")
    .map(({ fieldPath, value }) => ({ position: filterPosition(index, fieldPath), value }));
  if (filters.length > MAX_FILTERS) {
    throw invalid(
      index,
      `has too many filter conditions. Max: ${MAX_FILTERS} Actual: ${filters.length}`,
    );
  }
  const words = tokenize(search.value).slice(0, MAX_WORDS);
  const prefix = words[words.length - 1];
  if (prefix === undefined) return undefined;
  return { index, words: [...new Set(words)], prefix, filters, passes: allOf(filters) };
}

/** Made for the inner loop of a search: it is asked of every document that has one of the words. */
function allOf(filters: readonly TextFilter[]): TextQuery["passes"] {
  return (values) => {
    for (const { position, value } of filters) {
      const actual = values[position];
      // Strings, the usual case, need no order to be told apart.
      const passes = typeof value === "string" ? actual === value : valuesEqual(actual, value);
      if (!passes) return false;
    }
    return true;
  };
}

function filterPosition(index: SearchIndexPlan, field: string): number {
  const position = index.filterFields.indexOf(field);
  if (position >= 0) return position;
  throw invalid(
    index,
    `contains an equality filter on "${field}" but that field isn't indexed for filtering in \`filterFields\`.`,
  );
}

function invalid({ descriptor }: SearchIndexPlan, problem: string) {
  return userError("QueryInvalid", `Search query against ${descriptor} ${problem}`, {
    index: descriptor,
  });
}
