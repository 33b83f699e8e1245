import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { parseCronExpression } from "../../src/scheduler/cron-expression";
import { isInvexError } from "../../src/shared/errors";
import { naiveNext } from "./cron-oracle";

const utc = (text: string) => Date.parse(`${text}:00Z`);
const iso = (ms: number | undefined) => ms && new Date(ms).toISOString().slice(0, 16);

/** The next `count` times after `from`, as dates to read. */
function times(expression: string, from: string, count: number) {
  const compiled = parseCronExpression(expression);
  const found: unknown[] = [];
  for (let ms: number | undefined = utc(from); found.length < count && ms !== undefined; ) {
    ms = compiled.next(ms);
    found.push(iso(ms));
  }
  return found;
}

function refusal(expression: string): string {
  try {
    parseCronExpression(expression);
  } catch (error) {
    if (isInvexError(error) && error.code === "SchedulerInvalid") return error.message;
    throw error;
  }
  return expect.fail(`accepted ${expression}`);
}

describe("cron expressions", () => {
  it("[CRON1] five fields in UTC, the next time strictly after", () => {
    expect(times("30 9 * * *", "2025-01-01T09:29", 2)).toEqual([
      "2025-01-01T09:30",
      "2025-01-02T09:30",
    ]);
    expect(times("30 9 * * *", "2025-01-01T09:30", 1)).toEqual(["2025-01-02T09:30"]);
    expect(iso(parseCronExpression("* * * * *").next(utc("2025-01-01T00:00") + 59_999))).toBe(
      "2025-01-01T00:01",
    );
    expect(times("  0   0\t1 1 * ", "2025-01-01T00:00", 2)).toEqual([
      "2026-01-01T00:00",
      "2027-01-01T00:00",
    ]);
  });

  it("[CRON2] lists, ranges, steps and steps from a number on", () => {
    expect(times("1-5/2,10 0 * * *", "2025-01-01T00:00", 5)).toEqual([
      "2025-01-01T00:01",
      "2025-01-01T00:03",
      "2025-01-01T00:05",
      "2025-01-01T00:10",
      "2025-01-02T00:01",
    ]);
    expect(times("5/20 3 * * *", "2025-01-01T00:00", 4)).toEqual([
      "2025-01-01T03:05",
      "2025-01-01T03:25",
      "2025-01-01T03:45",
      "2025-01-02T03:05",
    ]);
  });

  it("[CRON2] ranges wrap around in every field, with steps too", () => {
    expect(times("0 22-1 * * *", "2025-01-01T12:00", 5)).toEqual([
      "2025-01-01T22:00",
      "2025-01-01T23:00",
      "2025-01-02T00:00",
      "2025-01-02T01:00",
      "2025-01-02T22:00",
    ]);
    expect(times("0 22-4/3 * * *", "2025-01-01T12:00", 4)).toEqual([
      "2025-01-01T22:00",
      "2025-01-02T01:00",
      "2025-01-02T04:00",
      "2025-01-02T22:00",
    ]);
    expect(times("0 0 31-1 NOV-FEB *", "2025-01-01T00:00", 4)).toEqual([
      "2025-01-31T00:00",
      "2025-02-01T00:00",
      "2025-11-01T00:00",
      "2025-12-01T00:00",
    ]);
    expect(times("0 0 * * FRI-MON", "2025-01-01T00:00", 5)).toEqual([
      "2025-01-03T00:00",
      "2025-01-04T00:00",
      "2025-01-05T00:00",
      "2025-01-06T00:00",
      "2025-01-10T00:00",
    ]);
  });

  it("[CRON3] 0 is Sunday, names in any case", () => {
    expect(times("0 0 * * 0", "2025-01-01T00:00", 1)).toEqual(["2025-01-05T00:00"]);
    expect(times("0 0 * * sun", "2025-01-01T00:00", 1)).toEqual(["2025-01-05T00:00"]);
    expect(times("0 0 * Jul MON", "2025-01-01T00:00", 1)).toEqual(["2025-07-07T00:00"]);
    expect(refusal("0 0 * * 7")).toContain("day of week must be 0-6");
  });

  it("[CRON4] L, L-n, LW and nW in the month", () => {
    expect(times("0 0 L * *", "2024-01-31T00:00", 2)).toEqual([
      "2024-02-29T00:00",
      "2024-03-31T00:00",
    ]);
    expect(times("0 6 L-3 * *", "2024-01-31T00:00", 3)).toEqual([
      "2024-02-26T06:00",
      "2024-03-28T06:00",
      "2024-04-27T06:00",
    ]);
    expect(times("0 0 L-30 * *", "2025-01-01T00:00", 2)).toEqual([
      "2025-03-01T00:00",
      "2025-05-01T00:00",
    ]);
    expect(times("0 0 LW * *", "2025-05-01T00:00", 2)).toEqual([
      "2025-05-30T00:00",
      "2025-06-30T00:00",
    ]);
    expect(times("0 0 15W * *", "2025-02-01T00:00", 3)).toEqual([
      "2025-02-14T00:00",
      "2025-03-14T00:00",
      "2025-04-15T00:00",
    ]);
    // The nearest weekday never leaves the month: Saturday the 1st becomes Monday the 3rd.
    expect(times("0 0 1W 2 *", "2025-01-01T00:00", 1)).toEqual(["2025-02-03T00:00"]);
    expect(times("0 0 31W 4-8 *", "2025-04-01T00:00", 1)).toEqual(["2025-05-30T00:00"]);
  });

  it("[CRON4] the nth and the last of a weekday", () => {
    expect(times("0 0 * * FRI#2", "2025-01-15T00:00", 2)).toEqual([
      "2025-02-14T00:00",
      "2025-03-14T00:00",
    ]);
    expect(times("0 0 * * 5#5", "2025-01-01T00:00", 2)).toEqual([
      "2025-01-31T00:00",
      "2025-05-30T00:00",
    ]);
    expect(times("0 0 * * FRIL", "2025-01-01T00:00", 2)).toEqual([
      "2025-01-31T00:00",
      "2025-02-28T00:00",
    ]);
    expect(times("0 0 * * 1L", "2025-01-01T00:00", 1)).toEqual(["2025-01-27T00:00"]);
  });

  it("[CRON5] with both day fields restricted a day matches either", () => {
    expect(times("0 0 13 * FRI", "2025-01-01T00:00", 4)).toEqual([
      "2025-01-03T00:00",
      "2025-01-10T00:00",
      "2025-01-13T00:00",
      "2025-01-17T00:00",
    ]);
    expect(times("0 0 L-1 * MON#1", "2025-01-01T00:00", 3)).toEqual([
      "2025-01-06T00:00",
      "2025-01-30T00:00",
      "2025-02-03T00:00",
    ]);
  });

  it("[CRON6] refuses what can never match, in Convex's words", () => {
    expect(refusal("0 0 30 2 *")).toBe('The cron spec "0 0 30 2 *" will never match any time');
    expect(refusal("0 0 31 4,6,9,11 *")).toContain("will never match any time");
    expect(refusal("0 0 L-29 2 *")).toContain("will never match any time");
    expect(times("0 0 L-28 2 *", "2025-01-01T00:00", 1)).toEqual(["2028-02-01T00:00"]);
  });

  it.each([
    "",
    "* * * *",
    "* * * * * *",
    "@daily",
    "? * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * 32 * *",
    "* * * 0 *",
    "* * * 13 *",
    "* * * * 8",
    "*/0 * * * *",
    "*/61 * * * *",
    "1/2/3 * * * *",
    "1-2-3 * * * *",
    "1,,2 * * * *",
    "-1 * * * *",
    "1.5 * * * *",
    "1e1 * * * *",
    "a * * * *",
    "* * * * MONDAY",
    "* * * * SUN6",
    "* * * * 6SUN",
    "* * * * MONTUE",
    "* * * FRI *",
    "* * JAN * *",
    "* * L-0 * *",
    "* * L-31 * *",
    "* * 0W * *",
    "* * 32W * *",
    "* * W * *",
    "* * 1-5W * *",
    "* * L,15 * *",
    "* * * * 5#6",
    "* * * * 5#0",
    "* * * * #1",
    "L * * * *",
  ])("[CRON6] refuses %j", (expression) => {
    expect(refusal(expression)).toContain(`The cron spec "${expression}" is invalid: `);
  });
});

const value = (min: number, max: number) => fc.integer({ min, max }).map(String);

function list(min: number, max: number, names: readonly string[] = []) {
  const one =
    names.length > 0 ? fc.oneof(value(min, max), fc.constantFrom(...names)) : value(min, max);
  const range = fc.tuple(one, one).map(([from, to]) => `${from}-${to}`);
  const step = value(1, Math.min(12, max - min + 1));
  const item = fc.oneof(
    one,
    range,
    fc.tuple(range, step).map(([text, by]) => `${text}/${by}`),
    fc.tuple(one, step).map(([text, by]) => `${text}/${by}`),
    step.map((by) => `*/${by}`),
  );
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
}

const star = fc.constant("*");
const weekdayNames = ["sun", "Mon", "TUE", "wed", "THU", "fri", "Sat"];
const expressions = fc
  .tuple(
    fc.oneof(star, list(0, 59)),
    fc.oneof(star, list(0, 23)),
    fc.oneof(
      { weight: 2, arbitrary: star },
      list(1, 31),
      fc.constantFrom("L", "LW"),
      value(1, 30).map((days) => `L-${days}`),
      value(1, 31).map((day) => `${day}W`),
    ),
    fc.oneof(
      { weight: 2, arbitrary: star },
      list(1, 12, ["jan", "FEB", "Jun", "JUL", "oct", "DEC"]),
    ),
    fc.oneof(
      { weight: 2, arbitrary: star },
      list(0, 6, weekdayNames),
      fc.constantFrom("L"),
      fc.constantFrom(...weekdayNames).map((name) => `${name}L`),
      fc
        .tuple(fc.constantFrom("0", "3", ...weekdayNames), value(1, 5))
        .map(([day, n]) => `${day}#${n}`),
    ),
  )
  .map((fields) => fields.join(" "));

describe("against a naive oracle", () => {
  afterEach(() => {
    delete process.env.TZ;
  });

  it.each(["UTC", "America/New_York", "Asia/Kolkata"])(
    "[CRON7] every time found is the first matching minute, with the machine in %s",
    (timezone) => {
      process.env.TZ = timezone;
      const yearMs = 365.25 * 86_400_000;
      const starts = fc.integer({ min: Date.UTC(2019, 0), max: Date.UTC(2033, 0) });
      fc.assert(
        fc.property(expressions, starts, (expression, start) => {
          // A day that exists in no month that the expression allows is refused: CRON6.
          if (naiveNext(expression, Date.UTC(2023, 11, 31), Date.UTC(2029, 0)) === undefined)
            return;
          const compiled = parseCronExpression(expression);
          let afterMs = start;
          for (let step = 0; step < 3; step++) {
            const expected = naiveNext(expression, afterMs, afterMs + 5 * yearMs);
            if (expected === undefined) break;
            expect(iso(compiled.next(afterMs)), expression).toBe(iso(expected));
            afterMs = expected;
          }
        }),
        { seed: 7, numRuns: 300 },
      );
    },
  );
});
