/**
 * One `advance()` or `settle()` while it runs: notes what ran, and who scheduled whom, so that jobs
 * that schedule each other without end are stopped with an error that names them.
 */
import { type InvexError, userError } from "../shared/errors";
import { type AdvanceReport, type AdvanceRun, createReport } from "./advance-report";
import type { Ending } from "./run-task";
import { type Task, targetOf, taskKey } from "./task";

/** Runs of jobs that other runs of the same drive scheduled, before it counts as runaway. */
export interface RunawayLimits {
  /** Within one second of the clock. Default 10,000. */
  readonly perSecond: number;
  /** In one drive. Default 1,000,000. */
  readonly perDrive: number;
}

export const DEFAULT_RUNAWAY_LIMITS: RunawayLimits = { perSecond: 10_000, perDrive: 1_000_000 };

/** A run of this drive, and the one that scheduled it. */
interface Link {
  readonly name: string;
  readonly scheduledBy: Link | undefined;
}

export class Drive {
  readonly #fromMs: number;
  readonly #limits: RunawayLimits;
  readonly #runs: AdvanceRun[] = [];
  /** Who scheduled the jobs that wait. */
  readonly #origins = new Map<string, Link>();
  #current: Link | undefined;
  #secondMs: number;
  #runsThisSecond = 0;
  #scheduledRuns = 0;

  constructor(nowMs: number, limits: RunawayLimits) {
    this.#fromMs = nowMs;
    this.#secondMs = nowMs;
    this.#limits = limits;
  }

  /** A job has appeared: if something runs, that is what scheduled it. */
  scheduled(key: string): void {
    if (this.#current !== undefined) this.#origins.set(key, this.#current);
  }

  /** A task is about to run. @returns the error that ends the drive instead, if it runs away */
  begin(task: Task, nowMs: number): InvexError | undefined {
    const key = taskKey(task);
    const scheduledBy = this.#origins.get(key);
    this.#origins.delete(key);
    this.#current = { name: nameOf(task), scheduledBy };
    if (scheduledBy === undefined) return undefined;
    return this.#count(nowMs) ? undefined : runaway(this.#current, this.#scheduledRuns, nowMs);
  }

  /** The task that ran last has ended. */
  end(
    task: Task,
    startedAt: number,
    dueAt: number,
    ending: Ending | { kind: "retried"; error: string },
  ): void {
    this.#current = undefined;
    const run = describe(task, startedAt, dueAt, ending);
    if (run !== undefined) this.#runs.push(run);
  }

  report(nowMs: number): AdvanceReport {
    return createReport(this.#fromMs, nowMs, this.#runs);
  }

  #count(nowMs: number): boolean {
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs;
      this.#runsThisSecond = 0;
    }
    this.#runsThisSecond += 1;
    this.#scheduledRuns += 1;
    const { perSecond, perDrive } = this.#limits;
    return this.#runsThisSecond <= perSecond && this.#scheduledRuns <= perDrive;
  }
}

function describe(
  task: Task,
  startedAt: number,
  dueAt: number,
  ending: Ending | { kind: "retried"; error: string },
): AdvanceRun | undefined {
  // What was called off did not run, and the end of a settlement was told when it ran.
  if (ending.kind === "calledOff" || task.kind === "settlement") return undefined;
  const { component, name } = targetOf(task);
  const trigger =
    task.kind === "job"
      ? ({ kind: "job", id: task.reference.id } as const)
      : ({ kind: "cron", identifier: task.document.identifier } as const);
  const run = { startedAt, dueAt, function: name, component, trigger };
  const told = ending.kind === "unsettled" ? ending.task.outcome : ending;
  if (told.kind === "retried") return { ...run, outcome: told.kind, error: told.error, logs: [] };
  const error = told.kind === "failed" ? { error: told.error } : {};
  return { ...run, outcome: told.kind, ...error, logs: told.logs };
}

const MAX_NAMED = 10;

function runaway(last: Link, runs: number, nowMs: number): InvexError {
  const chain: string[] = [];
  for (let link: Link | undefined = last; link !== undefined && chain.length < MAX_NAMED; ) {
    chain.unshift(link.name);
    link = link.scheduledBy;
  }
  return userError(
    "SchedulerInvalid",
    `Scheduled functions keep scheduling more of them: ${runs} runs so far, and at ${new Date(nowMs).toISOString()} the chain still goes on: … → ${chain.join(" → ")}. Let the chain end, or put more time between its links.`,
    { chain, runs },
  );
}

function nameOf(task: Task): string {
  return targetOf(task.kind === "settlement" ? task.of : task).name;
}
