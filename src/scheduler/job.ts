/**
 * A scheduled function as it is stored, one document of `_scheduled_functions` (functions.md 5.2),
 * and the life a job can have. Who writes these documents is `job-store.ts` alone.
 */
import { assert } from "../shared/assert";
import type { Value } from "../values/value";
import { JOBS, type StoredDocument, type SystemTable } from "./ports";

export type JobState =
  | { readonly kind: "pending" }
  | { readonly kind: "inProgress" }
  | { readonly kind: "success" }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "canceled" };

export type JobStateKind = JobState["kind"];

/** A job's document. All of it is visible to users but `component`, see {@link visibleJob}. */
export interface JobDocument {
  readonly _id: string;
  readonly _creationTime: number;
  /** With its extension: `"messages.js:send"`. */
  readonly name: string;
  /** An array of one arguments object. */
  readonly args: readonly Value[];
  /** Milliseconds since the epoch as requested: may lie in the past, may be fractional. */
  readonly scheduledTime: number;
  /** Milliseconds since the epoch; absent until the job is over. */
  readonly completedTime?: number;
  readonly state: JobState;
  /** The function's component where that is not the one whose table this is. Hidden. */
  readonly component?: string;
}

/** Which states may follow which. Nothing follows a final state. */
const transitions: Readonly<Record<JobStateKind, readonly JobStateKind[]>> = {
  pending: ["inProgress", "failed", "canceled"],
  inProgress: ["success", "failed", "canceled"],
  success: [],
  failed: [],
  canceled: [],
};

/** Throws an invariant error unless a job may go from `from` to `to`. */
export function assertTransition(from: JobStateKind, to: JobStateKind): void {
  assert(transitions[from].includes(to), `a job cannot go from ${from} to ${to}`);
}

/** Whether nothing can happen to the job any more. */
export function isFinal(state: JobState): boolean {
  return transitions[state.kind].length === 0;
}

/** Finished jobs can be read for this long. */
export const RETENTION_MS = 7 * 86_400_000;

/**
 * When a job is to run. Convex queues a job for `max(requested, when it was scheduled)`: one that was
 * asked for in the past waits behind those that were due before it was made.
 */
export function dueTimeOf(job: JobDocument, nowMs: number): number {
  // Creation times may run a little ahead of the clock; the job must not.
  return Math.max(job.scheduledTime, Math.min(job._creationTime, nowMs));
}

export function jobsTable(component: string): SystemTable {
  return { component, name: JOBS };
}

/** What users see of a stored job: the document itself unless it has hidden fields. */
export function visibleJob<T extends StoredDocument>(document: T): T {
  if (document.component === undefined) return document;
  const { component, ...visible } = document;
  return visible as T;
}
