/** What waits in the scheduler's queue: a job or a cron to run, or the end of a run to write down. */
import type { CronDocument } from "./cron-job";
import type { CronReference } from "./cron-store";
import type { JobDocument } from "./job";
import type { FunctionTarget, JobReference, RunOutcome } from "./ports";

export interface JobTask {
  readonly kind: "job";
  readonly reference: JobReference;
  readonly document: JobDocument;
}

export interface CronTask {
  readonly kind: "cron";
  readonly reference: CronReference;
  readonly document: CronDocument;
}

/** An action that has run, whose end could not be written: it must not run again. */
export interface SettlementTask {
  readonly kind: "settlement";
  readonly of: JobTask | CronTask;
  readonly outcome: RunOutcome;
}

export type Task = JobTask | CronTask | SettlementTask;

/** Unique among the tasks of a scheduler. */
export function taskKey(task: Task): string {
  if (task.kind === "settlement") return `settlement:${taskKey(task.of)}`;
  return documentKey(task.kind, task.reference);
}

/** The key of the task that a stored document stands for. */
export function documentKey(kind: "job" | "cron", reference: JobReference | CronReference): string {
  return `${kind}:${reference.component}:${reference.id}`;
}

/** The function that a task is about. */
export function targetOf(task: JobTask | CronTask): FunctionTarget {
  const { document, reference } = task;
  const component = task.kind === "job" ? task.document.component : undefined;
  return { component: component ?? reference.component, name: document.name };
}
