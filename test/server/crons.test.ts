// Crons, compared with convex call by call.

import { cronJobs, makeFunctionReference } from "invex/server";
import { describe, expect, it } from "vitest";
import { expectAlike, type Front } from "./fronts";
import { outcomeOf } from "./outcome";

// biome-ignore lint/suspicious/noExplicitAny: crons of two packages, called right and wrong
type Crons = any;
// biome-ignore lint/suspicious/noExplicitAny: a reference of either package
type Reference = any;
type Call = (crons: Crons, job: Reference, front: Front) => unknown;

/** Makes the calls on fresh crons; what each gave, and what is exported then. */
function run(...calls: Call[]) {
  return (front: Front) => {
    const crons = front.s.cronJobs();
    const job = front.s.makeFunctionReference("m:job");
    const given = calls.map((call) => outcomeOf(() => call(crons, job, front)));
    return { given, jobs: JSON.parse(crons.export()), isCrons: crons.isCrons };
  };
}

describe("the six forms", () => {
  it.each<[string, Call]>([
    ["seconds", (c, job) => c.interval("x", { seconds: 30 }, job)],
    [
      "minutes, with arguments",
      (c, job) => c.interval("x", { minutes: 5 }, job, { a: 1n, b: undefined }),
    ],
    [
      "hours, the others undefined",
      (c, job) => c.interval("x", { hours: 2, seconds: undefined }, job),
    ],
    ["hourly", (c, job) => c.hourly("x", { minuteUTC: 30 }, job)],
    ["hourly at any minute", (c, job) => c.hourly("x", {}, job, { a: 1 })],
    ["hourly without a schedule", (c, job) => c.hourly("x", job)],
    ["hourly without a schedule, with arguments", (c, job) => c.hourly("x", job, { a: 1 })],
    ["daily", (c, job) => c.daily("x", { hourUTC: 0, minuteUTC: 59 }, job)],
    ["daily at any minute", (c, job) => c.daily("x", { hourUTC: 23 }, job, {})],
    ["weekly", (c, job) => c.weekly("x", { dayOfWeek: "sunday", hourUTC: 5, minuteUTC: 0 }, job)],
    ["weekly at any minute", (c, job) => c.weekly("x", { dayOfWeek: "friday", hourUTC: 5 }, job)],
    ["monthly", (c, job) => c.monthly("x", { day: 31, hourUTC: 5, minuteUTC: 0 }, job)],
    ["monthly at any minute", (c, job) => c.monthly("x", { day: 1, hourUTC: 5 }, job)],
    ["cron", (c, job) => c.cron("x", "15 7 * * MON", job, { a: [1] })],
    ["cron, whatever it says", (c, job) => c.cron("x", "nonsense", job)],
    ["a name for a function", (c) => c.cron("x", "* * * * *", "m:f")],
    ["an untyped api", (c, _, { s }) => c.daily("x", { hourUTC: 1 }, s.anyApi.a.b.default)],
  ])("[CRN1, CRN2] %s", (_, call) => {
    expectAlike(run(call));
  });

  it("[CRN2] keep jobs under their identifiers, in order", () => {
    const crons = cronJobs();
    const job = makeFunctionReference<"mutation", { n: number }>("m:job");
    crons.cron("second", "* * * * *", job, { n: 1 });
    crons.interval("first", { minutes: 1 }, job, { n: 2 });
    expect(Object.keys(crons)).toEqual(["crons", "isCrons"]);
    expect(crons.crons).toEqual({
      second: { name: "m:job", args: [{ n: 1 }], schedule: { type: "cron", cron: "* * * * *" } },
      first: { name: "m:job", args: [{ n: 2 }], schedule: { type: "interval", minutes: 1 } },
    });
  });
});

describe("refused", () => {
  it.each<[string, Call]>([
    ["no unit", (c, job) => c.interval("x", {}, job)],
    ["two units", (c, job) => c.interval("x", { seconds: 1, hours: 1 }, job)],
    ["zero seconds", (c, job) => c.interval("x", { seconds: 0 }, job)],
    ["half a minute", (c, job) => c.interval("x", { minutes: 0.5 }, job)],
    ["an hour in words", (c, job) => c.interval("x", { hours: "one" }, job)],
    [
      "infinitely many seconds",
      (c, job) => c.interval("x", { seconds: Number.POSITIVE_INFINITY }, job),
    ],
    ["null seconds", (c, job) => c.interval("x", { seconds: null }, job)],
    ["minute 60", (c, job) => c.hourly("x", { minuteUTC: 60 }, job)],
    ["minute -1", (c, job) => c.daily("x", { hourUTC: 1, minuteUTC: -1 }, job)],
    ["minute null", (c, job) => c.hourly("x", { minuteUTC: null }, job)],
    ["hour 24", (c, job) => c.daily("x", { hourUTC: 24 }, job)],
    ["no hour", (c, job) => c.daily("x", {}, job)],
    ["no hour but a minute", (c, job) => c.monthly("x", { day: 1, minuteUTC: 70 }, job)],
    ["a day in capitals", (c, job) => c.weekly("x", { dayOfWeek: "Monday", hourUTC: 1 }, job)],
    ["no day of the week", (c, job) => c.weekly("x", { hourUTC: 99 }, job)],
    ["day 0", (c, job) => c.monthly("x", { day: 0, hourUTC: 99 }, job)],
    ["day 32", (c, job) => c.monthly("x", { day: 32, hourUTC: 1 }, job)],
    ["an identifier with an umlaut", (c, job) => c.cron("ä", "* * * * *", job)],
    ["an identifier with a newline", (c, job) => c.cron("a\nb", "* * * * *", job)],
    ["an identifier that objects have", (c, job) => c.cron("toString", "* * * * *", job)],
    ["arguments that are no object", (c, job) => c.cron("x", "* * * * *", job, 5)],
    ["arguments that are null", (c, job) => c.cron("x", "* * * * *", job, [1])],
    ["arguments Convex cannot store", (c, job) => c.cron("x", "* * * * *", job, { a: new Set() })],
    [
      "a function of a component",
      (c, _, { s }) => c.cron("x", "* * * * *", s.componentsGeneric().a.b),
    ],
    ["a handle", (c) => c.cron("x", "* * * * *", "function://abc")],
    ["no function", (c) => c.cron("x", "* * * * *", {})],
  ])("[CRN3] %s", (_, call) => {
    const { value } = expectAlike(run(call)) as { value: { given: unknown[] } };
    expect(value.given).toEqual([{ message: expect.any(String) }]);
  });

  it("[CRN3] an identifier twice", () => {
    expectAlike(
      run(
        (c, job) => c.cron("x", "* * * * *", job),
        (c, job) => c.interval("x", { seconds: 5 }, job),
        (c, job) => c.cron("", "* * * * *", job),
      ),
    );
  });
});
