/**
 * A cron as it is stored, one document of `_cron_jobs`: what it runs, and where it stands. Who
 * writes these documents is `cron-store.ts` alone; users never see them.
 */
import type { Value } from "../values/value";
import { CRONS, type SystemTable } from "./ports";

/** One run that has ended, for whoever shows crons to people. */
export interface CronRun {
  /** When it was due, and when it ended: milliseconds since the epoch. */
  readonly dueTime: number;
  readonly endTime: number;
  /** `undefined` for a success. */
  readonly error?: string;
}

export interface CronDocument {
  readonly _id: string;
  readonly _creationTime: number;
  /** What `crons.ts` calls it; unique in its component. */
  readonly identifier: string;
  /** The function, in the same component, with its extension. */
  readonly name: string;
  /** An array of one arguments object. */
  readonly args: readonly Value[];
  /** As `cronJobs()` exports it. */
  readonly schedule: Value;
  /** Added to every occurrence of a clock schedule. */
  readonly splayMs: number;
  /** When it runs next, or was due, if it runs now: milliseconds since the epoch. */
  readonly nextTime: number;
  /** Whether an action of it runs, or did when the process died. */
  readonly isRunning: boolean;
  /** The last runs, oldest first. */
  readonly runs: readonly CronRun[];
}

export function cronsTable(component: string): SystemTable {
  return { component, name: CRONS };
}
