/**
 * One run of a job or a cron from beginning to end: mutations exactly once, actions at most once
 * (functions.md 5.3, 5.5). Which transaction says what is all here; when to run is `scheduler.ts`'s.
 */
import { unreachable } from "../shared/assert";
import type { Clock } from "../shared/clock";
import type { CronDocument } from "./cron-job";
import type { CronSchedule } from "./cron-schedule";
import { beginRun, endRun } from "./cron-store";
import * as jobs from "./job-store";
import type {
  FunctionKind,
  MutationOutcome,
  RunningJob,
  RunOutcome,
  ScheduledCall,
  SchedulerHost,
  SystemTransaction,
} from "./ports";
import { type CronTask, type JobTask, type SettlementTask, type Task, targetOf } from "./task";

/** How a task ended. */
export type Ending =
  | RunOutcome
  /** It ran, but was canceled while it did: how it ended is not written. */
  | { readonly kind: "canceled"; readonly logs: readonly string[] }
  /** It did not run: canceled, removed or run before. */
  | { readonly kind: "calledOff" }
  /** An action ran, but its end could not be written for `cause`. */
  | { readonly kind: "unsettled"; readonly task: SettlementTask; readonly cause: unknown };

export interface TaskRuntime {
  readonly host: SchedulerHost;
  readonly clock: Clock;
  /** The schedule of a cron that is stored. */
  scheduleOf(cron: CronDocument): CronSchedule;
  /** Told when a cron's occurrences were left out because they had passed. */
  onSkipped(task: CronTask, skipped: number): void;
}

/**
 * Runs `task`. Rejects when nothing of it has happened, for a reason that is not the function's: it
 * can be run again.
 */
export function runTask(task: Task, runtime: TaskRuntime): Promise<Ending> {
  switch (task.kind) {
    case "job":
      return run(new JobSteps(task, runtime), runtime);
    case "cron":
      return run(new CronSteps(task, runtime), runtime);
    case "settlement":
      return settle(stepsOf(task.of, runtime), task.outcome, runtime);
    default:
      return unreachable(task);
  }
}

/** What a run writes about itself, each step in a transaction. */
interface Steps {
  readonly task: JobTask | CronTask;
  /** The call to be made, now that the function's kind is known. */
  callOf(kind: RunningJob["kind"]): ScheduledCall;
  /** @returns `false` when there is nothing to run any more */
  begin(tx: SystemTransaction): boolean;
  /** The end of a run whose beginning is part of this transaction or committed. @returns as below */
  finish(tx: SystemTransaction, outcome: RunOutcome): boolean;
  /** The end of a run whose beginning was not committed. @returns `false` when that came too late */
  fail(tx: SystemTransaction, error: RunOutcome & { kind: "failed" }): boolean;
  /** After the end was committed. */
  ended(): void;
}

async function run(steps: Steps, runtime: TaskRuntime): Promise<Ending> {
  const { component, name } = targetOf(steps.task);
  const resolution = await runtime.host.resolve(component, name);
  switch (resolution.kind) {
    case "mutation":
      return runMutation(steps, runtime);
    case "action":
      return runAction(steps, runtime);
    case "missing":
      return refuse(steps, resolution.error, runtime);
    default:
      return refuse(steps, unsupported(resolution.kind), runtime);
  }
}

/** Exactly once: that it is done commits together with what it did. */
async function runMutation(steps: Steps, { host }: TaskRuntime): Promise<Ending> {
  let isHeard = true;
  const outcome: MutationOutcome = await host.runMutation(steps.callOf("mutation"), {
    begin: (tx) => steps.begin(tx),
    finish: (tx) => {
      isHeard = steps.finish(tx, { kind: "success", logs: [] });
    },
  });
  if (outcome.kind === "failed") {
    isHeard = await host.transact((tx) => steps.fail(tx, outcome));
  }
  if (outcome.kind === "calledOff") return outcome;
  if (!isHeard) return { kind: "canceled", logs: outcome.logs };
  steps.ended();
  return outcome;
}

/** At most once: that it has begun is durable before it does. */
async function runAction(steps: Steps, runtime: TaskRuntime): Promise<Ending> {
  const hasBegun = await runtime.host.transact((tx) => steps.begin(tx));
  if (!hasBegun) return { kind: "calledOff" };
  return settle(steps, await act(steps.callOf("action"), runtime.host), runtime);
}

async function act(call: ScheduledCall, host: SchedulerHost): Promise<RunOutcome> {
  try {
    return await host.runAction(call);
  } catch (error) {
    return {
      kind: "failed",
      error: error instanceof Error ? error.message : String(error),
      logs: [],
    };
  }
}

async function settle(steps: Steps, outcome: RunOutcome, { host }: TaskRuntime): Promise<Ending> {
  try {
    const isHeard = await host.transact((tx) => steps.finish(tx, outcome));
    if (!isHeard) return { kind: "canceled", logs: outcome.logs };
    steps.ended();
    return outcome;
  } catch (cause) {
    return { kind: "unsettled", task: { kind: "settlement", of: steps.task, outcome }, cause };
  }
}

/** What cannot be run at all fails, as if it had thrown. */
async function refuse(steps: Steps, error: string, { host }: TaskRuntime): Promise<Ending> {
  const outcome = { kind: "failed", error, logs: [] } as const;
  const isHeard = await host.transact((tx) => steps.fail(tx, outcome));
  if (!isHeard) return { kind: "calledOff" };
  steps.ended();
  return outcome;
}

function unsupported(kind: FunctionKind): string {
  const name = kind === "query" ? "Query" : "HttpAction";
  return `Unsupported function type: ${name}. Only Mutation and Action can be scheduled.\n`;
}

function stepsOf(task: JobTask | CronTask, runtime: TaskRuntime): Steps {
  return task.kind === "job" ? new JobSteps(task, runtime) : new CronSteps(task, runtime);
}

class JobSteps implements Steps {
  readonly task: JobTask;
  readonly #clock: Clock;

  constructor(task: JobTask, { clock }: TaskRuntime) {
    this.task = task;
    this.#clock = clock;
  }

  callOf(kind: RunningJob["kind"]): ScheduledCall {
    const { document, reference } = this.task;
    return { target: targetOf(this.task), args: document.args, job: { ...reference, kind } };
  }

  begin(tx: SystemTransaction): boolean {
    return jobs.begin(tx, this.task.reference);
  }

  finish(tx: SystemTransaction, outcome: RunOutcome): boolean {
    return jobs.finish(tx, this.task.reference, outcome, this.#clock.now());
  }

  fail(tx: SystemTransaction, { error }: RunOutcome & { kind: "failed" }): boolean {
    return jobs.failPending(tx, this.task.reference, error, this.#clock.now());
  }

  ended(): void {}
}

class CronSteps implements Steps {
  readonly task: CronTask;
  readonly #runtime: TaskRuntime;
  #skipped = 0;

  constructor(task: CronTask, runtime: TaskRuntime) {
    this.task = task;
    this.#runtime = runtime;
  }

  callOf(): ScheduledCall {
    return { target: targetOf(this.task), args: this.task.document.args, job: undefined };
  }

  begin(tx: SystemTransaction): boolean {
    return beginRun(tx, this.task.reference, this.task.document.nextTime);
  }

  finish(tx: SystemTransaction, outcome: RunOutcome): boolean {
    const { nextTime: dueMs } = this.task.document;
    const schedule = this.#runtime.scheduleOf(this.task.document);
    const nowMs = this.#runtime.clock.now();
    const next = endRun(tx, this.task.reference, { dueMs, nowMs, outcome, schedule });
    this.#skipped = next?.skipped ?? 0;
    return next !== undefined;
  }

  fail(tx: SystemTransaction, outcome: RunOutcome & { kind: "failed" }): boolean {
    return this.finish(tx, outcome);
  }

  ended(): void {
    if (this.#skipped > 0) this.#runtime.onSkipped(this.task, this.#skipped);
  }
}
