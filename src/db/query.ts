/**
 * The objects behind `ctx.db.query(table)`: chainable, lazy, each usable once (engine.md 5.3).
 * They collect a `QueryPlan` and run it through the port they are given; results are copies.
 */
import { collectFilter } from "../server/filter-builder";
import { collectIndexRange } from "../server/index-range-builder";
import { collectSearchFilter } from "../server/search-filter-builder";
import { userError } from "../shared/errors";
import { cloneDocument, cloneValue } from "../values/clone";
import { noteTableNumber } from "../values/id";
import type { ValueObject } from "../values/value";
import type { Document, DocumentVersion } from "./document";
import type { Page, PageRequest } from "./pagination";
import {
  type Order,
  openQuery,
  type QueryOperator,
  type QueryPlan,
  type QuerySource,
  type RunningQuery,
} from "./query-plan";
import type { TablePlan } from "./table-plan";
import type { Transaction } from "./transaction";

/** What queries run on: one function call's view of its transaction. */
export interface QueryHost {
  readonly tx: Transaction;
  readonly component: string;
  /** Runs `operation` in its turn among the call's other database operations. */
  run<T>(operation: () => T): Promise<T>;
  /**
   * Reads a page in its turn, keeping the books on how often and where it ended. `use` gets it at
   * once: its rows are the store's own, good until the next commit.
   */
  paginate<T>(plan: QueryPlan, request: PageRequest, use: (page: Page) => T): Promise<T>;
}

/** A result row as its reader's own copy. */
export function copyOut(version: DocumentVersion, table: TablePlan | undefined): Document {
  const { document, nested } = version;
  if (table === undefined) return cloneValue(document as ValueObject) as Document;
  if (table.view !== undefined) return table.view(document);
  // It is likely to be looked at in a result.
  noteTableNumber(document._id, table.number);
  return cloneDocument(document as ValueObject, nested, table.spread) as Document;
}

/** How far a query object has come: it may be chained or run once. */
type Progress = "fresh" | "chained" | "running" | "finished";

// Generics over the data model live in `src/server`; here callbacks are just callbacks.
type Callback = (builder: never) => unknown;

/** A query with a source: what `withIndex`, `order`, `filter` … return. */
export class OrderedQuery implements AsyncIterable<Document>, AsyncIterator<Document> {
  readonly #host: QueryHost;
  readonly #plan: QueryPlan;
  #progress: Progress = "fresh";
  #running: RunningQuery | undefined;

  constructor(host: QueryHost, plan: QueryPlan) {
    this.#host = host;
    this.#plan = plan;
  }

  order(order: Order): OrderedQuery {
    const plan = this.#chain();
    if (plan.source.type === "Search") {
      throw userError(
        "QueryInvalid",
        "Search queries must always be in relevance order. Can not set order manually.",
      );
    }
    if (plan.order !== undefined) {
      throw userError("QueryInvalid", "Queries may only specify order at most once");
    }
    return new OrderedQuery(this.#host, { ...plan, order });
  }

  filter(predicate: Callback): OrderedQuery {
    return this.#withOperator({ filter: collectFilter(predicate as never) });
  }

  /** Not in the types: Convex has it at run time, and libraries use it. */
  limit(limit: number): OrderedQuery {
    return this.#withOperator({ limit });
  }

  async collect(): Promise<Document[]> {
    this.#start();
    return this.#run(Number.POSITIVE_INFINITY);
  }

  async take(n: number): Promise<Document[]> {
    if (n === undefined) throw new TypeError("Must provide arg 1 `n` to `take`");
    if (!Number.isInteger(n) || n < 0) {
      throw new TypeError("Arg 1 `n` to `take` must be a non-negative integer");
    }
    this.#start();
    return this.#run(n);
  }

  async first(): Promise<Document | null> {
    const [first] = await this.take(1);
    return first ?? null;
  }

  async unique(): Promise<Document | null> {
    const found = await this.take(2);
    if (found.length < 2) return found[0] ?? null;
    const ids = found.map((document) => document._id).join(", ");
    throw userError(
      "QueryInvalid",
      `unique() query returned more than one result from table ${this.#plan.source.table}:\n [${ids}, ...]`,
      { table: this.#plan.source.table },
    );
  }

  /** Not in the types, as in Convex. Reads every row. */
  async count(): Promise<number> {
    return (await this.collect()).length;
  }

  async paginate(options: PageRequest): Promise<unknown> {
    if (options === undefined) {
      throw new TypeError("Must provide arg 1 `options` to `paginate`");
    }
    if (typeof options?.numItems !== "number" || options.numItems < 0) {
      throw new Error(
        `\`options.numItems\` must be a positive number. Received \`${options?.numItems}\`.`,
      );
    }
    this.#start();
    return this.#host.paginate(this.#plan, options, ({ versions, ...rest }) => {
      this.#progress = "finished";
      return { ...rest, page: this.#copyAll(versions) };
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Document> {
    this.#start();
    return this;
  }

  async next(): Promise<IteratorResult<Document>> {
    if (this.#progress === "fresh" || this.#progress === "chained") this.#start();
    if (this.#progress === "finished") throw closed();
    return this.#host.run(() => {
      this.#running ??= openQuery(this.#host.tx, this.#plan);
      const version = this.#running.next(undefined);
      this.#running.source.hold();
      if (version !== undefined) return { done: false, value: copyOut(version, this.#table()) };
      this.#finish();
      return { done: true, value: undefined };
    });
  }

  async return(): Promise<IteratorResult<Document>> {
    this.#finish();
    return { done: true, value: undefined };
  }

  #run(limit: number): Promise<Document[]> {
    return this.#host.run(() => {
      const running = openQuery(this.#host.tx, this.#plan);
      const table = this.#table();
      const documents: Document[] = [];
      while (documents.length < limit) {
        const version = running.next(limit - documents.length);
        if (version === undefined) break;
        documents.push(copyOut(version, table));
      }
      this.#finish();
      return documents;
    });
  }

  #table(): TablePlan | undefined {
    return this.#host.tx.table(this.#plan.component, this.#plan.source.table);
  }

  #copyAll(versions: readonly DocumentVersion[]): Document[] {
    const table = this.#table();
    return versions.map((version) => copyOut(version, table));
  }

  #withOperator(operator: QueryOperator): OrderedQuery {
    const plan = this.#chain();
    return new OrderedQuery(this.#host, { ...plan, operators: [...plan.operators, operator] });
  }

  #chain(): QueryPlan {
    if (this.#progress !== "fresh") {
      throw userError(
        "QueryInvalid",
        "A query can only be chained once and can't be chained after iteration begins.",
      );
    }
    this.#progress = "chained";
    return this.#plan;
  }

  #start(): void {
    if (this.#progress === "chained") {
      throw userError(
        "QueryInvalid",
        "This query has been chained with another operator and can't be reused.",
      );
    }
    if (this.#progress === "running") {
      throw userError("QueryInvalid", "Iteration can only begin on a query once.");
    }
    if (this.#progress === "finished") throw closed();
    this.#progress = "running";
  }

  #finish(): void {
    this.#progress = "finished";
    this.#running = undefined;
  }
}

function closed(): Error {
  return userError("QueryInvalid", "This query is closed and can't emit any more values.");
}

/** What `ctx.db.query(table)` returns: stateless, each use begins a query of its own. */
export class QueryInitializer implements AsyncIterable<Document> {
  readonly #host: QueryHost;
  readonly #table: string;

  constructor(host: QueryHost, table: string) {
    this.#host = host;
    this.#table = table;
  }

  fullTableScan(): OrderedQuery {
    return this.#from({ type: "FullTableScan", table: this.#table });
  }

  withIndex(index: string, range?: Callback): OrderedQuery {
    if (index === undefined) throw new TypeError("Must provide arg 1 `indexName` to `withIndex`");
    return this.#from({
      type: "IndexRange",
      table: this.#table,
      index,
      range: range === undefined ? [] : collectIndexRange(range as never),
    });
  }

  withSearchIndex(index: string, filter: Callback): OrderedQuery {
    if (index === undefined) {
      throw new TypeError("Must provide arg 1 `indexName` to `withSearchIndex`");
    }
    if (filter === undefined) {
      throw new TypeError("Must provide arg 2 `searchFilter` to `withSearchIndex`");
    }
    return this.#from({
      type: "Search",
      table: this.#table,
      index,
      filters: collectSearchFilter(filter as never),
    });
  }

  order(order: Order): OrderedQuery {
    return this.fullTableScan().order(order);
  }

  filter(predicate: Callback): OrderedQuery {
    return this.fullTableScan().filter(predicate);
  }

  limit(limit: number): OrderedQuery {
    return this.fullTableScan().limit(limit);
  }

  collect(): Promise<Document[]> {
    return this.fullTableScan().collect();
  }

  take(n: number): Promise<Document[]> {
    return this.fullTableScan().take(n);
  }

  first(): Promise<Document | null> {
    return this.fullTableScan().first();
  }

  unique(): Promise<Document | null> {
    return this.fullTableScan().unique();
  }

  count(): Promise<number> {
    return this.fullTableScan().count();
  }

  paginate(options: PageRequest): Promise<unknown> {
    return this.fullTableScan().paginate(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<Document> {
    return this.fullTableScan()[Symbol.asyncIterator]();
  }

  #from(source: QuerySource): OrderedQuery {
    const { component } = this.#host;
    return new OrderedQuery(this.#host, { component, source, order: undefined, operators: [] });
  }
}
