import { afterEach, describe, expect, it, vi } from "vitest";
import { alarmClock } from "../../src/shared/alarm-clock";
import { isInvexError } from "../../src/shared/errors";
import { manualClock } from "../../src/shared/manual-clock";
import { systemClock } from "../../src/shared/system-clock";
import type { Value } from "../../src/values/value";
import { action, FakeBackend, type FakeOptions, mutation } from "./fake-backend";

const second = 1000;
const hour = 3_600_000;
const day = 86_400_000;

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function turns(count = 40): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

const note = mutation(({ tx, args }) => {
  tx.insert({ component: "", name: "rows" }, { text: args.text as Value });
});

function noting(options: FakeOptions = {}) {
  const functions = { "log.js:note": note, ...options.functions };
  return new FakeBackend({ clock: manualClock(0), ...options, functions });
}

const notes = (backend: FakeBackend) => backend.rows("rows").map((row) => row.text);

describe("advance", () => {
  it("[JOB19] runs what falls due, and what that schedules, each at its time, and reports it", async () => {
    const backend = noting({
      clock: manualClock("2025-01-01T00:00:00Z"),
      functions: {
        "a.js:start": mutation(async ({ scheduler, log }) => {
          log("starting");
          await scheduler.runAfter(2 * hour, "b:call", {});
        }),
        "b.js:call": action(async ({ scheduler }) => {
          await scheduler.runAfter(day, "c:finish", {});
        }),
        "c.js:finish": mutation(() => {
          throw new Error("no such row");
        }),
      },
    });
    const id = await backend.schedule("a:start", hour);
    const report = await backend.advance({ days: 3 });
    expect(report.from).toBe(Date.UTC(2025, 0, 1));
    expect(report.to).toBe(Date.UTC(2025, 0, 4));
    expect(report.runs[0]).toEqual({
      startedAt: Date.UTC(2025, 0, 1, 1),
      dueAt: Date.UTC(2025, 0, 1, 1),
      function: "a.js:start",
      component: "",
      trigger: { kind: "job", id },
      outcome: "success",
      logs: ["[LOG] 'starting'"],
    });
    expect(String(report)).toBe(
      [
        "2025-01-01T00:00:00.000Z to 2025-01-04T00:00:00.000Z: 3 runs",
        "2025-01-01T01:00:00.000Z  job a.js:start  success",
        "    [LOG] 'starting'",
        "2025-01-01T03:00:00.000Z  job b.js:call  success",
        "2025-01-02T03:00:00.000Z  job c.js:finish  failed: Uncaught Error: no such row",
      ].join("\n"),
    );
    expect(backend.clock.now()).toBe(Date.UTC(2025, 0, 4));
  });

  it("[JOB19] leaves what is due later for the next advance", async () => {
    const backend = noting();
    await backend.schedule("log:note", second, { text: "x" });
    expect((await backend.advance(second - 1)).runs).toEqual([]);
    expect((await backend.advance(1)).runs).toHaveLength(1);
    expect((await backend.advance({ weeks: 1 })).runs).toEqual([]);
  });

  it("[JOB19] runs one at a time, each to its end before time moves on", async () => {
    const events: string[] = [];
    const slow = (name: string) =>
      action(async ({ backend }) => {
        events.push(`${name} begins at ${backend.clock.now()}`);
        await turns();
        events.push(`${name} ends at ${backend.clock.now()}`);
      });
    const backend = noting({ functions: { "a.js:one": slow("one"), "a.js:two": slow("two") } });
    await backend.schedule("a:one", 10);
    await backend.schedule("a:two", 10);
    await backend.schedule("a:one", 11);
    await backend.advance(20);
    expect(events).toEqual([
      "one begins at 10",
      "one ends at 10",
      "two begins at 10",
      "two ends at 10",
      "one begins at 11",
      "one ends at 11",
    ]);
  });

  it("[JOB19] two backends on one clock run in order of time", async () => {
    const clock = manualClock(0);
    const order: string[] = [];
    const ordered = (name: string) =>
      new FakeBackend({
        clock,
        functions: { "a.js:mark": action(({ args }) => void order.push(`${name}${args.at}`)) },
      });
    const left = ordered("left");
    const right = ordered("right");
    for (const at of [10, 30, 50]) await left.schedule("a:mark", at, { at });
    for (const at of [20, 30, 40]) await right.schedule("a:mark", at, { at });
    const report = await left.advance(60);
    expect(order).toEqual(["left10", "right20", "left30", "right30", "right40", "left50"]);
    expect(report.runs).toHaveLength(3);
  });

  it("[JOB28] needs a manual clock and a proper duration", async () => {
    const backend = noting({ clock: systemClock() });
    await expect(backend.advance({ days: 1 })).rejects.toThrow("advance() moves a manual clock");
    await expect(noting().advance({ day: 1 } as never)).rejects.toThrow('Unknown unit "day"');
    await backend.scheduler.close();
  });

  it("[JOB28] one at a time, and not from inside a job", async () => {
    const inner: unknown[] = [];
    const backend = noting({
      functions: {
        "a.js:nested": action(async ({ backend: outer }) => {
          await outer.settle().catch((error) => inner.push(error.message));
        }),
      },
    });
    await backend.schedule("a:nested");
    const first = backend.advance(second);
    await expect(backend.settle()).rejects.toThrow("is still running");
    await first;
    expect(inner).toEqual([expect.stringContaining("cannot wait for the backend to settle")]);
    await backend.settle();
  });
});

describe("settle", () => {
  it("[JOB20] runs what is due now and what that schedules for now, and moves no clock", async () => {
    const backend = noting({
      functions: {
        "a.js:spread": mutation(async ({ scheduler }) => {
          await scheduler.runAfter(0, "log:note", { text: "now" });
          await scheduler.runAfter(1, "log:note", { text: "later" });
        }),
      },
    });
    await backend.schedule("a:spread");
    const report = await backend.settle();
    expect(report.runs.map((run) => run.function)).toEqual(["a.js:spread", "log.js:note"]);
    expect(notes(backend)).toEqual(["now"]);
    expect(report.to).toBe(report.from);
  });

  it("[JOB20] waits for what already runs", async () => {
    vi.useFakeTimers({ now: 0 });
    const { open, opened } = gate();
    const backend = noting({
      clock: systemClock(),
      functions: { "a.js:wait": action(() => opened) },
    });
    await backend.scheduler.ready;
    await backend.schedule("a:wait");
    await vi.advanceTimersByTimeAsync(0);
    let isSettled = false;
    const settled = backend.settle().then(() => {
      isSettled = true;
    });
    await turns();
    expect(isSettled).toBe(false);
    open();
    await settled;
    await backend.scheduler.close();
    vi.useRealTimers();
  });
});

describe("runaway", () => {
  const pingPong: FakeOptions = {
    functions: {
      "ping.js:go": mutation(({ scheduler }) => scheduler.runAfter(0, "pong:go", {})),
      "pong.js:go": action(({ scheduler }) => scheduler.runAfter(0, "ping:go", {})),
    },
    runaway: { perSecond: 100, perDrive: 1000 },
  };

  it("[JOB21] jobs that schedule each other without end stop settle with an error naming them", async () => {
    const backend = noting(pingPong);
    await backend.schedule("ping:go");
    const error: unknown = await backend.settle().catch((thrown) => thrown);
    expect(isInvexError(error) && error.code).toBe("SchedulerInvalid");
    expect((error as Error).message).toContain("ping.js:go → pong.js:go → ping.js:go");
    expect(isInvexError(error) && error.fields.runs).toBe(101);
  });

  it("[JOB21] the same for advance; the clock stays where it happened, and all goes on", async () => {
    const backend = noting(pingPong);
    await backend.schedule("log:note", 5, { text: "before" });
    await backend.schedule("ping:go", second);
    await backend.schedule("log:note", hour, { text: "after" });
    await expect(backend.advance({ days: 1 })).rejects.toThrow("keep scheduling more");
    expect(backend.clock.now()).toBe(second);
    expect(notes(backend)).toEqual(["before"]);
    for (const { _id, state } of backend.jobs()) {
      if (state.kind === "pending" && backend.job(_id)?.name !== "log.js:note")
        await backend.cancel(_id);
    }
    await backend.advance({ days: 1 });
    expect(notes(backend)).toEqual(["before", "after"]);
  });

  it("[JOB21] a chain that moves on too slowly to ever end is stopped as well", async () => {
    const backend = noting({
      functions: {
        "tick.js:go": mutation(({ scheduler }) => scheduler.runAfter(20, "tick:go", {})),
      },
      runaway: { perSecond: 100, perDrive: 1000 },
    });
    await backend.schedule("tick:go");
    await expect(backend.advance({ days: 1 })).rejects.toThrow("1001 runs so far");
  });

  it("[JOB21] many jobs, long chains over time and crons are no runaways", async () => {
    const backend = noting({
      functions: {
        "tick.js:go": mutation(({ scheduler }) => scheduler.runAfter(hour, "tick:go", {})),
      },
      runaway: { perSecond: 100, perDrive: 1000 },
    });
    for (let job = 0; job < 300; job++) await backend.schedule("log:note", 0, { text: "x" });
    await backend.schedule("tick:go");
    const report = await backend.advance({ days: 30 });
    expect(report.runs).toHaveLength(300 + 30 * 24 + 1);
  });
});

describe("waking", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[JOB18] an idle backend with many jobs arms exactly one timer", async () => {
    vi.useFakeTimers({ now: 0 });
    const backend = noting({ clock: systemClock() });
    await backend.scheduler.ready;
    expect(vi.getTimerCount()).toBe(0);
    await backend.mutate(async ({ scheduler }) => {
      for (let job = 0; job < 100; job++)
        await scheduler.runAfter(hour + job, "log:note", { text: "x" });
    });
    expect(vi.getTimerCount()).toBe(1);
    await backend.schedule("log:note", second, { text: "earlier" });
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(second);
    expect(notes(backend)).toEqual(["earlier"]);
    expect(vi.getTimerCount()).toBe(1);
    await backend.scheduler.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[JOB18] nothing runs inside the commit that schedules it", async () => {
    vi.useFakeTimers({ now: 0 });
    const backend = noting({ clock: systemClock() });
    await backend.scheduler.ready;
    const id = await backend.schedule("log:note", 0, { text: "x" });
    await turns();
    expect(backend.job(id)?.state.kind).toBe("pending");
    await vi.runAllTimersAsync();
    expect(backend.job(id)?.state.kind).toBe("success");
  });

  it("[JOB18] works under vitest's fake timers, however they are moved", async () => {
    vi.useFakeTimers({ now: 0 });
    const backend = noting({
      clock: systemClock(),
      functions: {
        "a.js:chain": action(async ({ scheduler }) => {
          await scheduler.runAfter(40 * day, "log:note", { text: "chained" });
        }),
      },
    });
    await backend.scheduler.ready;
    await backend.schedule("a:chain", second);
    await vi.advanceTimersByTimeAsync(second);
    expect(backend.jobs()).toHaveLength(2);
    vi.advanceTimersByTime(40 * day);
    await turns();
    expect(notes(backend)).toEqual(["chained"]);
    await backend.schedule("a:chain", second);
    await vi.runAllTimersAsync();
    expect(notes(backend)).toEqual(["chained", "chained"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[JOB18] retries wait on the clock as well", async () => {
    vi.useFakeTimers({ now: 0 });
    const backend = noting({ clock: systemClock() });
    await backend.scheduler.ready;
    let failures = 3;
    backend.onStep = (step) => {
      if (step === "resolve" && failures-- > 0) throw new Error("engine trouble");
    };
    await backend.schedule("log:note", 0, { text: "x" });
    await vi.runAllTimersAsync();
    expect(notes(backend)).toEqual(["x"]);
  });

  it("[JOB17] runs eight at once by default, or as many as it is told", async () => {
    for (const [parallelism, expected] of [
      [undefined, 8],
      [3, 3],
    ]) {
      const { open, opened } = gate();
      let running = 0;
      let most = 0;
      const backend = noting({
        ...(parallelism === undefined ? {} : { parallelism }),
        functions: {
          "a.js:wait": action(async () => {
            running++;
            most = Math.max(most, running);
            await opened;
            running--;
          }),
        },
      });
      for (let job = 0; job < 20; job++) await backend.schedule("a:wait");
      const done = backend.scheduler.runDue();
      await turns(200);
      expect(most).toBe(expected);
      open();
      await done;
      expect(backend.jobs().every(({ state }) => state.kind === "success")).toBe(true);
      expect(most).toBe(expected);
    }
  });

  it("[JOB17] starts in order of due time, and a slow one holds up nobody else", async () => {
    vi.useFakeTimers({ now: 0 });
    const started: unknown[] = [];
    const { open, opened } = gate();
    const backend = noting({
      clock: systemClock(),
      parallelism: 2,
      functions: {
        "a.js:wait": action(({ args }) => {
          started.push(args.name);
          return args.name === "slow" ? opened : undefined;
        }),
      },
    });
    await backend.scheduler.ready;
    for (const [name, delay] of [
      ["d", 4],
      ["slow", 1],
      ["c", 3],
      ["b", 2],
    ] as const) {
      await backend.schedule("a:wait", delay, { name });
    }
    await vi.advanceTimersByTimeAsync(10);
    expect(started).toEqual(["slow", "b", "c", "d"]);
    open();
    await backend.scheduler.close();
  });

  it("[JOB24] platforms with one alarm get the next due time out and call in", async () => {
    const platform = { nowMs: 0, alarm: undefined as number | undefined, writes: 0 };
    const clock = alarmClock({
      now: () => platform.nowMs,
      setAlarm: (atMs) => {
        platform.alarm = atMs;
        platform.writes++;
      },
    });
    const backend = noting({ clock });
    await backend.scheduler.ready;
    await backend.schedule("log:note", 2 * second, { text: "second" });
    await backend.schedule("log:note", second, { text: "first" });
    expect(platform.alarm).toBe(second);
    expect(platform.writes).toBe(2);
    expect(backend.scheduler.nextDue).toBe(second);
    platform.nowMs = second;
    await clock.fire();
    expect(notes(backend)).toEqual(["first"]);
    expect(platform.alarm).toBe(2 * second);
    // After an eviction: a new scheduler sets the alarm anew.
    const next = backend.crash();
    await next.scheduler.ready;
    platform.nowMs = 10 * second;
    await clock.fire();
    expect(notes(next)).toEqual(["first", "second"]);
    expect(next.scheduler.nextDue).toBeUndefined();
  });

  it("[JOB24] runDue runs what is due to its end", async () => {
    const backend = noting();
    await backend.schedule("log:note", 0, { text: "x" });
    await backend.scheduler.runDue();
    expect(notes(backend)).toEqual(["x"]);
  });
});

describe("close", () => {
  it("[JOB22] starts nothing more and leaves no timer", async () => {
    vi.useFakeTimers({ now: 0 });
    const backend = noting({ clock: systemClock() });
    await backend.schedule("log:note", second, { text: "never" });
    await backend.scheduler.close();
    await backend.scheduler.close();
    expect(vi.getTimerCount()).toBe(0);
    await backend.schedule("log:note", 0, { text: "never" });
    await vi.advanceTimersByTimeAsync(day);
    expect((await backend.settle()).runs).toEqual([]);
    expect(notes(backend)).toEqual([]);
    expect(backend.scheduler.nextDue).toBeUndefined();
    vi.useRealTimers();
  });

  it("[JOB22] waits for what runs, whose end is still written", async () => {
    const { open, opened } = gate();
    const backend = noting({ functions: { "a.js:wait": action(() => opened) } });
    const id = await backend.schedule("a:wait");
    await backend.schedule("log:note", 0, { text: "never" });
    void backend.settle();
    await turns();
    let isClosed = false;
    const closed = backend.scheduler.close().then(() => {
      isClosed = true;
    });
    await turns();
    expect(isClosed).toBe(false);
    open();
    await closed;
    expect(backend.job(id)?.state.kind).toBe("success");
    expect(notes(backend)).toEqual([]);
  });
});
