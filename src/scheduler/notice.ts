/** What the scheduler tells whoever operates the backend, in words. */
import type { SchedulerNotice } from "./ports";
import { type CronTask, type JobTask, targetOf } from "./task";

/** A job or a cron, and what became of it. */
export function taskNotice(
  level: SchedulerNotice["level"],
  task: JobTask | CronTask,
  what: string,
): SchedulerNotice {
  const { component, name } = targetOf(task);
  const who =
    task.kind === "cron" ? `Cron job "${task.document.identifier}"` : "Scheduled function";
  return { level, message: `${who} ${name} ${what}`, component, function: name };
}

/** Occurrences of a cron that were left out because they had passed. */
export function skippedNotice(task: CronTask, skipped: number): SchedulerNotice {
  const { component, name } = targetOf(task);
  const message = `Skipping ${skipped} run(s) of job ${task.document.identifier} because multiple scheduled runs are in the past`;
  return { level: "WARN", message, component, function: name };
}
