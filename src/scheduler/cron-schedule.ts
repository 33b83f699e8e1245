/**
 * When a cron runs: the six forms `cronJobs()` exports (functions.md 5.5), compiled to "first" and
 * "next". Knows nothing of functions, storage or clocks.
 */
import { assert } from "../shared/assert";
import { userError } from "../shared/errors";
import { type CronExpression, parseCronExpression } from "./cron-expression";

/** A schedule as `cronJobs()` exports it. */
export type CronScheduleJSON =
  | { readonly type: "interval"; readonly seconds: number }
  | { readonly type: "interval"; readonly minutes: number }
  | { readonly type: "interval"; readonly hours: number }
  | { readonly type: "hourly"; readonly minuteUTC?: number }
  | { readonly type: "daily"; readonly hourUTC: number; readonly minuteUTC?: number }
  | {
      readonly type: "weekly";
      readonly dayOfWeek: string;
      readonly hourUTC: number;
      readonly minuteUTC?: number;
    }
  | {
      readonly type: "monthly";
      readonly day: number;
      readonly hourUTC: number;
      readonly minuteUTC?: number;
    }
  | { readonly type: "cron"; readonly cron: string };

export interface CronSchedule {
  /**
   * The longest delay Convex may add to this schedule to spread load, in milliseconds: under an hour
   * where no minute is given, under a minute where one is, none for intervals.
   */
  readonly maxSplayMs: number;

  /** The first run of a cron deployed at `nowMs`, delayed by `splayMs`. */
  first(nowMs: number, splayMs: number): number;

  /**
   * The run after the one that was due at `previousMs` and has ended at `nowMs`. Occurrences that
   * have passed meanwhile are skipped; intervals say how many.
   */
  next(previousMs: number, nowMs: number, splayMs: number): NextRun;
}

export interface NextRun {
  readonly atMs: number;
  /** Occurrences of an interval that were left out. */
  readonly skipped: number;
}

/**
 * Compiles a schedule.
 *
 * @throws InvexError `SchedulerInvalid` with Convex's text for what it refuses at deploy.
 */
export function parseCronSchedule(json: unknown): CronSchedule {
  const schedule = new ScheduleFields(json);
  switch (schedule.type) {
    case "interval":
      return new IntervalSchedule(schedule.intervalMs());
    case "hourly":
      return atMinute(schedule, "* * * *");
    case "daily":
      return atMinute(schedule, `${schedule.hour()} * * *`);
    case "weekly":
      return atMinute(schedule, `${schedule.hour()} * * ${schedule.weekday()}`);
    case "monthly":
      return atMinute(schedule, `${schedule.hour()} ${schedule.day()} * *`);
    case "cron":
      return new ClockSchedule(parseCronExpression(schedule.expression()), minuteMs - 1);
    default:
      throw schedule.invalid(`unknown type of cron schedule "${String(schedule.type)}"`);
  }
}

/** Compiled schedules by their JSON: compiling costs more than many a run. */
export class CronScheduleCache {
  readonly #compiled = new Map<string, CronSchedule>();

  /** The same as `parseCronSchedule`. About 1 µs for one seen before. */
  of(json: unknown): CronSchedule {
    const key = JSON.stringify(json);
    let schedule = this.#compiled.get(key);
    if (schedule === undefined) {
      schedule = parseCronSchedule(json);
      this.#compiled.set(key, schedule);
    }
    return schedule;
  }
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const unitsMs = { seconds: 1000, minutes: minuteMs, hours: hourMs } as const;

function atMinute(schedule: ScheduleFields, rest: string): CronSchedule {
  const minute = schedule.minute();
  const maxSplayMs = (minute === undefined ? hourMs : minuteMs) - 1;
  return new ClockSchedule(parseCronExpression(`${minute ?? 0} ${rest}`), maxSplayMs);
}

/** Fixed cadence from the first run, whatever the runs take. */
class IntervalSchedule implements CronSchedule {
  readonly maxSplayMs = 0;
  readonly #intervalMs: number;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  first(nowMs: number): number {
    return nowMs;
  }

  next(previousMs: number, nowMs: number): NextRun {
    const steps = Math.max(1, Math.ceil((nowMs - previousMs) / this.#intervalMs));
    return { atMs: previousMs + steps * this.#intervalMs, skipped: steps - 1 };
  }
}

/** Times of the wall clock, all shifted by the splay. */
class ClockSchedule implements CronSchedule {
  readonly maxSplayMs: number;
  readonly #expression: CronExpression;

  constructor(expression: CronExpression, maxSplayMs: number) {
    this.#expression = expression;
    this.maxSplayMs = maxSplayMs;
  }

  first(nowMs: number, splayMs: number): number {
    const next = this.#expression.next(nowMs - splayMs);
    assert(next !== undefined, "a cron schedule has run out of times before the year 10000");
    return next + splayMs;
  }

  next(previousMs: number, nowMs: number, splayMs: number): NextRun {
    // The later of both: a clock set back must not run the same occurrence twice.
    return { atMs: this.first(Math.max(previousMs, nowMs), splayMs), skipped: 0 };
  }
}

/** Reads and checks the fields of a schedule, in Convex's words. */
class ScheduleFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(json: unknown) {
    if (typeof json !== "object" || json === null) {
      throw userError("SchedulerInvalid", `A cron schedule must be an object, got ${String(json)}`);
    }
    this.#fields = json as Record<string, unknown>;
  }

  get type(): unknown {
    return this.#fields.type;
  }

  intervalMs(): number {
    const given = Object.entries(unitsMs).filter(([unit]) => this.#fields[unit] !== undefined);
    const [only, ...others] = given;
    if (only === undefined || others.length > 0) {
      throw this.invalid("Must specify one of seconds, minutes, or hours");
    }
    const [unit, unitMs] = only;
    const amount = this.#fields[unit];
    if (!isInteger(amount, 1, Number.MAX_SAFE_INTEGER / unitMs)) {
      throw this.invalid("Interval must be an integer greater than 0");
    }
    return amount * unitMs;
  }

  minute(): number | undefined {
    const { minuteUTC } = this.#fields;
    if (minuteUTC === undefined) return undefined;
    return this.#integer(minuteUTC, 0, 59, "minuteUTC must be 0-59");
  }

  hour(): number {
    return this.#integer(this.#fields.hourUTC, 0, 23, "hourUTC must be 0-23");
  }

  day(): number {
    return this.#integer(this.#fields.day, 1, 31, "day of month must be 1-31");
  }

  weekday(): number {
    const number = weekdays.indexOf(this.#fields.dayOfWeek as string);
    if (number === -1) throw this.invalid('Day of week must be a string like "monday".');
    return number;
  }

  expression(): string {
    const { cron } = this.#fields;
    if (typeof cron !== "string") throw this.invalid("cron must be a string");
    return cron;
  }

  invalid(text: string): Error {
    return userError("SchedulerInvalid", text, { schedule: this.#fields });
  }

  #integer(value: unknown, min: number, max: number, rule: string): number {
    if (isInteger(value, min, max)) return value;
    throw this.invalid(`${rule} in ${JSON.stringify(this.#fields)}`);
  }
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
