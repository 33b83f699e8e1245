/**
 * Runs whole calls: a query on a snapshot, a mutation until it commits, an action.
 * What happens inside a transaction is `transaction-runner.ts`'s; who may call what was decided by
 * the registry before a call gets here.
 */
import type { CommitRecord } from "../db/commit-record";
import type { CommitOutcome, Committer, Turn } from "../db/committer";
import type { Conflict } from "../db/conflict";
import type { Database } from "../db/database";
import type { Snapshot } from "../db/live-snapshots";
import type { LatePages } from "../db/page-reader";
import type { Reads } from "../db/read-set";
import { resolveValue } from "../db/resolve-commit-ts";
import type { Timestamp } from "../db/timestamp";
import type { Transaction } from "../db/transaction";
import type { UserIdentity } from "../server/authentication";
import { getFunctionAddress } from "../server/function-address";
import { type InvexError, isInvexError, systemError } from "../shared/errors";
import { cloneValue } from "../values/clone";
import type { Value } from "../values/value";
import { ActionCall, danglingWarning } from "./action-call";
import { parseArguments } from "./call-arguments";
import { CallExecution, type ExecutionWorld, type RequestOrigin } from "./call-execution";
import { type CallOutcome, failed, succeeded } from "./call-outcome";
import { parseResult, resultFailure } from "./call-result";
import { createActionCtx } from "./ctx-action";
import type { FunctionDirectory } from "./function-directory";
import { type FunctionFailure, refusedFailure, thrownFailure } from "./function-failure";
import type { FunctionTarget } from "./function-target";
import type { RegisteredFunction } from "./registered-function";
import type { Execution, ExecutionKind } from "./sandbox/execution";
import { PlainText } from "./sandbox/plain-text";
import type { Sandbox } from "./sandbox-port";
import type { FunctionServices } from "./services";
import { handlerBoundary } from "./stack-frames";
import { TransactionFrame } from "./transaction-frame";
import { TransactionRunner } from "./transaction-runner";

/** A call that has been looked up and whose arguments have been checked. */
export interface FunctionCall {
  readonly target: FunctionTarget;
  readonly fn: RegisteredFunction;
  /** Canonical. Not shared with the handler, which gets a copy. */
  readonly args: Value;
  readonly identity: UserIdentity | null;
  readonly requestId: string;
  readonly origin?: RequestOrigin | undefined;
}

export interface QueryRun {
  readonly outcome: CallOutcome;
  readonly reads: Reads;
  readonly readIdentity: boolean;
  readonly observedTime: boolean;
  readonly journal: string | null;
  readonly logLines: readonly string[];
}

export interface MutationRun {
  readonly outcome: CallOutcome;
  /** When it committed; absent after a failure. */
  readonly ts: Timestamp | undefined;
  readonly logLines: readonly string[];
}

export interface ActionRun {
  readonly outcome: CallOutcome;
  readonly logLines: readonly string[];
}

/** An HTTP action that has answered, or failed to. */
export type HttpActionRun = {
  readonly execution: CallExecution;
  /** To be called when nothing of the response is produced any more: warns of what is left running. */
  end(): void;
} & (
  | { readonly ok: true /** Whatever the handler returned. */; readonly response: unknown }
  | { readonly ok: false; readonly failure: FunctionFailure }
);

/** Work of the engine's own that commits, or not, together with a mutation (a job's completion). */
export interface MutationHooks {
  /** Called after the handler succeeded, before the commit. */
  readonly beforeCommit?: (
    tx: Transaction,
    outcome: CallOutcome,
    logLines: readonly string[],
  ) => void;
  /** Called before the handler; `false` gives the run up: nothing is committed. */
  readonly begin?: (tx: Transaction) => boolean;
}

export interface RunnerOptions {
  readonly database: Database;
  readonly committer: Committer;
  readonly directory: FunctionDirectory;
  readonly services: FunctionServices;
  readonly sandbox: Sandbox;
  readonly pages: LatePages;
  readonly world: ExecutionWorld;
  /** Name of the functions folder, as stack frames spell it. */
  readonly folder: string;
  /** What a function catches when one it called has failed. */
  readonly errorToCaller: (failure: FunctionFailure) => unknown;
}

/** One execution of a mutation, and what became of its transaction. */
interface Attempt {
  readonly run: MutationRun;
  /** The commit it lost to. */
  readonly conflict?: Conflict | undefined;
}

const NO_HOOKS: MutationHooks = {};

export class FunctionRunner {
  readonly #options: RunnerOptions;
  readonly #transactions: TransactionRunner;
  /** The commit turns of mutations that run again, for the calls their handlers make. */
  readonly #turns = new WeakMap<Execution, Turn>();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#transactions = new TransactionRunner(options);
  }

  /** Runs a query on `snapshot`, which stays the caller's. Never rejects. */
  query(call: FunctionCall, snapshot: Snapshot, journal?: string): Promise<QueryRun> {
    const { database } = this.#options;
    const tx = database.begin(undefined, database.share(snapshot));
    const execution = this.#execution("query", call, tx.nowMs);
    const frame = this.#frame("query", call, tx, execution, journal);
    return this.#transactions.run(frame, call.fn, cloneValue(call.args)).then((outcome) => {
      tx.close();
      this.#warn(execution, tx);
      return queryRun(outcome, frame);
    });
  }

  /**
   * Runs a mutation until it has committed or failed; at most twice because of conflicts (law 4).
   * Rejects only when the backend cannot commit at all.
   */
  mutation(call: FunctionCall, hooks: MutationHooks = NO_HOOKS): Promise<MutationRun> {
    const inherited = this.#inheritedTurn();
    return this.#attempt(call, hooks, inherited).then(({ conflict, run }) =>
      conflict === undefined ? run : this.#mutateAgain(call, hooks, inherited),
    );
  }

  /** Nobody else commits meanwhile. */
  async #mutateAgain(
    call: FunctionCall,
    hooks: MutationHooks,
    inherited: Turn | undefined,
  ): Promise<MutationRun> {
    const turn = inherited ?? (await this.#options.committer.takeTurn());
    try {
      const second = await this.#attempt(call, hooks, turn);
      if (second.conflict === undefined) return second.run;
      const failure = refusedFailure(conflictError(second.conflict, call));
      return { ...second.run, outcome: failed(failure) };
    } finally {
      if (inherited === undefined) turn.release();
    }
  }

  /**
   * Runs a query, or a mutation that shall not commit, in `tx`: the caller's, to look at and to close.
   * Never rejects.
   */
  async rehearse(kind: "query" | "mutation", call: FunctionCall, tx: Transaction) {
    const execution = this.#execution(kind, call, tx.nowMs);
    const frame = this.#frame(kind, call, tx, execution, undefined);
    const outcome = await this.#transactions.run(frame, call.fn, cloneValue(call.args));
    this.#options.services.transactionEnded(tx, undefined);
    const { readIdentity, observedTime } = execution;
    return { outcome, readIdentity, observedTime };
  }

  /** Runs an action. Never rejects. */
  async action(call: FunctionCall): Promise<ActionRun> {
    const execution = this.#execution("action", call);
    const action = new ActionCall(call.target, execution);
    const outcome = await this.#act(action, call.fn, cloneValue(call.args));
    return { outcome, logLines: execution.logLines };
  }

  /** Runs an HTTP action up to its response, which may go on streaming after that. Never rejects. */
  async httpAction(call: FunctionCall, request: Request): Promise<HttpActionRun> {
    const execution = this.#execution("httpAction", call);
    const action = new ActionCall(call.target, execution);
    const run = { execution, end: () => warnOfDangling(action) };
    try {
      return { ...run, ok: true, response: await this.#handle(action, call.fn, request) };
    } catch (error) {
      return { ...run, ok: false, failure: thrownFailure(error, this.#options.folder) };
    }
  }

  /** Where a call of the embedder's that comes from inside a running function stands. */
  get running(): Execution | undefined {
    return this.#options.sandbox.current();
  }

  async #attempt(
    call: FunctionCall,
    hooks: MutationHooks,
    turn: Turn | undefined,
  ): Promise<Attempt> {
    const { database, committer, services } = this.#options;
    const tx = database.begin();
    let record: CommitRecord | undefined;
    try {
      const execution = this.#execution("mutation", call, tx.nowMs);
      if (turn !== undefined) this.#turns.set(execution, turn);
      if (hooks.begin?.(tx) === false) {
        tx.close();
        return { run: mutationRun(succeeded(null), undefined, []) };
      }
      const frame = this.#frame("mutation", call, tx, execution, undefined);
      const outcome = await this.#transactions.run(frame, call.fn, cloneValue(call.args));
      this.#warn(execution, tx);
      const { logLines } = execution;
      if (!outcome.ok) {
        tx.close();
        return { run: mutationRun(outcome, undefined, logLines) };
      }
      hooks.beforeCommit?.(tx, outcome, logLines);
      const pending = committer.commit(tx, call.target.path.display, turn);
      const committed: CommitOutcome = pending instanceof Promise ? await pending : pending;
      if (committed.kind === "conflict") {
        return { run: mutationRun(outcome, undefined, logLines), conflict: committed.conflict };
      }
      record = committed.record;
      const { ts } = committed;
      const final = tx.usesCommitTs ? succeeded(resolveValue(outcome.value, ts.ns)) : outcome;
      return { run: mutationRun(final, ts, logLines) };
    } finally {
      services.transactionEnded(tx, record);
    }
  }

  async #act(action: ActionCall, fn: RegisteredFunction, args: Value): Promise<CallOutcome> {
    const { folder } = this.#options;
    let result: unknown;
    try {
      result = await this.#enter(action, fn, args);
    } catch (error) {
      return failed(thrownFailure(error, folder));
    }
    try {
      return succeeded(parseResult(fn, result).value);
    } catch (error) {
      return failed(resultFailure(error, folder));
    }
  }

  async #enter(action: ActionCall, fn: RegisteredFunction, args: unknown): Promise<unknown> {
    try {
      return await this.#handle(action, fn, args);
    } finally {
      warnOfDangling(action);
    }
  }

  #handle(action: ActionCall, fn: RegisteredFunction, args: unknown): Promise<unknown> {
    const { sandbox, services } = this.#options;
    const ctx = createActionCtx(action, fn, (...call) => this.#runFromAction(...call), services);
    action.execution.ctx = ctx;
    return sandbox.run(action.execution, () =>
      handlerBoundary.invexCallsHandler(fn.handler, ctx, args),
    );
  }

  /** `ctx.runQuery`, `runMutation`, `runAction` of an action: calls of their own (functions.md 3). */
  async #runFromAction(
    action: ActionCall,
    kind: "query" | "mutation" | "action",
    reference: unknown,
    args: unknown,
  ): Promise<unknown> {
    const outcome = await this.#callFromAction(action, kind, reference, args);
    const { execution, target } = action;
    if (execution.pace !== undefined) await execution.pace.pause(execution, target);
    if (outcome.ok) return outcome.value;
    throw this.#options.errorToCaller(outcome.failure);
  }

  async #callFromAction(
    action: ActionCall,
    kind: "query" | "mutation" | "action",
    reference: unknown,
    args: unknown,
  ): Promise<CallOutcome> {
    const { directory, database } = this.#options;
    try {
      const target = directory.resolve(getFunctionAddress(reference), action.component, undefined);
      const fn = await directory.lookup(target, kind, "function");
      const call = this.#callBy(action, target, fn, parseArguments(fn, args).args);
      if (kind === "mutation") return (await this.mutation(call)).outcome;
      if (kind === "action") return (await this.action(call)).outcome;
      const snapshot = database.current();
      try {
        return (await this.query(call, snapshot)).outcome;
      } finally {
        snapshot.release();
      }
    } catch (error) {
      return failed(isInvexError(error) ? refusedFailure(error) : thrownFailure(error));
    }
  }

  /** The caller's identity goes along only within the app itself (functions.md 2.5). */
  #callBy(
    { component, execution }: ActionCall,
    target: FunctionTarget,
    fn: RegisteredFunction,
    args: Value,
  ): FunctionCall {
    const isWithinApp = component === "" && target.component === "";
    return {
      target,
      fn,
      args,
      identity: isWithinApp ? execution.inheritedIdentity : null,
      requestId: execution.requestId,
      origin: execution.origin,
    };
  }

  #execution(
    kind: ExecutionKind,
    call: FunctionCall,
    nowMs = this.#options.world.clockMs(),
  ): CallExecution {
    return new CallExecution(this.#options.world, kind, call, nowMs);
  }

  #frame(
    kind: "query" | "mutation",
    { target }: FunctionCall,
    tx: Transaction,
    execution: CallExecution,
    journal: string | undefined,
  ): TransactionFrame {
    const { pages } = this.#options;
    return new TransactionFrame({ tx, kind, target, execution, pages, depth: 0, journal });
  }

  /** A mutation called from inside one that holds the commit turn must not wait for that turn. */
  #inheritedTurn(): Turn | undefined {
    const execution = this.#options.sandbox.current();
    return execution && this.#turns.get(execution);
  }

  #warn(execution: CallExecution, tx: Transaction): void {
    for (const warning of tx.usage.warnings()) execution.log("WARN", [new PlainText(warning)]);
  }
}

function queryRun(outcome: CallOutcome, { tx, execution, journal }: TransactionFrame): QueryRun {
  const { reads } = tx;
  const { readIdentity, observedTime, logLines } = execution;
  return { outcome, reads, readIdentity, observedTime, journal, logLines };
}

function mutationRun(
  outcome: CallOutcome,
  ts: Timestamp | undefined,
  logLines: readonly string[],
): MutationRun {
  return { outcome, ts, logLines };
}

/** Operations of an action that nobody waits for any more. */
function warnOfDangling({ dangling, execution }: ActionCall): void {
  if (dangling.length > 0) execution.log("WARN", [new PlainText(danglingWarning(dangling))]);
}

/** Convex's text when every retry has lost (engine.md 6.2). */
function conflictError({ record, table, documentId }: Conflict, call: FunctionCall): InvexError {
  const own = call.target.path.display;
  const who =
    record.source === own ? "Another call to this mutation" : `A call to "${record.source}"`;
  const culprit =
    record.source === undefined || documentId === undefined
      ? ""
      : `${who} changed the document with ID "${documentId}". `;
  return systemError(
    "OptimisticConcurrencyControlFailure",
    `Documents read from or written to the "${table.name}" table changed while this mutation was being run and on every subsequent retry. ${culprit}See https://docs.convex.dev/error#1`,
    { table: table.name, function: own },
  );
}
