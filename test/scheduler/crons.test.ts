import { cronJobs as convexCronJobs } from "convex/server";
import { describe, expect, it } from "vitest";
import { CRONS } from "../../src/scheduler/ports";
import { cronJobs } from "../../src/server/crons";
import { manualClock } from "../../src/shared/manual-clock";
import { createRandom } from "../../src/shared/random";
import { action, FakeBackend, type FakeOptions, mutation, query } from "./fake-backend";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2025, 0, 1, 12, 30);

type Crons = ReturnType<typeof cronJobs>;

const crons = (define: (crons: Crons) => void) => {
  const defined = cronJobs();
  define(defined);
  return [{ component: "", exported: defined }];
};

const ref = (name: string) => name as never;

/** A backend whose `work.js:tick` mutation writes a row, and `work.js:call` is an action. */
function ticking(define: (crons: Crons) => void, options: FakeOptions = {}) {
  return new FakeBackend({
    clock: manualClock(start),
    crons: crons(define),
    ...options,
    functions: {
      "work.js:tick": mutation(({ tx, args }) => {
        tx.insert({ component: "", name: "rows" }, { at: tx.nowMs, args: args as never });
      }),
      "work.js:fail": mutation(() => {
        throw new Error("boom");
      }),
      "work.js:call": action(() => {}),
      "work.js:read": query(() => null),
      ...options.functions,
    },
  });
}

const iso = (ms: unknown) => new Date(ms as number).toISOString().slice(0, 16);
const ticks = (backend: FakeBackend) => backend.rows("rows").map(({ at }) => iso(at));
const stored = (backend: FakeBackend) => backend.rows(CRONS);

describe("crons", () => {
  it("[CRON13] all six forms run at their times, in order, over a simulated month", async () => {
    const backend = ticking((defined) => {
      defined.interval("interval", { hours: 24 * 7 }, ref("work:tick"));
      defined.hourly("hourly", { minuteUTC: 15 }, ref("work:call"));
      defined.daily("daily", { hourUTC: 6 }, ref("work:call"));
      defined.weekly(
        "weekly",
        { dayOfWeek: "monday", hourUTC: 9, minuteUTC: 30 },
        ref("work:call"),
      );
      defined.monthly("monthly", { day: 1, hourUTC: 0 }, ref("work:call"));
      defined.cron("cron", "0 12 L * *", ref("work:call"));
    });
    const report = await backend.advance({ days: 31 });
    const of = (identifier: string) =>
      report.runs.filter(
        ({ trigger }) => trigger.kind === "cron" && trigger.identifier === identifier,
      );
    const times = (identifier: string) => of(identifier).map(({ startedAt }) => iso(startedAt));
    expect(times("interval")).toEqual([
      "2025-01-01T12:30",
      "2025-01-08T12:30",
      "2025-01-15T12:30",
      "2025-01-22T12:30",
      "2025-01-29T12:30",
    ]);
    expect(of("hourly")).toHaveLength(31 * 24);
    expect(times("hourly")[0]).toBe("2025-01-01T13:15");
    expect(of("daily")).toHaveLength(31);
    expect(times("weekly")[0]).toBe("2025-01-06T09:30");
    expect(of("weekly")).toHaveLength(4);
    expect(times("monthly")).toEqual(["2025-02-01T00:00"]);
    expect(times("cron")).toEqual(["2025-01-31T12:00"]);
    const starts = report.runs.map(({ startedAt }) => startedAt);
    expect(starts).toEqual([...starts].sort((left, right) => left - right));
    expect(report.runs.every(({ outcome }) => outcome === "success")).toBe(true);
  });

  it("[CRON13] the crons of the real convex package are read as well", async () => {
    const defined = convexCronJobs();
    defined.interval("sweep", { minutes: 1 }, ref("work:tick"), { deep: [1n] } as never);
    const backend = ticking(() => {}, { crons: [{ component: "", exported: defined }] });
    await backend.advance({ minutes: 1 });
    expect(backend.rows("rows").map(({ args }) => args)).toEqual([{ deep: [1n] }, { deep: [1n] }]);
  });

  it("[CRON13] are written as Convex names functions, and run without arguments by default", async () => {
    const backend = ticking((defined) => defined.hourly("tick", {}, ref("work:tick")));
    await backend.scheduler.ready;
    expect(stored(backend)).toMatchObject([
      { identifier: "tick", name: "work.js:tick", args: [{}] },
    ]);
    const { runs } = await backend.advance({ hours: 1 });
    expect(runs).toMatchObject([
      {
        function: "work.js:tick",
        trigger: { kind: "cron", identifier: "tick" },
        dueAt: Date.UTC(2025, 0, 1, 13),
      },
    ]);
  });

  it("[CRON14] a failing mutation changes nothing and runs again at the next time", async () => {
    const backend = ticking((defined) =>
      defined.interval("fails", { minutes: 1 }, ref("work:fail")),
    );
    const { runs } = await backend.advance({ minutes: 3 });
    expect(runs.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "failed", "failed"]);
    expect(backend.notices).toHaveLength(4);
    expect(backend.notices[0]).toMatchObject({
      level: "ERROR",
      message: 'Cron job "fails" work.js:fail failed: Uncaught Error: boom',
    });
    expect(stored(backend)[0]).toMatchObject({ isRunning: false, nextTime: start + 4 * minute });
  });

  it("[CRON14] a mutation's effects and its next time commit together", async () => {
    const backend = ticking((defined) =>
      defined.interval("tick", { minutes: 1 }, ref("work:tick")),
    );
    await backend.scheduler.ready;
    const commits: string[] = [];
    const original = backend.scheduler.onCommit.bind(backend.scheduler);
    backend.scheduler.onCommit = (changes) => {
      const [cron] = stored(backend);
      commits.push(`${backend.rows("rows").length} rows, next ${iso(cron?.nextTime)}`);
      original(changes);
    };
    await backend.advance({ minutes: 1 });
    expect(commits).toEqual(["1 rows, next 2025-01-01T12:31", "2 rows, next 2025-01-01T12:32"]);
  });

  it("[CRON15] never overlaps itself; what passed meanwhile is skipped and said", async () => {
    const clock = manualClock(start);
    let running = 0;
    const backend = ticking(
      (defined) => defined.interval("slow", { minutes: 1 }, ref("work:slow")),
      {
        clock: { now: () => now, schedule: (atMs, wake) => clock.schedule(atMs, wake) },
        functions: {
          "work.js:slow": action(async () => {
            running++;
            expect(running).toBe(1);
            now += 150_000; // takes two and a half minutes
            await Promise.resolve();
            running--;
          }),
        },
      },
    );
    let now = start;
    await backend.scheduler.runDue();
    const [cron] = stored(backend);
    expect(cron?.nextTime).toBe(start + 3 * minute);
    expect(backend.notices.map(({ message }) => message)).toEqual([
      "Skipping 2 run(s) of job slow because multiple scheduled runs are in the past",
    ]);
    expect(backend.scheduler.nextDue).toBe(start + 3 * minute);
  });

  it("[CRON16] an action is run once per occurrence, also when the process dies in it", async () => {
    let runs = 0;
    const backend = ticking((defined) => defined.interval("call", { hours: 1 }, ref("work:hang")), {
      functions: {
        "work.js:hang": action(() => {
          runs++;
          return runs === 1 ? new Promise(() => {}) : undefined;
        }),
      },
    });
    void backend.settle();
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    expect(stored(backend)[0]).toMatchObject({ isRunning: true });
    const next = backend.crash();
    await next.scheduler.ready;
    expect(stored(next)[0]).toMatchObject({
      isRunning: false,
      nextTime: start + hour,
      runs: [{ error: "Transient error while executing action" }],
    });
    await next.advance({ hours: 1 });
    expect(runs).toBe(2);
  });

  it("[CRON17] after a long stop a cron runs once at once, then goes on in its cadence", async () => {
    const define = (defined: Crons) => {
      defined.interval("interval", { hours: 1 }, ref("work:tick"), { form: "interval" } as never);
      defined.daily("daily", { hourUTC: 6 }, ref("work:tick"), { form: "daily" } as never);
    };
    const backend = ticking(define);
    await backend.settle();
    const next = backend.crash({ clock: manualClock(start + 3 * day + 10 * minute) });
    const { runs } = await next.advance({ hours: 1 });
    expect(
      runs.map(({ trigger, startedAt }) => [
        (trigger as { identifier: string }).identifier,
        iso(startedAt),
      ]),
    ).toEqual([
      ["interval", "2025-01-04T12:40"],
      ["daily", "2025-01-04T12:40"],
      ["interval", "2025-01-04T13:30"],
    ]);
    expect(next.notices.map(({ message }) => message)).toEqual([
      "Skipping 71 run(s) of job interval because multiple scheduled runs are in the past",
    ]);
  });

  it("[CRON18] on restart: the same spec keeps its time, a changed schedule starts anew, a removed one is gone", async () => {
    const backend = ticking((defined) => {
      defined.interval("same", { hours: 2 }, ref("work:tick"));
      defined.interval("other args", { hours: 2 }, ref("work:tick"), { version: 1 } as never);
      defined.interval("faster", { hours: 2 }, ref("work:tick"));
      defined.daily("removed", { hourUTC: 1 }, ref("work:tick"));
    });
    await backend.advance({ minutes: 30 });
    const next = backend.crash({
      crons: crons((defined) => {
        defined.interval("same", { hours: 2 }, ref("work:tick"));
        defined.interval("other args", { hours: 2 }, ref("work:call"), { version: 2 } as never);
        defined.interval("faster", { minutes: 20 }, ref("work:tick"));
        defined.hourly("added", {}, ref("work:tick"));
      }),
    });
    await next.scheduler.ready;
    const at = Object.fromEntries(
      stored(next).map((cron) => [cron.identifier, iso(cron.nextTime)]),
    );
    expect(at).toEqual({
      same: "2025-01-01T14:30",
      "other args": "2025-01-01T14:30",
      faster: "2025-01-01T13:00",
      added: "2025-01-01T14:00",
    });
    expect(stored(next).find(({ identifier }) => identifier === "other args")).toMatchObject({
      name: "work.js:call",
      args: [{ version: 2 }],
    });
    const unchanged = next.crash();
    await unchanged.scheduler.ready;
    expect(stored(unchanged)).toEqual(stored(next));
  });

  it("[CRON18] a backend started without crons forgets those it had", async () => {
    const backend = ticking((defined) => defined.interval("gone", { hours: 1 }, ref("work:tick")));
    await backend.settle();
    const next = backend.crash({ crons: [] });
    expect((await next.advance({ days: 1 })).runs).toEqual([]);
    expect(stored(next)).toEqual([]);
  });

  it("[CRON19] every component instance has crons of its own", async () => {
    const defined = cronJobs();
    defined.interval("sweep", { hours: 1 }, ref("jobs:sweep"));
    const backend = new FakeBackend({
      clock: manualClock(start),
      components: ["", "left", "right"],
      crons: [
        { component: "left", exported: defined },
        { component: "right", exported: defined },
      ],
      functions: {
        "left/jobs.js:sweep": mutation(() => {}),
        "right/jobs.js:sweep": mutation(() => {}),
      },
    });
    const { runs } = await backend.settle();
    expect(runs.map(({ component, outcome }) => [component, outcome])).toEqual([
      ["left", "success"],
      ["right", "success"],
    ]);
    expect(backend.rows(CRONS)).toEqual([]);
    expect(backend.rows(CRONS, "left")).toHaveLength(1);
  });

  it("[CRON20] splay is off by default; switched on, it is drawn once and kept", async () => {
    const define = (defined: Crons) => defined.daily("daily", { hourUTC: 6 }, ref("work:tick"));
    const plain = ticking(define);
    await plain.scheduler.ready;
    expect(stored(plain)).toMatchObject([{ splayMs: 0, nextTime: Date.UTC(2025, 0, 2, 6) }]);
    const splayed = ticking(define, { splay: true, random: createRandom("splay") });
    await splayed.scheduler.ready;
    const [before] = stored(splayed);
    expect(before?.splayMs).toBeGreaterThan(0);
    expect(before?.splayMs).toBeLessThan(hour);
    await splayed.advance({ days: 2 });
    const [after] = stored(splayed);
    expect(after?.splayMs).toBe(before?.splayMs);
    expect((after?.nextTime as number) - (before?.nextTime as number)).toBe(2 * day);
    expect(ticks(splayed)).toHaveLength(2);
  });

  it("[CRON21] the last five runs are remembered, their texts cut", async () => {
    const backend = ticking(
      (defined) => defined.interval("fails", { minutes: 1 }, ref("work:long")),
      {
        functions: {
          "work.js:long": mutation(() => {
            throw new Error("x".repeat(5000));
          }),
        },
      },
    );
    await backend.advance({ minutes: 9 });
    const runs = stored(backend)[0]?.runs as { dueTime: number; error: string }[];
    expect(runs.map(({ dueTime }) => iso(dueTime).slice(11))).toEqual([
      "12:35",
      "12:36",
      "12:37",
      "12:38",
      "12:39",
    ]);
    expect(runs.every(({ error }) => error.length === 1000)).toBe(true);
  });

  it.each([
    ["missing", "The cron job 'bad' schedules a function that does not exist: work.js:missing"],
    [
      "read",
      "The cron job 'bad' schedules a query function, only actions and mutations can be scheduled: work.js:read",
    ],
  ])("[CRON22] a cron of work:%s is refused at start", async (name, text) => {
    const backend = ticking((defined) =>
      defined.interval("bad", { hours: 1 }, ref(`work:${name}`)),
    );
    await expect(backend.scheduler.ready).rejects.toThrow(text);
  });

  it.each([
    [null],
    [{}],
    [{ isCrons: true }],
    [{ isCrons: true, export: () => "[1]" }],
    [{ isCrons: true, export: () => '{"a":{"name":1}}' }],
    [
      {
        isCrons: true,
        export: () => '{"a":{"name":"work:tick","args":[{}],"schedule":{"type":"?"}}}',
      },
    ],
  ])("[CRON22] %j is no crons object", async (exported) => {
    const backend = ticking(() => {}, { crons: [{ component: "", exported }] });
    await expect(backend.scheduler.ready).rejects.toMatchObject({ code: "SchedulerInvalid" });
  });

  it("[CRON22] a damaged row stops the start with an error that names it", async () => {
    const backend = ticking((defined) => defined.interval("sweep", { hours: 1 }, ref("work:tick")));
    await backend.scheduler.ready;
    const id = stored(backend)[0]?._id ?? "";
    await backend.mutate(({ tx }) =>
      tx.patch({ component: "", name: CRONS }, id, { nextTime: "soon" }),
    );
    const next = backend.crash();
    await expect(next.scheduler.ready).rejects.toThrow(`Cron job ${id} is damaged: nextTime`);
  });
});
