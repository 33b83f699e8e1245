/**
 * One query or mutation function while it runs: its place in the transaction, its own order of
 * operations, its page. Nested calls get a frame each; the transaction is shared.
 */
import type { LatePages, PageReader } from "../db/page-reader";
import type { Page, PageRequest } from "../db/pagination";
import type { QueryHost } from "../db/query";
import type { QueryPlan } from "../db/query-plan";
import type { Transaction } from "../db/transaction";
import { isInvexError, userError } from "../shared/errors";
import type { CallExecution } from "./call-execution";
import type { FunctionTarget } from "./function-target";
import { Turnstile } from "./turnstile";

export interface FrameOptions {
  readonly tx: Transaction;
  readonly kind: "query" | "mutation";
  readonly target: FunctionTarget;
  readonly execution: CallExecution;
  readonly pages: LatePages;
  /** Calls above this one. */
  readonly depth: number;
  /** Where the function's page ended last time (top-level calls only). */
  readonly journal?: string | undefined;
}

export class TransactionFrame implements QueryHost {
  readonly tx: Transaction;
  readonly kind: "query" | "mutation";
  readonly target: FunctionTarget;
  readonly execution: CallExecution;
  readonly depth: number;
  readonly pages: LatePages;
  readonly turnstile: Turnstile;
  readonly #journal: string | undefined;
  #pages = 0;
  #pageEnd: string | null = null;
  #hasEnded = false;

  constructor(options: FrameOptions) {
    this.tx = options.tx;
    this.kind = options.kind;
    this.target = options.target;
    this.execution = options.execution;
    this.depth = options.depth;
    const { pace } = options.execution;
    this.turnstile = new Turnstile(pace && (() => pace.pause(this.execution, this.target)));
    this.pages = options.pages;
    this.#journal = options.journal;
  }

  get component(): string {
    return this.target.component;
  }

  /** Where this function's page ended; `null` when it did not paginate. */
  get journal(): string | null {
    return this.#pageEnd;
  }

  /** Later database calls of this function throw. */
  end(): void {
    this.#hasEnded = true;
  }

  run<T>(operation: () => T): Promise<T> {
    if (!this.turnstile.enter()) return this.turnstile.queue(() => this.runNow(operation));
    try {
      return Promise.resolve(this.runNow(operation));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Operations that the handler did not await still count (engine.md 0): waits until the function
   * has been quiet for a few microtasks. One await between two operations of a forgotten chain costs
   * one. `undefined` when there is nothing to wait for: a query's forgotten reads change nothing.
   */
  drain(): Promise<void> | undefined {
    const { isBusy, operations } = this.turnstile;
    const isDone = this.kind === "query" ? !isBusy : operations === 0;
    return isDone ? undefined : untilQuiet(this.turnstile, this.kind);
  }

  /** Runs an operation at once; an error that ends the whole execution is noted as well as thrown. */
  runNow<T>(operation: () => T): T {
    if (this.#hasEnded) throw usedAfterEnd();
    try {
      return operation();
    } catch (error) {
      if (isInvexError(error) && error.kind === "system") this.execution.fail(error);
      throw error;
    }
  }

  paginate<T>(plan: QueryPlan, request: PageRequest, use: (page: Page) => T): Promise<T> {
    const readPage = this.pages.now;
    if (readPage !== undefined) return this.run(() => use(this.#readPage(readPage, plan, request)));
    return this.turnstile.runExclusive(async () => {
      const read = await this.pages.ready();
      return this.runNow(() => use(this.#readPage(read, plan, request)));
    });
  }

  #readPage(readPage: PageReader, plan: QueryPlan, request: PageRequest): Page {
    const page = readPage(this.tx, plan, request, this.#journal);
    this.#pages += 1;
    if (this.#pages > 1) {
      throw userError(
        "QueryInvalid",
        "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
      );
    }
    this.#pageEnd = page.continueCursor;
    return page;
  }
}

async function untilQuiet(turnstile: Turnstile, kind: "query" | "mutation"): Promise<void> {
  let seen: number;
  do {
    if (turnstile.isBusy) await turnstile.idle();
    seen = turnstile.operations;
    // A mutation's forgotten writes commit.
    if (kind === "mutation") await quietPeriod();
  } while (turnstile.isBusy || turnstile.operations !== seen);
}

const QUIET_MICROTASKS = 4;

async function quietPeriod(): Promise<void> {
  for (let i = 0; i < QUIET_MICROTASKS; i++) await undefined;
}

function usedAfterEnd(): Error {
  return userError(
    "TransactionClosed",
    "`ctx.db` was used after the function it was given to had ended. Await every database call.",
  );
}
