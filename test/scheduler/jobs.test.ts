import { describe, expect, it } from "vitest";
import { assertTransition, type JobStateKind, visibleJob } from "../../src/scheduler/job";
import { cronJobs } from "../../src/server/crons";
import { manualClock } from "../../src/shared/manual-clock";
import type { Value } from "../../src/values/value";
import { action, FakeBackend, type FakeOptions, mutation, query } from "./fake-backend";

const second = 1000;
const day = 86_400_000;

/** A promise to be settled from outside. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** A backend whose `log.js:note` mutation writes its `text` as a row. */
function noting(options: FakeOptions = {}) {
  const functions = {
    "log.js:note": mutation(({ tx, args }) => {
      tx.insert({ component: "", name: "rows" }, { text: args.text as Value, at: tx.nowMs });
    }),
    "log.js:fail": mutation(({ tx }) => {
      tx.insert({ component: "", name: "rows" }, { text: "never seen" });
      throw new Error("boom");
    }),
    ...options.functions,
  };
  return new FakeBackend({ clock: manualClock(0), ...options, functions });
}

const notes = (backend: FakeBackend) => backend.rows("rows").map((row) => row.text);

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe("running jobs", () => {
  it("[JOB1] in order of due time, ties in the order they were made", async () => {
    const backend = noting();
    await backend.schedule("log:note", 30, { text: "c" });
    await backend.schedule("log:note", 10, { text: "a1" });
    await backend.schedule("log:note", 10, { text: "a2" });
    await backend.schedule("log:note", 20, { text: "b" });
    await backend.advance(30);
    expect(backend.rows("rows").map(({ text, at }) => `${text}@${at}`)).toEqual([
      "a1@10",
      "a2@10",
      "b@20",
      "c@30",
    ]);
  });

  it("[JOB1] over all components alike", async () => {
    const backend = noting({
      components: ["", "left", "right"],
      functions: { "left/a.js:go": mutation(() => {}), "right/a.js:go": mutation(() => {}) },
    });
    for (const [component, delay] of [
      ["left", 30],
      ["right", 20],
      ["left", 10],
    ] as const) {
      await backend.mutate(({ scheduler }) => scheduler.runAfter(delay, "a:go"), component);
    }
    const { runs } = await backend.advance(30);
    expect(runs.map(({ component, startedAt }) => `${component}@${startedAt}`)).toEqual([
      "left@10",
      "right@20",
      "left@30",
    ]);
    expect(backend.jobs("left")).toHaveLength(2);
  });

  it("[JOB1] never early, and with a delay of 0 right after the commit", async () => {
    const backend = noting();
    await backend.schedule("log:note", 1000.5, { text: "later" });
    await backend.mutate(async ({ scheduler }) => {
      await scheduler.runAfter(0, "log:note", { text: "now" });
      await backend.settle();
      expect(notes(backend)).toEqual([]);
    });
    await backend.settle();
    expect(notes(backend)).toEqual(["now"]);
    await backend.advance(1000);
    expect(notes(backend)).toEqual(["now"]);
    await backend.advance(1);
    expect(notes(backend)).toEqual(["now", "later"]);
  });

  it("[JOB2] runAfter and runAt check their times in Convex's words", async () => {
    const backend = noting();
    const attempt = (call: (scheduler: never) => Promise<unknown>) =>
      backend.mutate(({ scheduler }) => call(scheduler as never));
    const runAfter = (delay: unknown) =>
      attempt((scheduler: { runAfter: (...args: unknown[]) => Promise<unknown> }) =>
        scheduler.runAfter(delay, "log:note"),
      );
    const runAt = (when: unknown) =>
      attempt((scheduler: { runAt: (...args: unknown[]) => Promise<unknown> }) =>
        scheduler.runAt(when, "log:note"),
      );
    await expect(runAfter("1")).rejects.toThrow("`delayMs` must be a number");
    await expect(runAfter(Number.NaN)).rejects.toThrow("`delayMs` must be a finite number");
    await expect(runAfter(-1)).rejects.toThrow("`delayMs` must be non-negative");
    await expect(runAt("tomorrow")).rejects.toThrow("The invoke time must a Date or a timestamp");
    await expect(runAt(5.5 * 366 * day)).rejects.toThrow(/is more than 5 years in the future$/);
    await expect(runAt(new Date(-5.5 * 366 * day))).rejects.toThrow(
      /is more than 5 years in the past$/,
    );
    await runAt(new Date(5 * 366 * day));
    await runAt(-5 * 366 * day);
    expect(backend.jobs()).toHaveLength(2);
  });

  it("[JOB3] what does not exist cannot be scheduled", async () => {
    const backend = noting();
    await expect(backend.schedule("nowhere:fn")).rejects.toThrow("nonexistent path");
    expect(backend.jobs()).toEqual([]);
  });

  it("[JOB4] scheduling is part of the transaction", async () => {
    const backend = noting();
    const failing = backend.mutate(async ({ scheduler }) => {
      await scheduler.runAfter(0, "log:note", { text: "ghost" });
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    const report = await backend.advance({ days: 1 });
    expect(report.runs).toEqual([]);
    expect(backend.jobs()).toEqual([]);
  });

  it("[JOB4] what an action schedules survives its failure", async () => {
    const backend = noting({
      functions: {
        "log.js:act": action(async ({ scheduler }) => {
          await scheduler.runAfter(0, "log:note", { text: "kept" });
          throw new Error("later failure");
        }),
      },
    });
    await backend.schedule("log:act");
    await backend.settle();
    expect(notes(backend)).toEqual(["kept"]);
  });

  it("[JOB5] a time in the past runs at once, behind what was due before it was made", async () => {
    const backend = noting();
    await backend.schedule("log:note", 5, { text: "due before" });
    const late = new FakeBackend({ clock: manualClock(day) }, backend);
    const id = await late.mutate(({ scheduler }) =>
      scheduler.runAt(1, "log:note", { text: "asked for 1" }),
    );
    expect(late.job(id)?.scheduledTime).toBe(1);
    await late.settle();
    expect(notes(late)).toEqual(["due before", "asked for 1"]);
    expect(late.job(id)?.scheduledTime).toBe(1);
  });

  it("[JOB6] a job is a document of Convex's shape", async () => {
    const backend = noting();
    const id = await backend.schedule("log:note", 1500.25, { text: "x" });
    expect(backend.job(id)).toEqual({
      _id: id,
      _creationTime: expect.any(Number),
      name: "log.js:note",
      args: [{ text: "x" }],
      scheduledTime: 1500.25,
      state: { kind: "pending" },
    });
    await backend.advance({ seconds: 2 });
    expect(backend.job(id)).toMatchObject({ state: { kind: "success" }, completedTime: 1500.25 });
  });

  it("[JOB6] what users see does not say which component the function is in", async () => {
    const backend = noting({
      components: ["", "mail"],
      functions: { "mail/out.js:send": mutation(({ log }) => log("sent")) },
    });
    const id = await backend.mutate(({ scheduler }) =>
      scheduler.runAfter(0, { [Symbol.for("toReferencePath")]: "_reference/mail/out:send" }),
    );
    const stored = backend.job(id) as never;
    expect(stored).toMatchObject({ name: "out.js:send", component: "mail" });
    expect(visibleJob(stored)).not.toHaveProperty("component");
    const report = await backend.settle();
    expect(report.runs).toMatchObject([
      { component: "mail", outcome: "success", logs: ["[LOG] 'sent'"] },
    ]);
  });

  it("[JOB6] arguments are those of the time of scheduling", async () => {
    const backend = noting();
    const args = { text: "before" };
    await backend.mutate(({ scheduler }) => scheduler.runAfter(0, "log:note", args));
    args.text = "after";
    await backend.settle();
    expect(notes(backend)).toEqual(["before"]);
  });
});

describe("mutations", () => {
  it("[JOB7] are seen as pending, then as done, with their effects in the same commit", async () => {
    const seen: string[] = [];
    let id = "";
    const backend = noting({
      functions: {
        "log.js:slow": mutation(async ({ backend: outside, tx }) => {
          tx.insert({ component: "", name: "rows" }, { text: "effect" });
          await turns();
          seen.push(`meanwhile:${outside.job(id)?.state.kind}:${outside.rows("rows").length}`);
        }),
      },
    });
    id = await backend.schedule("log:slow");
    const original = backend.scheduler.onCommit.bind(backend.scheduler);
    backend.scheduler.onCommit = (changes) => {
      seen.push(`commit:${backend.job(id)?.state.kind}:${backend.rows("rows").length}`);
      original(changes);
    };
    await backend.settle();
    expect(seen).toEqual(["meanwhile:pending:0", "commit:success:1"]);
  });

  it("[JOB7] see themselves in progress", async () => {
    let inside: unknown;
    const backend = noting({
      functions: {
        "log.js:look": mutation(({ tx }) => {
          inside = [...tx.list({ component: "", name: "_scheduled_functions" })].map(
            ({ state }) => state,
          );
        }),
      },
    });
    await backend.schedule("log:look");
    await backend.settle();
    expect(inside).toEqual([{ kind: "inProgress" }]);
  });

  it("[JOB8] that throw fail with the error's text, leave nothing and are not run again", async () => {
    const backend = noting();
    const id = await backend.schedule("log:fail");
    const report = await backend.advance({ days: 1 });
    expect(report.runs).toMatchObject([{ outcome: "failed", error: "Uncaught Error: boom\n" }]);
    expect(backend.job(id)).toMatchObject({
      state: { kind: "failed", error: "Uncaught Error: boom\n" },
      completedTime: 0,
    });
    expect(notes(backend)).toEqual([]);
    expect(backend.notices).toMatchObject([{ level: "ERROR", function: "log.js:fail" }]);
  });

  it("[JOB8] the scheduler goes on after a failure", async () => {
    const backend = noting();
    await backend.schedule("log:fail");
    await backend.schedule("log:note", 0, { text: "next" });
    await backend.settle();
    expect(notes(backend)).toEqual(["next"]);
  });

  it("[JOB7] that lose a conflict run again and count once", async () => {
    let attempts = 0;
    const backend = noting({
      functions: {
        "log.js:increment": mutation(async ({ tx, args }) => {
          attempts++;
          const table = { component: "", name: "rows" };
          const row = tx.get(table, args.row as string);
          await turns();
          tx.patch(table, args.row as string, { count: (row?.count as number) + 1 });
        }),
      },
    });
    const row = await backend.mutate(({ tx }) =>
      tx.insert({ component: "", name: "rows" }, { count: 0 }),
    );
    await backend.scheduler.ready;
    for (let job = 0; job < 6; job++) await backend.schedule("log:increment", 0, { row });
    await backend.scheduler.runDue();
    expect(backend.rows("rows")).toMatchObject([{ count: 6 }]);
    expect(attempts).toBeGreaterThan(6);
  });
});

describe("actions", () => {
  it("[JOB9] are in progress while they run, then done", async () => {
    const { open, opened } = gate();
    const backend = noting({ functions: { "log.js:act": action(() => opened) } });
    const id = await backend.schedule("log:act");
    const settled = backend.settle();
    await turns();
    expect(backend.job(id)?.state).toEqual({ kind: "inProgress" });
    expect(backend.job(id)).not.toHaveProperty("completedTime");
    open();
    await settled;
    expect(backend.job(id)).toMatchObject({ state: { kind: "success" }, completedTime: 0 });
  });

  it("[JOB9] that throw fail and are not run again", async () => {
    let runs = 0;
    const backend = noting({
      functions: {
        "log.js:act": action(() => {
          runs++;
          throw new Error("no network");
        }),
      },
    });
    const id = await backend.schedule("log:act");
    await backend.advance({ days: 1 });
    expect(runs).toBe(1);
    expect(backend.job(id)?.state).toEqual({
      kind: "failed",
      error: "Uncaught Error: no network\n",
    });
  });

  it("[JOB10] interrupted by a crash are failed with Convex's text and never run again", async () => {
    let runs = 0;
    const backend = noting({
      functions: {
        "log.js:act": action(async () => {
          runs++;
          await new Promise(() => {});
        }),
      },
    });
    const id = await backend.schedule("log:act");
    void backend.settle();
    await turns();
    const next = backend.crash();
    await next.scheduler.ready;
    expect(next.job(id)).toMatchObject({
      state: { kind: "failed", error: "Transient error while executing action" },
      completedTime: 0,
    });
    await next.advance({ days: 1 });
    expect(runs).toBe(1);
  });

  it("[JOB10] a mutation interrupted by a crash runs after it, and once", async () => {
    const backend = noting();
    let crashing = true;
    backend.onStep = (step) => {
      if (step === "commit" && crashing && backend.jobs().length > 0) backend.isDead = true;
    };
    const id = await backend.schedule("log:note", 0, { text: "once" });
    void backend.settle();
    await turns();
    expect(backend.job(id)?.state.kind).toBe("pending");
    crashing = false;
    const next = backend.crash();
    await next.settle();
    expect(notes(next)).toEqual(["once"]);
    const third = next.crash();
    await third.settle();
    expect(notes(third)).toEqual(["once"]);
  });
});

describe("what is not the function's fault", () => {
  it("[JOB11] is retried with growing delays until it works", async () => {
    const backend = noting();
    let failures = 5;
    backend.onStep = (step) => {
      if (step === "resolve" && failures-- > 0) throw new Error("engine trouble");
    };
    await backend.schedule("log:note", 0, { text: "at last" });
    const report = await backend.advance({ minutes: 1 });
    expect(report.runs.map(({ outcome }) => outcome)).toEqual([
      "retried",
      "retried",
      "retried",
      "retried",
      "retried",
      "success",
    ]);
    const starts = report.runs.map(({ startedAt }) => startedAt);
    const delays = starts.slice(1).map((start, at) => start - (starts[at] ?? 0));
    delays.forEach((delay, attempt) => {
      expect(delay).toBeGreaterThanOrEqual(250 * 2 ** attempt);
      expect(delay).toBeLessThanOrEqual(500 * 2 ** attempt);
    });
    expect(notes(backend)).toEqual(["at last"]);
    expect(backend.notices).toHaveLength(5);
  });

  it("[JOB11] success starts the delays afresh", async () => {
    const crons = cronJobs();
    crons.interval("note", { hours: 1 }, "log:note" as never, { text: "x" } as never);
    const backend = noting({ crons: [{ component: "", exported: crons }] });
    await backend.advance({ minutes: 30 });
    let failures = 0;
    backend.onStep = (step) => {
      if (step === "resolve" && failures-- > 0) throw new Error("engine trouble");
    };
    const firstDelays: number[] = [];
    for (let round = 0; round < 3; round++) {
      failures = 4;
      const { runs } = await backend.advance({ hours: 1 });
      firstDelays.push((runs[1]?.startedAt ?? 0) - (runs[0]?.startedAt ?? 0));
    }
    for (const delay of firstDelays) expect(delay).toBeLessThanOrEqual(500);
  });

  it("[JOB11] delays stop growing at two hours", async () => {
    const backend = noting();
    backend.onStep = (step) => {
      if (step === "resolve") throw new Error("for good");
    };
    await backend.schedule("log:note");
    const { runs } = await backend.advance({ days: 2 });
    const last = (runs.at(-1)?.startedAt ?? 0) - (runs.at(-2)?.startedAt ?? 0);
    expect(last).toBeGreaterThanOrEqual(3_600_000);
    expect(last).toBeLessThanOrEqual(7_200_000);
  });

  it("[JOB11] an action that ran is not run again when its end could not be written", async () => {
    let runs = 0;
    const backend = noting({
      functions: {
        "log.js:act": action(() => {
          runs++;
          failing = true;
        }),
      },
    });
    let failing = false;
    backend.onStep = (step) => {
      if (step === "transact" && failing) throw new Error("disk is busy");
    };
    const id = await backend.schedule("log:act");
    await backend.advance({ seconds: 10 });
    expect(backend.job(id)?.state.kind).toBe("inProgress");
    failing = false;
    await backend.advance({ minutes: 1 });
    expect(backend.job(id)?.state.kind).toBe("success");
    expect(runs).toBe(1);
  });
});

describe("what cannot run", () => {
  it("[JOB12] a query fails when it is its turn", async () => {
    const backend = noting({ functions: { "log.js:read": query(() => null) } });
    const id = await backend.schedule("log:read");
    await backend.settle();
    const state = backend.job(id)?.state;
    expect(state?.kind).toBe("failed");
    expect(state).toMatchObject({ error: expect.stringContaining("Unsupported function type") });
    expect(state).toMatchObject({
      error: expect.stringContaining("Only Mutation and Action can be scheduled"),
    });
  });

  it("[JOB12] a function that is gone by then fails with its text", async () => {
    const backend = noting();
    const id = await backend.schedule("log:note");
    backend.functions.delete("log.js:note");
    await backend.settle();
    expect(backend.job(id)?.state).toEqual({
      kind: "failed",
      error: 'Couldn\'t find "log.js:note".\n',
    });
  });
});

describe("cancelling", () => {
  it("[JOB13] a pending job never runs", async () => {
    const backend = noting();
    const id = await backend.schedule("log:note", second, { text: "never" });
    await backend.advance(500);
    await backend.cancel(id);
    expect(backend.job(id)).toMatchObject({ state: { kind: "canceled" }, completedTime: 500 });
    expect((await backend.advance({ days: 1 })).runs).toEqual([]);
  });

  it("[JOB13] is transactional, also for a job of the same transaction", async () => {
    const backend = noting();
    const id = await backend.schedule("log:note", 0, { text: "stays" });
    const failing = backend.mutate(async ({ scheduler }) => {
      await scheduler.cancel(id);
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    await backend.mutate(async ({ scheduler }) => {
      const own = await scheduler.runAfter(0, "log:note", { text: "undone" });
      await scheduler.cancel(own);
    });
    await backend.settle();
    expect(notes(backend)).toEqual(["stays"]);
  });

  it("[JOB13] a finished or missing job is left alone", async () => {
    const backend = noting();
    const done = await backend.schedule("log:note", 0, { text: "x" });
    const failed = await backend.schedule("log:fail");
    await backend.settle();
    const before = [backend.job(done), backend.job(failed)];
    await backend.cancel(done);
    await backend.cancel(failed);
    await backend.cancel(backend.newId("_scheduled_functions"));
    expect([backend.job(done), backend.job(failed)]).toEqual(before);
  });

  it("[JOB13] refuses other ids in Convex's words", async () => {
    const backend = noting();
    await expect(backend.cancel(backend.newId("rows"))).rejects.toThrow(
      "Invalid scheduled function ID. The ID must be an ID on the '_scheduled_functions' table.",
    );
    await expect(backend.cancel("zzz")).rejects.toThrow(
      "Invalid argument `id` for `db.cancel_job`: Unable to decode ID: ",
    );
    await expect(backend.cancel(undefined as never)).rejects.toThrow(
      "Must provide arg 1 `id` to `cancel`",
    );
  });

  it("[JOB14] what a canceled action goes on to schedule is canceled from the start", async () => {
    const { open, opened } = gate();
    const made: Record<string, string> = {};
    const backend = noting({
      functions: {
        "log.js:act": action(async ({ scheduler }) => {
          made.before = await scheduler.runAfter(0, "log:note", { text: "before" });
          await opened;
          made.after = await scheduler.runAfter(0, "log:note", { text: "after" });
        }),
      },
    });
    const id = await backend.schedule("log:act");
    const settled = backend.settle();
    await turns(40);
    await backend.cancel(id);
    open();
    const report = await settled;
    expect(report.runs).toMatchObject([
      { function: "log.js:act", outcome: "canceled" },
      { function: "log.js:note", outcome: "success" },
    ]);
    expect(backend.job(id)).toMatchObject({ state: { kind: "canceled" } });
    expect(backend.job(made.before ?? "")?.state.kind).toBe("success");
    expect(backend.job(made.after ?? "")).toMatchObject({
      state: { kind: "canceled" },
      completedTime: 0,
    });
    expect(notes(backend)).toEqual(["before"]);
  });

  it("[JOB15] a mutation racing with a cancel either counts whole or not at all", async () => {
    const { open, opened } = gate();
    const backend = noting({
      functions: {
        "log.js:slow": mutation(async ({ tx }) => {
          tx.insert({ component: "", name: "rows" }, { text: "effect" });
          await opened;
        }),
      },
    });
    const id = await backend.schedule("log:slow");
    const settled = backend.settle();
    await turns();
    await backend.cancel(id);
    open();
    const report = await settled;
    expect(report.runs).toEqual([]);
    expect(backend.job(id)?.state.kind).toBe("canceled");
    expect(notes(backend)).toEqual([]);
  });

  it("[JOB15] a failure does not overwrite a cancel", async () => {
    const { open, opened } = gate();
    const backend = noting({
      functions: {
        "log.js:slow": mutation(async () => {
          await opened;
          throw new Error("too late");
        }),
      },
    });
    const id = await backend.schedule("log:slow");
    const settled = backend.settle();
    await turns();
    await backend.cancel(id);
    open();
    await settled;
    expect(backend.job(id)?.state.kind).toBe("canceled");
  });

  it("[JOB15] a mutation that cancels itself is warned and goes on", async () => {
    const backend = noting({
      functions: {
        "log.js:self": mutation(async ({ scheduler, tx }) => {
          const [job] = tx.list({ component: "", name: "_scheduled_functions" });
          await scheduler.cancel(job?._id);
          tx.insert({ component: "", name: "rows" }, { text: "effect" });
        }),
      },
    });
    const id = await backend.schedule("log:self");
    const { runs } = await backend.settle();
    expect(runs[0]?.logs).toEqual([
      "[WARN] 'A scheduled mutation canceling itself is deprecated and will throw an error in a future version of Convex.'",
    ]);
    expect(backend.job(id)?.state.kind).toBe("success");
    expect(notes(backend)).toEqual(["effect"]);
  });
});

describe("states", () => {
  const kinds: JobStateKind[] = ["pending", "inProgress", "success", "failed", "canceled"];
  const legal = [
    "pending>inProgress",
    "pending>failed",
    "pending>canceled",
    "inProgress>success",
    "inProgress>failed",
    "inProgress>canceled",
  ];

  it("[JOB26] follow each other as the table says and not otherwise", () => {
    for (const from of kinds) {
      for (const to of kinds) {
        const move = () => assertTransition(from, to);
        if (legal.includes(`${from}>${to}`)) move();
        else expect(move, `${from}>${to}`).toThrow("a job cannot go from");
      }
    }
  });
});

describe("keeping and starting", () => {
  it("[JOB16] finished jobs are removed seven days after they finished", async () => {
    const backend = noting();
    const ids = [
      await backend.schedule("log:note", 0, { text: "x" }),
      await backend.schedule("log:fail"),
      await backend.schedule("log:note", day, { text: "y" }),
    ];
    await backend.advance(day);
    await backend.advance({ days: 6, milliseconds: -0 });
    expect(ids.map((id) => backend.job(id)?.state.kind)).toEqual([undefined, undefined, "success"]);
    await backend.advance(day - 1);
    expect(backend.jobs()).toHaveLength(1);
    await backend.advance(1);
    expect(backend.jobs()).toEqual([]);
  });

  it("[JOB16] removal asks for no wake of its own", async () => {
    const clock = manualClock(0);
    const backend = noting({ clock });
    await backend.schedule("log:note", 0, { text: "x" });
    await backend.settle();
    expect(clock.nextWake()).toBeUndefined();
    expect(backend.scheduler.nextDue).toBeUndefined();
  });

  it("[JOB16] many are removed, a failing removal is tried again later", async () => {
    const backend = noting();
    for (let job = 0; job < 600; job++) await backend.schedule("log:note", 0, { text: "x" });
    await backend.settle();
    backend.onStep = (step) => {
      if (step === "transact") throw new Error("disk is busy");
    };
    await backend.advance({ days: 7 });
    expect(backend.jobs()).toHaveLength(600);
    backend.onStep = () => {};
    await backend.advance({ minutes: 2 });
    expect(backend.jobs()).toEqual([]);
  });

  it("[JOB10] pending jobs survive a restart, overdue ones run first", async () => {
    const clock = manualClock(0);
    const backend = noting({ clock });
    await backend.schedule("log:note", 2 * day, { text: "future" });
    await backend.schedule("log:note", second, { text: "overdue 1" });
    await backend.schedule("log:note", 2 * second, { text: "overdue 2" });
    const next = backend.crash({ clock: manualClock(day) });
    await next.settle();
    expect(notes(next)).toEqual(["overdue 1", "overdue 2"]);
    await next.advance({ days: 1 });
    expect(notes(next)).toEqual(["overdue 1", "overdue 2", "future"]);
  });

  it("[JOB29] a damaged row stops the start with an error that names it", async () => {
    const backend = noting();
    const id = await backend.schedule("log:note", second);
    const table = { component: "", name: "_scheduled_functions" };
    await backend.mutate(({ tx }) => tx.patch(table, id, { state: { kind: "sleeping" } }));
    const next = backend.crash();
    await expect(next.scheduler.ready).rejects.toThrow(
      `Scheduled function ${id} is damaged: state`,
    );
    await expect(next.settle()).rejects.toThrow("damaged");
  });

  it("[JOB30] commits that arrive while a scheduler starts are not lost", async () => {
    const backend = noting();
    const { open, opened } = gate();
    const next = backend.crash();
    next.onStep = (step) => (step === "transact" ? opened : undefined);
    const id = await next.schedule("log:note", 0, { text: "early bird" });
    open();
    await next.settle();
    expect(next.job(id)?.state.kind).toBe("success");
  });

  it("[JOB23] a fork goes its own way, what ran is interrupted there", async () => {
    const { open, opened } = gate();
    const backend = noting({
      functions: {
        "log.js:act": action(() => opened),
        "log.js:slow": mutation(async ({ tx }) => {
          tx.insert({ component: "", name: "rows" }, { text: "slow" });
          await opened;
        }),
      },
    });
    const running = await backend.schedule("log:act");
    const slow = await backend.schedule("log:slow");
    const pending = await backend.schedule("log:note", second, { text: "pending" });
    const due = backend.scheduler.runDue();
    await turns();
    const fork = backend.fork(manualClock(0));
    open();
    await due;
    await fork.scheduler.ready;
    expect(fork.job(running)?.state).toEqual({
      kind: "failed",
      error: "Transient error while executing action",
    });
    expect(backend.job(running)?.state.kind).toBe("success");
    await fork.cancel(pending);
    await fork.settle();
    expect(fork.job(slow)?.state.kind).toBe("success");
    expect(notes(fork)).toEqual(["slow"]);
    await backend.advance(second);
    expect(notes(backend)).toEqual(["slow", "pending"]);
    fork.scheduler.checkInvariants();
    backend.scheduler.checkInvariants();
  });
});
