/** The queries that a function ran, each with what it read and what came of it. */
import type { QueryOperator, QueryPlan, RunningQuery } from "../db/query-plan";
import type { QueryProbe } from "../db/query-probe";
import type { TablePlan } from "../db/table-plan";
import type { Transaction } from "../db/transaction";
import { printQuery } from "./print-query";
import { printPlace } from "./read-report";

/** How many documents, and their size as Convex counts it. */
export interface Amount {
  readonly documents: number;
  readonly bytes: number;
}

/** One `ctx.db.query(…)` that was run. */
export interface QueryReport {
  readonly component: string;
  readonly table: string;
  /** `by_creation_time` for a full table scan. */
  readonly index: string;
  readonly kind: "fullTableScan" | "index" | "search";
  /** As its author wrote it, up to the method that ran it. */
  readonly text: string;
  /** `collect` includes `count`; `take` includes `first` and `unique`. */
  readonly mode: "collect" | "take" | "iterate" | "paginate";
  /** What was pulled through the index: what the limits count. System tables count as nothing. */
  readonly scanned: Amount;
  /** What the filters let through: what the function got. */
  readonly returned: Amount;
  /** Whether the last document of the range was read. */
  readonly reachedEnd: boolean;
}

/** A query as the engine ran it, for whoever gives advice. */
export interface WatchedQuery {
  readonly report: QueryReport;
  /** Absent when the table did not exist. */
  readonly table: TablePlan | undefined;
  readonly plan: QueryPlan;
}

interface Counts {
  documents: number;
  bytes: number;
}

/** Keeps count of every query of a transaction. */
export class QueryRecorder implements QueryProbe {
  readonly #queries: RecordedQuery[] = [];

  get queries(): readonly WatchedQuery[] {
    return this.#queries;
  }

  watch(tx: Transaction, plan: QueryPlan, running: RunningQuery, isPage: boolean): RunningQuery {
    const query = new RecordedQuery(tx, plan, running, isPage);
    this.#queries.push(query);
    return query;
  }
}

class RecordedQuery implements RunningQuery, WatchedQuery {
  readonly plan: QueryPlan;
  readonly source: RunningQuery["source"];
  readonly #tx: Transaction;
  readonly #running: RunningQuery;
  readonly #scanned: Counts = { documents: 0, bytes: 0 };
  readonly #returned: Counts = { documents: 0, bytes: 0 };
  #mode: QueryReport["mode"];

  constructor(tx: Transaction, plan: QueryPlan, running: RunningQuery, isPage: boolean) {
    this.#tx = tx;
    this.plan = plan;
    this.#running = running;
    this.source = running.source;
    this.#mode = isPage ? "paginate" : "iterate";
  }

  next(wanted: number | undefined) {
    // Whoever collects wants everything from the first row on; who takes says how many.
    if (this.#mode === "iterate" && wanted !== undefined) {
      this.#mode = wanted === Number.POSITIVE_INFINITY ? "collect" : "take";
    }
    const { used } = this.#tx.usage;
    const { documentsRead, bytesRead } = used;
    try {
      const version = this.#running.next(wanted);
      if (version !== undefined) add(this.#returned, 1, version.size);
      return version;
    } finally {
      add(this.#scanned, used.documentsRead - documentsRead, used.bytesRead - bytesRead);
    }
  }

  get table(): TablePlan | undefined {
    const { component, source } = this.plan;
    return this.#tx.table(component, source.table);
  }

  get report(): QueryReport {
    const { component, source, operators } = this.plan;
    const isCut = operators.some((operator: QueryOperator) => "limit" in operator);
    return {
      component,
      table: source.table,
      index: source.type === "FullTableScan" ? "by_creation_time" : source.index,
      kind: KINDS[source.type],
      text: printQuery(this.plan),
      mode: isCut && this.#mode === "collect" ? "take" : this.#mode,
      scanned: { ...this.#scanned },
      returned: { ...this.#returned },
      reachedEnd: this.source.hasSeenEnd,
    };
  }
}

const KINDS = { FullTableScan: "fullTableScan", IndexRange: "index", Search: "search" } as const;

function add(counts: Counts, documents: number, bytes: number): void {
  counts.documents += documents;
  counts.bytes += bytes;
}

/** `messages.by_channel`, behind the component's path if it is not the app's. */
export function indexNameOf({ component, table, index }: QueryReport): string {
  return `${printPlace({ component, name: table })}.${index}`;
}
