/**
 * Runs query and mutation functions inside a transaction: builds their ctx, calls the handler, lets
 * what it left un-awaited finish, checks the result; and does the same for the functions they call
 * (engine.md 6.3, 12.4). Begins and commits nothing: `runner.ts` does.
 */
import type { Database } from "../db/database";
import type { TransactionLimits } from "../db/limits";
import type { Transaction } from "../db/transaction";
import { getFunctionAddress } from "../server/function-address";
import { isInvexError, userError } from "../shared/errors";
import type { Value } from "../values/value";
import { parseArguments } from "./call-arguments";
import { type CallOutcome, failed, succeeded } from "./call-outcome";
import { parseResult, resultFailure } from "./call-result";
import { createMutationCtx, createQueryCtx } from "./ctx-transaction";
import type { FunctionDirectory } from "./function-directory";
import { type FunctionFailure, refusedFailure, thrownFailure } from "./function-failure";
import type { NestedCallOptions } from "./nested-call-options";
import type { RegisteredFunction } from "./registered-function";
import type { Sandbox } from "./sandbox-port";
import type { FunctionServices } from "./services";
import { handlerBoundary } from "./stack-frames";
import type { SyscallCtx } from "./syscall-ctx";
import { TransactionFrame } from "./transaction-frame";

/** Calls below the top-level function (engine.md 6.3). */
const MAX_DEPTH = 8;

export interface TransactionRunnerOptions {
  readonly database: Database;
  readonly directory: FunctionDirectory;
  readonly services: FunctionServices;
  readonly sandbox: Sandbox;
  /** Name of the functions folder, as stack frames spell it. */
  readonly folder: string;
  /** What a function catches when one it called has failed. */
  readonly errorToCaller: (failure: FunctionFailure) => unknown;
}

export class TransactionRunner {
  readonly #options: TransactionRunnerOptions;

  constructor(options: TransactionRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs a top-level `fn` to its end in `frame`, where it has the sandbox to itself. Never rejects.
   * `args` become the handler's own.
   */
  run(frame: TransactionFrame, fn: RegisteredFunction, args: Value): Promise<CallOutcome> {
    const { execution } = frame;
    const ctx = this.#ctxFor(frame, fn);
    execution.ctx = ctx;
    execution.drainer = frame;
    const handle = () => handlerBoundary.invexCallsHandlerNow(fn.handler, ctx, args);
    return new Promise((resolve) => {
      this.#options.sandbox.follow(execution, handle, {
        fulfilled: (result) => resolve(this.#end(frame, fn, result)),
        rejected: (error) => resolve(this.#fail(frame, error)),
      });
    });
  }

  /** Runs `fn` to its end in `frame`, inside the sandbox of the function that has called. */
  async #runNested(
    frame: TransactionFrame,
    fn: RegisteredFunction,
    args: Value,
  ): Promise<CallOutcome> {
    const { execution } = frame;
    const { current: caller, ctx: callerCtx } = execution;
    execution.current = frame.target;
    try {
      const ctx = this.#ctxFor(frame, fn);
      execution.ctx = ctx;
      const result = await handlerBoundary.invexCallsHandler(fn.handler, ctx, args);
      await frame.drain();
      return this.#end(frame, fn, result);
    } catch (error) {
      return this.#fail(frame, error);
    } finally {
      execution.current = caller;
      execution.ctx = callerCtx;
    }
  }

  /** The handler is done, and so is everything it left un-awaited. */
  #end(frame: TransactionFrame, fn: RegisteredFunction, result: unknown): CallOutcome {
    const { fatal } = frame.execution;
    if (fatal !== undefined) return this.#fail(frame, fatal.error);
    frame.end();
    return this.#finish(frame, fn, result);
  }

  #fail(frame: TransactionFrame, error: unknown): CallOutcome {
    const { fatal } = frame.execution;
    frame.end();
    return failed(thrownFailure(fatal === undefined ? error : fatal.error, this.#options.folder));
  }

  /** `ctx.runQuery` and `ctx.runMutation` of a running query or mutation. */
  call(
    parent: TransactionFrame,
    kind: "query" | "mutation",
    reference: unknown,
    args: unknown,
    options: NestedCallOptions = {},
  ): Promise<Value> {
    return parent.turnstile.runExclusive(async () => {
      const outcome = await this.#callNow(parent, kind, reference, args, options);
      if (outcome.ok) return outcome.value;
      throw this.#options.errorToCaller(outcome.failure);
    });
  }

  async #callNow(
    parent: TransactionFrame,
    kind: "query" | "mutation",
    reference: unknown,
    args: unknown,
    options: NestedCallOptions,
  ): Promise<CallOutcome> {
    try {
      checkCall(parent, kind, options);
      const { directory } = this.#options;
      const address = getFunctionAddress(reference);
      const target = directory.resolve(address, parent.component, parent.tx);
      const fn = await directory.lookup(target, kind, "function");
      const parsed = parseArguments(fn, args, kind === "mutation" ? "allowed" : "refused");
      if (parent.depth >= MAX_DEPTH) throw tooDeep();
      const runIn = (tx: Transaction) =>
        this.#runNested(
          new TransactionFrame({ ...inherited(parent), tx, kind, target }),
          fn,
          parsed.args,
        );
      if (options.useStaleSnapshot) return await this.#runStale(parent, runIn);
      return await runWithin(parent.tx, kind, options.transactionLimits, runIn);
    } catch (error) {
      return failed(isInvexError(error) ? refusedFailure(error) : thrownFailure(error));
    }
  }

  /** On the snapshot alone: own writes are invisible, reads are nobody's concern (engine.md 6.3). */
  async #runStale(
    parent: TransactionFrame,
    runIn: (tx: Transaction) => Promise<CallOutcome>,
  ): Promise<CallOutcome> {
    const { database } = this.#options;
    const tx = database.begin(undefined, database.share(parent.tx.snapshot));
    try {
      return await runIn(tx);
    } finally {
      tx.close();
    }
  }

  #ctxFor(frame: TransactionFrame, fn: RegisteredFunction): SyscallCtx {
    const { services } = this.#options;
    return frame.kind === "query"
      ? createQueryCtx(frame, fn, this, services)
      : createMutationCtx(frame, fn, this, services);
  }

  /** Copies and checks a handler's result. */
  #finish(frame: TransactionFrame, fn: RegisteredFunction, result: unknown): CallOutcome {
    try {
      const pending = frame.kind === "mutation" ? "allowed" : "refused";
      return succeeded(parseResult(fn, result, pending).value);
    } catch (error) {
      return failed(resultFailure(error, this.#options.folder));
    }
  }
}

/** Within the caller's transaction: what a failed mutation wrote is taken back, its reads stay. */
async function runWithin(
  tx: Transaction,
  kind: "query" | "mutation",
  limits: Partial<TransactionLimits> | undefined,
  runIn: (tx: Transaction) => Promise<CallOutcome>,
): Promise<CallOutcome> {
  const savepoint = kind === "mutation" ? tx.savepoint() : undefined;
  const restoreLimits = limits && tx.usage.restrict(checkedLimits(limits));
  try {
    const outcome = await runIn(tx);
    if (savepoint !== undefined && !outcome.ok && !wasMerged(outcome.failure)) {
      tx.rollbackTo(savepoint);
    }
    return outcome;
  } finally {
    restoreLimits?.();
  }
}

/** A result is checked after the writes were merged: refusing it does not undo them (engine.md 2.4). */
function wasMerged({ thrown }: FunctionFailure): boolean {
  return isInvexError(thrown) && thrown.code === "ReturnsInvalid";
}

function inherited({ execution, pages, depth }: TransactionFrame) {
  return { execution, pages, depth: depth + 1 };
}

function checkCall(
  parent: TransactionFrame,
  kind: "query" | "mutation",
  options: NestedCallOptions,
): void {
  if (parent.kind === "query" && options.useStaleSnapshot) {
    throw userError(
      "NotSupported",
      "`useStaleSnapshot` is only supported in mutations, not queries.",
    );
  }
  if (parent.kind === "query" && kind === "mutation") {
    throw userError("NotSupported", "Cannot call a Mutation function from a Query function");
  }
}

function checkedLimits(limits: Partial<TransactionLimits>): Partial<TransactionLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isInteger(value) && value >= 0)) continue;
    throw userError(
      "ArgumentsInvalid",
      `Invalid arguments for \`runUdf\`: transactionLimits.${name}: expected a non-negative integer, got ${String(value)}`,
    );
  }
  return limits;
}

function tooDeep(): Error {
  return userError(
    "LimitExceeded",
    "Cross component call depth limit exceeded. Do you have an infinite loop in your app?",
  );
}
