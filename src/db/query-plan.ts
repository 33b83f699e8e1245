/** What a query asks for, as its builder collected it; nothing is checked before it runs. */
import type { FilterTree } from "../server/filter-builder";
import type { RangeExpression } from "../server/index-range-builder";
import type { SearchClause } from "../server/search-filter-builder";
import { userError } from "../shared/errors";
import { convexOrUndefinedToJson } from "../values/convex-json";
import type { DocumentVersion } from "./document";
import { compileFilter } from "./filter";
import { after } from "./index-key";
import type { IndexPlan } from "./index-plan";
import { compileRange } from "./index-range";
import { IndexScan, type ScanBudget, type Source } from "./index-scan";
import type { KeyRange } from "./key-range";
import { openSearch } from "./search/search-source";
import type { TablePlan } from "./table-plan";
import type { Transaction } from "./transaction";

export type Order = "asc" | "desc";

export type QuerySource =
  | { readonly type: "FullTableScan"; readonly table: string }
  | {
      readonly type: "IndexRange";
      readonly table: string;
      readonly index: string;
      readonly range: readonly RangeExpression[];
    }
  | {
      readonly type: "Search";
      readonly table: string;
      readonly index: string;
      readonly filters: readonly SearchClause[];
    };

export type QueryOperator = { readonly filter: FilterTree } | { readonly limit: number };

export interface QueryPlan {
  readonly component: string;
  readonly source: QuerySource;
  /** As given; anything but "asc" and "desc" is refused when the query runs. */
  readonly order: Order | undefined;
  readonly operators: readonly QueryOperator[];
}

/** Where a page begins and ends among the rows of its query; `undefined` is the open end. */
export interface PageBounds {
  /** Rows after this key. */
  readonly after: string | undefined;
  /** Rows up to and including this key. */
  readonly through: string | undefined;
}

/** A source that a page can be cut from. */
export interface PageSource extends Source {
  /** Keys of all rows pulled, in order. */
  readonly pulledKeys: string[] | undefined;
  readonly lastKey: string | undefined;
  readonly hasSeenEnd: boolean;
  readonly rowsFetched: number;
  readonly bytesPulled: number;
  /** To be called before commits may happen between one `next` and another. */
  hold(): void;
}

/** A running query: rows with its operators applied, and the bare source below them. */
export interface RunningQuery extends Source {
  readonly source: PageSource;
}

const MAX_OPERATORS = 256;

/** Starts a query. Throws Convex's error for what the table or index cannot answer. */
export function openQuery(
  tx: Transaction,
  plan: QueryPlan,
  page?: { readonly bounds: PageBounds; readonly budget: ScanBudget | undefined },
): RunningQuery {
  if (plan.order !== undefined && plan.order !== "asc" && plan.order !== "desc") {
    throw userError(
      "QueryInvalid",
      'Invalid argument `query` for `queryStream`: expected "asc" or "desc"',
    );
  }
  const running = withOperators(openSource(tx, plan, page), plan.operators);
  return tx.probe === undefined ? running : tx.probe.watch(tx, plan, running, page !== undefined);
}

/** All that tells a query from another one, as text: what a cursor is bound to (engine.md 5.7). */
export function describeQuery(tx: Transaction, plan: QueryPlan): string {
  const { source } = plan;
  const table = visibleTable(tx, plan);
  // A full scan has the same keys in any table: its pages outlive the table's first document.
  const fields = table && source.type === "IndexRange" ? indexOf(table, source)?.fields : undefined;
  return JSON.stringify([
    plan.component,
    source.type,
    source.table,
    source.type === "FullTableScan" ? "by_creation_time" : source.index,
    source.type === "IndexRange" ? source.range.map(describe) : [],
    source.type === "Search" ? source.filters.map(describe) : [],
    fields ?? null,
    plan.order ?? "asc",
    plan.operators.map((operator) =>
      "filter" in operator ? describeFilter(operator.filter) : operator.limit,
    ),
  ]);
}

function describe({ type, fieldPath, value }: RangeExpression | SearchClause): unknown {
  return [type, fieldPath, convexOrUndefinedToJson(value)];
}

function describeFilter(tree: FilterTree): unknown {
  if ("$literal" in tree) return { $literal: convexOrUndefinedToJson(tree.$literal) };
  if ("$field" in tree) return tree;
  const [operator, operands] = Object.entries(tree)[0] as [string, FilterTree | FilterTree[]];
  return {
    [operator]: Array.isArray(operands) ? operands.map(describeFilter) : describeFilter(operands),
  };
}

/** Tables of the engine's own are not there for queries. */
function visibleTable(tx: Transaction, { component, source }: QueryPlan): TablePlan | undefined {
  const table = tx.table(component, source.table);
  return table?.visibility === "private" ? undefined : table;
}

function openSource(
  tx: Transaction,
  plan: QueryPlan,
  page?: { readonly bounds: PageBounds; readonly budget: ScanBudget | undefined },
): PageSource {
  const { source } = plan;
  const table = visibleTable(tx, plan);
  if (table === undefined && source.type === "FullTableScan") return NOTHING;
  if (source.type === "Search") return openSearch(tx, table, source, page);
  const index = table && indexOf(table, source);
  if (index === undefined) throw indexNotFound(source);
  const { range, prefix } = compileRange(index, source.type === "IndexRange" ? source.range : []);
  const reversed = plan.order === "desc";
  return new IndexScan(
    tx,
    { index, prefix, reversed, range: page ? withinPage(range, page.bounds, reversed) : range },
    page && { budget: page.budget },
  );
}

function withinPage(range: KeyRange, bounds: PageBounds, reversed: boolean): KeyRange {
  const first = reversed ? bounds.through : bounds.after && after(bounds.after);
  const last = reversed ? bounds.after : bounds.through && after(bounds.through);
  const lower = first !== undefined && first > range.lower ? first : range.lower;
  const upper = last !== undefined && last < range.upper ? last : range.upper;
  return lower <= upper ? { lower, upper } : { lower, upper: lower };
}

function indexOf(
  table: TablePlan,
  source: Exclude<QuerySource, { type: "Search" }>,
): IndexPlan | undefined {
  if (source.type === "FullTableScan") return table.byCreationTime;
  const name = `${source.table}.${source.index}`;
  if (table.searchIndexes.has(source.index) || table.vectorIndexes.has(source.index)) {
    throw userError("IndexInvalid", `Index ${name} is not a database index`, { index: name });
  }
  const index = table.indexes.get(source.index);
  if (index?.staged) {
    throw userError(
      "IndexInvalid",
      `Index ${name} is currently staged and not available to query until it is enabled.`,
      { index: name },
    );
  }
  return index;
}

function indexNotFound(source: QuerySource) {
  const name = `${source.table}.${source.type === "FullTableScan" ? "by_creation_time" : source.index}`;
  return userError("IndexNotFound", `Index ${name} not found.`, { index: name });
}

/** A scan of a table that does not exist: only its absence is read. */
const NOTHING: PageSource = {
  next: () => undefined,
  pulledKeys: [],
  lastKey: undefined,
  hasSeenEnd: true,
  rowsFetched: 0,
  bytesPulled: 0,
  hold: () => {},
};

function withOperators(source: PageSource, operators: readonly QueryOperator[]): RunningQuery {
  if (operators.length > MAX_OPERATORS) {
    throw userError(
      "QueryInvalid",
      `Can't construct query with more than ${MAX_OPERATORS} operators`,
    );
  }
  let stage: Source = source;
  for (const operator of operators) {
    stage =
      "filter" in operator
        ? filterStage(stage, operator.filter)
        : limitStage(stage, operator.limit);
  }
  return { source, next: (wanted) => stage.next(wanted) };
}

/** How many rows a filter lets through is unknown, so nothing is said to the stage below. */
function filterStage(below: Source, expression: FilterTree): Source {
  const accepts = compileFilter(expression);
  return {
    next() {
      let version: DocumentVersion | undefined;
      do version = below.next(undefined);
      while (version !== undefined && !accepts(version.document));
      return version;
    },
  };
}

function limitStage(below: Source, limit: number): Source {
  let left = limit;
  return {
    next(wanted) {
      if (left === 0) return undefined;
      const version = below.next(wanted === undefined ? left : Math.min(wanted, left));
      left -= 1;
      return version;
    },
  };
}
