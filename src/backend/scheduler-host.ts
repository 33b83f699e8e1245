/** What the scheduler stands on: transactions of the engine's own, and the runner of functions. */
import type { CommitRecord } from "../db/commit-record";
import type { Committer } from "../db/committer";
import type { Database } from "../db/database";
import { parseArgumentList } from "../functions/call-arguments";
import { UNKNOWN_ORIGIN } from "../functions/call-execution";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { refusedFailure } from "../functions/function-failure";
import type { RegisteredFunction } from "../functions/registered-function";
import type { FunctionCall, FunctionRunner } from "../functions/runner";
import {
  CRONS,
  JOBS,
  type MutationOutcome,
  type MutationSteps,
  type Resolution,
  type RunOutcome,
  type ScheduledCall,
  type SchedulerHost,
  type SystemChange,
  type SystemTable,
  type SystemTransaction,
} from "../scheduler/ports";
import { must } from "../shared/assert";
import { isInvexError } from "../shared/errors";
import { cloneValue } from "../values/clone";
import type { Value } from "../values/value";
import { transact } from "./own-transaction";
import { systemTransaction } from "./system-transaction";

export interface SchedulerHostOptions {
  readonly database: Database;
  readonly committer: Committer;
  readonly runner: FunctionRunner;
  readonly directory: ComponentDirectory;
  readonly createRequestId: () => string;
}

export class EngineSchedulerHost implements SchedulerHost {
  readonly #options: SchedulerHostOptions;

  constructor(options: SchedulerHostOptions) {
    this.#options = options;
  }

  isEmpty({ component, name }: SystemTable): boolean {
    const { database } = this.#options;
    const plan = must(database.planNamed(component, name));
    return (database.storeOf(plan)?.count ?? 0) === 0;
  }

  transact<T>(body: (tx: SystemTransaction) => T): Promise<T> {
    return transact(this.#options, (tx) => body(systemTransaction(tx)));
  }

  async resolve(component: string, name: string): Promise<Resolution> {
    const target = { component, name };
    try {
      const fn = await this.#lookup(target);
      return { kind: fn.kind, target: { component, name: fn.path.canonical } };
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { kind: "missing", target, error: error.message };
    }
  }

  async runMutation(call: ScheduledCall, steps: MutationSteps): Promise<MutationOutcome> {
    const prepared = await this.#prepare(call);
    if ("error" in prepared) return { kind: "failed", error: prepared.error, logs: [] };
    let isCalledOff = false;
    const run = await this.#options.runner.mutation(prepared, {
      begin: (tx) => {
        isCalledOff = !steps.begin(systemTransaction(tx));
        return !isCalledOff;
      },
      beforeCommit: (tx) => steps.finish(systemTransaction(tx)),
    });
    if (isCalledOff) return { kind: "calledOff" };
    return outcomeOf(run.outcome, run.logLines);
  }

  async runAction(call: ScheduledCall): Promise<RunOutcome> {
    const prepared = await this.#prepare(call);
    if ("error" in prepared) return { kind: "failed", error: prepared.error, logs: [] };
    const run = await this.#options.runner.action(prepared);
    return outcomeOf(run.outcome, run.logLines);
  }

  /** The changes of the scheduler's tables in a commit. */
  static changesOf({ changes }: CommitRecord): SystemChange[] {
    return changes
      .filter(({ table }) => table.visibility !== "user" && isSchedulers(table.name))
      .map(({ table, id, before, after }) => ({
        table: { component: table.component, name: table.name as typeof JOBS | typeof CRONS },
        id,
        before,
        after,
      }));
  }

  async #prepare(call: ScheduledCall): Promise<FunctionCall | { readonly error: string }> {
    try {
      const fn = await this.#lookup(call.target);
      const { args } = parseArgumentList(fn, cloneValue([...call.args]) as Value[]);
      return {
        target: { component: call.target.component, path: fn.path },
        fn,
        args,
        identity: null,
        requestId: this.#options.createRequestId(),
        origin: { ...UNKNOWN_ORIGIN, job: call.job },
      };
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { error: refusedFailure(error).text };
    }
  }

  async #lookup({ component, name }: ScheduledCall["target"]): Promise<RegisteredFunction> {
    const { directory } = this.#options;
    return directory.lookup(directory.target(component, name), "any", "function");
  }
}

function isSchedulers(table: string): boolean {
  return table === JOBS || table === CRONS;
}

/** What is not the function's fault is thrown: the scheduler will try again. */
function outcomeOf(outcome: CallOutcome, logs: readonly string[]): RunOutcome {
  if (outcome.ok) return { kind: "success", logs };
  const { thrown, text } = outcome.failure;
  if (isInvexError(thrown) && thrown.code === "OptimisticConcurrencyControlFailure") throw thrown;
  return { kind: "failed", error: text, logs };
}
