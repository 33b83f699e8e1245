import { describe, expect, it } from "vitest";
import { type CronScheduleJSON, parseCronSchedule } from "../../src/scheduler/cron-schedule";
import { isInvexError } from "../../src/shared/errors";

const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19);
const minute = 60_000;

function firstTimes(json: CronScheduleJSON, from: string, count: number, splayMs = 0) {
  const schedule = parseCronSchedule(json);
  const times = [schedule.first(utc(from), splayMs)];
  while (times.length < count) {
    const previous = times.at(-1) ?? 0;
    times.push(schedule.next(previous, previous, splayMs).atMs);
  }
  return times.map(iso);
}

function refusal(json: unknown): string {
  try {
    parseCronSchedule(json);
  } catch (error) {
    if (isInvexError(error) && error.code === "SchedulerInvalid") return error.message;
    throw error;
  }
  return expect.fail(`accepted ${JSON.stringify(json)}`);
}

describe("cron schedules", () => {
  it("[CRON8] an interval runs at once, then at a fixed cadence", () => {
    expect(firstTimes({ type: "interval", seconds: 90 }, "2025-01-01T00:00:07", 3)).toEqual([
      "2025-01-01T00:00:07",
      "2025-01-01T00:01:37",
      "2025-01-01T00:03:07",
    ]);
    expect(firstTimes({ type: "interval", minutes: 5 }, "2025-01-01T00:00:00", 2)[1]).toBe(
      "2025-01-01T00:05:00",
    );
    expect(firstTimes({ type: "interval", hours: 2 }, "2025-01-01T00:00:00", 2)[1]).toBe(
      "2025-01-01T02:00:00",
    );
  });

  it("[CRON9] clock schedules first run at the next time strictly after now", () => {
    expect(firstTimes({ type: "hourly", minuteUTC: 30 }, "2025-01-01T00:30:00", 2)).toEqual([
      "2025-01-01T01:30:00",
      "2025-01-01T02:30:00",
    ]);
    expect(firstTimes({ type: "hourly" }, "2025-01-01T00:30:00", 1)).toEqual([
      "2025-01-01T01:00:00",
    ]);
    expect(
      firstTimes({ type: "daily", hourUTC: 9, minuteUTC: 5 }, "2025-01-01T09:04:59", 2),
    ).toEqual(["2025-01-01T09:05:00", "2025-01-02T09:05:00"]);
    expect(
      firstTimes({ type: "weekly", dayOfWeek: "sunday", hourUTC: 0 }, "2025-01-01T00:00:00", 2),
    ).toEqual(["2025-01-05T00:00:00", "2025-01-12T00:00:00"]);
    expect(firstTimes({ type: "cron", cron: "*/20 * * * *" }, "2025-01-01T00:00:01", 2)).toEqual([
      "2025-01-01T00:20:00",
      "2025-01-01T00:40:00",
    ]);
  });

  it("[CRON9] monthly skips months without the day", () => {
    expect(firstTimes({ type: "monthly", day: 31, hourUTC: 1 }, "2025-01-31T01:00:00", 3)).toEqual([
      "2025-03-31T01:00:00",
      "2025-05-31T01:00:00",
      "2025-07-31T01:00:00",
    ]);
  });

  it("[CRON10] occurrences that passed while a run took its time are skipped, intervals count them", () => {
    const interval = parseCronSchedule({ type: "interval", seconds: 60 });
    const next = (nowMs: number) => interval.next(0, nowMs, 0);
    expect(next(0)).toEqual({ atMs: minute, skipped: 0 });
    expect(next(59_999)).toEqual({ atMs: minute, skipped: 0 });
    // Due exactly now is not in the past.
    expect(next(minute)).toEqual({ atMs: minute, skipped: 0 });
    expect(next(minute + 1)).toEqual({ atMs: 2 * minute, skipped: 1 });
    expect(next(10 * minute + 1)).toEqual({ atMs: 11 * minute, skipped: 10 });
    const clock = parseCronSchedule({ type: "cron", cron: "* * * * *" });
    expect(clock.next(0, 10 * minute, 0)).toEqual({ atMs: 11 * minute, skipped: 0 });
    expect(clock.next(0, 10 * minute + 1, 0)).toEqual({ atMs: 11 * minute, skipped: 0 });
  });

  it("[CRON10] a clock set back runs no occurrence twice", () => {
    const daily = parseCronSchedule({ type: "daily", hourUTC: 0 });
    const due = utc("2025-01-02T00:00:00");
    expect(iso(daily.next(due, due - minute, 0).atMs)).toBe("2025-01-03T00:00:00");
    expect(parseCronSchedule({ type: "interval", hours: 1 }).next(due, due - minute, 0).atMs).toBe(
      due + 60 * minute,
    );
  });

  it("[CRON11] splay delays every run of a clock schedule by the same, intervals not at all", () => {
    const daily: CronScheduleJSON = { type: "daily", hourUTC: 3, minuteUTC: 0 };
    expect(firstTimes(daily, "2025-01-01T03:00:00", 2, 45_000)).toEqual([
      "2025-01-01T03:00:45",
      "2025-01-02T03:00:45",
    ]);
    expect(firstTimes({ type: "interval", hours: 1 }, "2025-01-01T00:00:00", 1, 0)).toEqual([
      "2025-01-01T00:00:00",
    ]);
    const max = (json: CronScheduleJSON) => parseCronSchedule(json).maxSplayMs;
    expect(max({ type: "interval", hours: 1 })).toBe(0);
    expect(max({ type: "hourly" })).toBe(3_599_999);
    expect(max({ type: "weekly", dayOfWeek: "monday", hourUTC: 1 })).toBe(3_599_999);
    expect(max(daily)).toBe(59_999);
    expect(max({ type: "cron", cron: "* * * * *" })).toBe(59_999);
  });

  it.each([
    [{ type: "interval" }, "Must specify one of seconds, minutes, or hours"],
    [{ type: "interval", seconds: 1, hours: 1 }, "Must specify one of seconds, minutes, or hours"],
    [{ type: "interval", seconds: 0 }, "Interval must be an integer greater than 0"],
    [{ type: "interval", minutes: 1.5 }, "Interval must be an integer greater than 0"],
    [{ type: "interval", hours: 1e300 }, "Interval must be an integer greater than 0"],
    [
      { type: "hourly", minuteUTC: 60 },
      'minuteUTC must be 0-59 in {"type":"hourly","minuteUTC":60}',
    ],
    [{ type: "daily" }, 'hourUTC must be 0-23 in {"type":"daily"}'],
    [{ type: "daily", hourUTC: 24 }, 'hourUTC must be 0-23 in {"type":"daily","hourUTC":24}'],
    [
      { type: "weekly", dayOfWeek: "Monday", hourUTC: 1 },
      'Day of week must be a string like "monday".',
    ],
    [
      { type: "monthly", day: 32, hourUTC: 1 },
      'day of month must be 1-31 in {"type":"monthly","day":32,"hourUTC":1}',
    ],
    [{ type: "cron", cron: "0 0 30 2 *" }, 'The cron spec "0 0 30 2 *" will never match any time'],
    [{ type: "cron" }, "cron must be a string"],
    [{ type: "yearly" }, 'unknown type of cron schedule "yearly"'],
    [null, "A cron schedule must be an object, got null"],
  ])("[CRON12] %j is refused: %s", (json, text) => {
    expect(refusal(json)).toBe(text);
  });
});
