/** What a function's queries do that will hurt as the tables grow: only what was really seen. */
import { adviseIndex, type IndexAdvice } from "./filter-advice";
import type { WatchedQuery } from "./query-report";
import { printPlace } from "./read-report";

export interface ExplainWarning {
  /**
   * `fullTableScan`: every document of a table was read. `filterWithoutIndex`: a `.filter` threw away
   * documents that an index would not have read. `unboundedCollect`: 1,000 documents or more were
   * collected, with nothing to bound them.
   */
  readonly kind: "fullTableScan" | "filterWithoutIndex" | "unboundedCollect";
  /** The query, as `QueryReport.text`. */
  readonly query: string;
  readonly message: string;
  /** The line that helps, for the table's definition: `.index("by_channel", ["channel"])`. */
  readonly index?: string;
  /** What to write in the query then: `.withIndex("by_channel", (q) => q.eq("channel", "general"))`. */
  readonly withIndex?: string;
}

/** From here on it matters whether a `collect` is bounded: Convex's own advice is the same. */
const MANY_DOCUMENTS = 1_000;

/** At most one warning a query, and one for queries that differ in nothing. */
export function warningsAbout(queries: readonly WatchedQuery[]): ExplainWarning[] {
  const warnings = queries.flatMap((query) => warningAbout(query) ?? []);
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

function warningAbout({ report, table, plan }: WatchedQuery): ExplainWarning | undefined {
  if (table === undefined || table.visibility !== "user") return undefined;
  const { kind, mode, scanned, returned, reachedEnd, text: query } = report;
  const name = printPlace(table);
  const dropped = scanned.documents - returned.documents;
  const advice = dropped > 0 ? adviseIndex(plan, table) : undefined;
  const isWholeScan = kind === "fullTableScan" && reachedEnd && mode !== "paginate";
  if (isWholeScan && scanned.documents > 0) {
    const what = `All ${count(scanned.documents)} of "${name}" were read to return ${returned.documents}.`;
    const rest = advice === undefined ? "The cost grows with the table." : worded(advice);
    return { kind: "fullTableScan", query, message: `${what} ${rest}`, ...lines(advice) };
  }
  if (advice !== undefined) {
    const what = `The filter threw away ${dropped} of ${count(scanned.documents)} read from "${name}".`;
    return {
      kind: "filterWithoutIndex",
      query,
      message: `${what} ${worded(advice)}`,
      ...lines(advice),
    };
  }
  if (mode !== "collect" || returned.documents < MANY_DOCUMENTS) return undefined;
  const message = `${count(returned.documents)} of "${name}" were collected at once, and nothing bounds their number: consider .take(n) or .paginate().`;
  return { kind: "unboundedCollect", query, message };
}

function worded({ index, isWhole }: IndexAdvice): string {
  const subject = index === undefined ? "An index that is there already" : "An index";
  return isWhole
    ? `${subject} can do what the filter does, and read only what it returns.`
    : `${subject} can serve some of the filter's conditions.`;
}

function lines(advice: IndexAdvice | undefined) {
  if (advice === undefined) return {};
  const { index, withIndex } = advice;
  return index === undefined ? { withIndex } : { index, withIndex };
}

function count(documents: number): string {
  return documents === 1 ? "1 document" : `${documents} documents`;
}
