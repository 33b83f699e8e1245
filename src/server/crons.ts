/**
 * `cronJobs()`: functions to run again and again, by name. A table with rules; deciding when a job
 * is due is `src/scheduler`. All times are UTC.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import { convexToJson } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import { isPlainObject } from "../values/value";
import { getFunctionAddress, getFunctionName } from "./function-address";
import type { OptionalRestArgs } from "./function-reference";
import type { SchedulableReference } from "./scheduler";

const DAYS_OF_WEEK = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

/** A day of the week in lower case. */
export type DayOfWeek = (typeof DAYS_OF_WEEK)[number];

/** Every so many seconds, minutes or hours: exactly one of them, a positive integer. */
export type Interval =
  | { seconds: number; minutes?: undefined; hours?: undefined }
  | { minutes: number; seconds?: undefined; hours?: undefined }
  | { hours: number; seconds?: undefined; minutes?: undefined };

/** Every hour, at a minute (0 to 59), or at any. */
export type Hourly = { minuteUTC?: number };

/** Every day, at an hour (0 to 23) and a minute (0 to 59), or any minute of it. */
export type Daily = { hourUTC: number; minuteUTC?: number };

/** Every week, on a day, at an hour and a minute, or any minute of it. */
export type Weekly = { dayOfWeek: DayOfWeek; hourUTC: number; minuteUTC?: number };

/** Every month that has the day (1 to 31), at an hour and a minute, or any minute of it. */
export type Monthly = { day: number; hourUTC: number; minuteUTC?: number };

/** A schedule, as it is exported. */
export type Schedule =
  | { type: "interval"; seconds: number }
  | { type: "interval"; minutes: number }
  | { type: "interval"; hours: number }
  | ({ type: "hourly" } & Hourly)
  | ({ type: "daily" } & Daily)
  | ({ type: "weekly" } & Weekly)
  | ({ type: "monthly" } & Monthly)
  | { type: "cron"; cron: string };

/** A registered job, as it is exported. */
export interface CronJob {
  /** Of the function, as `getFunctionName` gives it. */
  name: string;
  /** An array of one arguments object, in wire JSON. */
  args: JSONValue;
  schedule: Schedule;
}

/**
 * An empty table of jobs, to be filled and exported as default from `crons.ts`.
 *
 * @example
 * const crons = cronJobs();
 * crons.interval("sweep", { minutes: 5 }, internal.rooms.sweep, { olderThanMs: 60_000 });
 * crons.daily("report", { hourUTC: 6 }, internal.reports.send);
 * export default crons;
 */
export const cronJobs = (): Crons => new Crons();

/** What the engine reads. Kept out of the type, as `convex` does, so that the types stay compatible. */
class UntypedMembers {
  /** The jobs as a JSON string. */
  export(): string {
    return JSON.stringify((this as unknown as Crons).crons);
  }
}

/**
 * The jobs of one component by identifier. Identifiers are printable ASCII and unique: registering
 * one twice throws. Every method throws if its schedule is out of range.
 */
export class Crons extends (UntypedMembers as new () => object) {
  crons: Record<string, CronJob> = {};
  readonly isCrons = true as const;

  /** Runs at once after deploying, then every interval. */
  interval<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    schedule: Interval,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void {
    const units = [schedule.seconds, schedule.minutes, schedule.hours].filter(isGiven);
    if (units.length !== 1) throw invalid("Must specify one of seconds, minutes, or hours");
    inRange(units[0], 1, Number.POSITIVE_INFINITY, "Interval must be an integer greater than 0");
    // Convex exports an explicit `seconds: undefined` as absent: JSON has no undefined.
    const exported = { ...schedule, type: "interval" } as Schedule;
    register(this.crons, cronIdentifier, exported, functionReference, args);
  }

  /** Runs once in every hour. */
  hourly<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void;
  hourly<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    schedule: Hourly,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void;
  hourly(cronIdentifier: string, ...rest: unknown[]): void {
    const [schedule, functionReference, ...args] = isReference(rest[0]) ? [{}, ...rest] : rest;
    const minute = minuteOf(schedule as Hourly);
    register(this.crons, cronIdentifier, { type: "hourly", ...minute }, functionReference, args);
  }

  /** Runs once in every day. */
  daily<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    schedule: Daily,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void {
    const exported = { type: "daily", ...timeOf(schedule) } as const;
    register(this.crons, cronIdentifier, exported, functionReference, args);
  }

  /** Runs once in every week. */
  weekly<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    schedule: Weekly,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void {
    const { dayOfWeek } = schedule;
    if (!DAYS_OF_WEEK.includes(dayOfWeek)) {
      throw invalid('Day of week must be a string like "monday".');
    }
    const exported = { type: "weekly", dayOfWeek, ...timeOf(schedule) } as const;
    register(this.crons, cronIdentifier, exported, functionReference, args);
  }

  /** Runs once in every month that has the day. */
  monthly<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    schedule: Monthly,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void {
    const day = inRange(schedule.day, 1, 31, "Day of month must be an integer from 1 to 31");
    const exported = { type: "monthly", day, ...timeOf(schedule) } as const;
    register(this.crons, cronIdentifier, exported, functionReference, args);
  }

  /**
   * Runs whenever a cron expression matches. The expression is checked when the backend starts.
   *
   * @param cron - five fields: minute, hour, day of month, month, day of week (0 is Sunday).
   */
  cron<FuncRef extends SchedulableReference>(
    cronIdentifier: string,
    cron: string,
    functionReference: FuncRef,
    ...args: OptionalRestArgs<FuncRef>
  ): void {
    register(this.crons, cronIdentifier, { type: "cron", cron }, functionReference, args);
  }
}

function register(
  crons: Record<string, CronJob>,
  identifier: string,
  schedule: Schedule,
  functionReference: unknown,
  args: readonly unknown[],
): void {
  const json = argsToJson(args[0]);
  if (!/^[ -~]*$/.test(identifier)) {
    throw invalid(
      `Invalid cron identifier ${identifier}: use ASCII letters that are not control characters`,
    );
  }
  if (identifier in crons) throw invalid(`Cron identifier registered twice: ${identifier}`);
  const name = getFunctionName(functionReference as SchedulableReference);
  crons[identifier] = { name, args: [json], schedule };
}

function argsToJson(args: unknown): JSONValue {
  if (args === undefined) return {};
  if (!isPlainObject(args)) {
    throw userError(
      "ArgumentsInvalid",
      `The arguments to a Convex function must be an object. Received: ${String(args)}`,
    );
  }
  return convexToJson(args as Value);
}

function isReference(value: unknown): boolean {
  try {
    getFunctionAddress(value);
    return true;
  } catch {
    return false;
  }
}

function timeOf(schedule: Daily): Daily {
  const message = "Hour of day must be an integer from 0 to 23";
  return { hourUTC: inRange(schedule.hourUTC, 0, 23, message), ...minuteOf(schedule) };
}

function minuteOf({ minuteUTC }: Hourly): Hourly {
  if (minuteUTC === undefined) return {};
  const message = "Minute of hour must be an integer from 0 to 59";
  return { minuteUTC: inRange(minuteUTC, 0, 59, message) };
}

function inRange(n: number | undefined, lowest: number, highest: number, message: string): number {
  if (n !== undefined && Number.isInteger(n) && n >= lowest && n <= highest) return n;
  throw invalid(message);
}

function isGiven(n: number | undefined): n is number {
  return n !== undefined;
}

function invalid(message: string): InvexError {
  return userError("SchedulerInvalid", message);
}
