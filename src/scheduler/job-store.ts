/**
 * The ONLY writer of job documents. Each function is one step of a job's life, to be taken inside a
 * transaction; what a step returns says whether the job was still there to take it. None of them
 * runs anything or looks at a clock.
 */
import { userError } from "../shared/errors";
import { decodeId } from "../values/id";
import type { Value } from "../values/value";
import {
  assertTransition,
  isFinal,
  type JobDocument,
  type JobState,
  jobsTable,
  RETENTION_MS,
} from "./job";
import type { FunctionTarget, JobReference, RunOutcome, SystemTransaction } from "./ports";
import { checkHorizon } from "./scheduled-time";

export interface NewJob {
  /** The component that schedules: its table gets the job. */
  readonly component: string;
  readonly target: FunctionTarget;
  /** The arguments object; stays the caller's. */
  readonly args: Value;
  /** Milliseconds since the epoch. */
  readonly scheduledTime: number;
  /** What time it is for whoever schedules. */
  readonly nowMs: number;
  /** The job in whose run this happens, directly or through nested calls. */
  readonly parent: JobReference | undefined;
}

/**
 * Schedules a function. What a canceled action goes on to schedule is canceled from the start.
 *
 * @returns the job's id
 * @throws InvexError `SchedulerInvalid` for a time over five years away
 */
export function schedule(tx: SystemTransaction, job: NewJob): string {
  checkHorizon(job.scheduledTime, job.nowMs);
  const { component, name } = job.target;
  const parent = job.parent && find(tx, job.parent);
  const isCanceled = parent?.state.kind === "canceled";
  return tx.insert(jobsTable(job.component), {
    name,
    args: [job.args],
    scheduledTime: job.scheduledTime,
    state: { kind: isCanceled ? "canceled" : "pending" },
    completedTime: isCanceled ? job.nowMs : undefined,
    component: component === job.component ? undefined : component,
  });
}

/** What became of a request to cancel. */
export type Cancellation =
  | "canceled"
  /** It had finished, or its document is gone: nothing to do. */
  | "over"
  /** A mutation cannot cancel the job it runs as. */
  | "itself";

/**
 * Cancels a job. A mutation under way is dropped at its commit, an action runs on unheard.
 *
 * @param runningMutation the job whose transaction this is, if it is one's
 * @throws InvexError `IdInvalid` when the id is malformed or another table's
 */
export function cancel(
  tx: SystemTransaction,
  job: JobReference,
  nowMs: number,
  runningMutation?: JobReference,
): Cancellation {
  checkId(tx, job);
  if (runningMutation?.id === job.id && runningMutation.component === job.component)
    return "itself";
  const document = find(tx, job);
  if (document === undefined || isFinal(document.state)) return "over";
  move(tx, job, document, { kind: "canceled" }, nowMs);
  return "canceled";
}

/** Takes a pending job up. @returns `false` when it is not pending any more */
export function begin(tx: SystemTransaction, job: JobReference): boolean {
  const document = find(tx, job);
  if (document?.state.kind !== "pending") return false;
  move(tx, job, document, { kind: "inProgress" });
  return true;
}

/** Writes how a job taken up has ended. @returns `false` when it was canceled meanwhile */
export function finish(
  tx: SystemTransaction,
  job: JobReference,
  outcome: RunOutcome,
  nowMs: number,
): boolean {
  const document = find(tx, job);
  if (document?.state.kind !== "inProgress") return false;
  move(tx, job, document, finalState(outcome), nowMs);
  return true;
}

/**
 * Writes that a job failed without being visibly taken up: a mutation, whose own transaction is
 * gone, or a function that cannot be run at all. @returns `false` when it was canceled meanwhile
 */
export function failPending(
  tx: SystemTransaction,
  job: JobReference,
  error: string,
  nowMs: number,
): boolean {
  const document = find(tx, job);
  if (document?.state.kind !== "pending") return false;
  move(tx, job, document, { kind: "failed", error }, nowMs);
  return true;
}

/** Writes that the process died while this action ran. It may have run in part: never again. */
export function failInterrupted(tx: SystemTransaction, job: JobReference, nowMs: number): void {
  const error = "Transient error while executing action";
  finish(tx, job, { kind: "failed", error, logs: [] }, nowMs);
}

/** Removes a job that finished long enough ago. */
export function removeExpired(tx: SystemTransaction, job: JobReference, nowMs: number): void {
  const completedTime = find(tx, job)?.completedTime;
  if (completedTime === undefined || completedTime + RETENTION_MS > nowMs) return;
  tx.remove(jobsTable(job.component), job.id);
}

function find(tx: SystemTransaction, job: JobReference): JobDocument | undefined {
  return tx.get(jobsTable(job.component), job.id) as unknown as JobDocument | undefined;
}

/** The one place where a job's state changes. */
function move(
  tx: SystemTransaction,
  job: JobReference,
  document: JobDocument,
  state: JobState,
  completedTime?: number,
): void {
  assertTransition(document.state.kind, state.kind);
  const fields = completedTime === undefined ? { state } : { state, completedTime };
  tx.patch(jobsTable(job.component), job.id, fields);
}

function finalState(outcome: RunOutcome): JobState {
  return outcome.kind === "success"
    ? { kind: "success" }
    : { kind: "failed", error: outcome.error };
}

function checkId(tx: SystemTransaction, { component, id }: JobReference): void {
  try {
    decodeId(id);
  } catch (error) {
    const text = `Invalid argument \`id\` for \`db.cancel_job\`: ${(error as Error).message}`;
    throw userError("IdInvalid", text, { id });
  }
  if (tx.owns(jobsTable(component), id)) return;
  throw userError(
    "IdInvalid",
    "Invalid scheduled function ID. The ID must be an ID on the '_scheduled_functions' table.",
    { id },
  );
}
