// The scheduler on the real engine: what the ports promise, seen through `createBackend`.

import { afterEach, describe, expect, it, vi } from "vitest";
import { createBackend, manualClock } from "../../src/index";
import { cronJobs } from "../../src/server/crons";
import {
  actionGeneric as action,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "../../src/server/registration";
import { v } from "../../src/values/v";

// biome-ignore lint/suspicious/noExplicitAny: handlers are untyped here; types are test/types' business
type Ctx = Record<string, any>;

const jobs = query({
  args: {},
  handler: async (ctx: Ctx) => ctx.db.system.query("_scheduled_functions").collect(),
});
const schedule = mutation({
  args: { name: v.string(), delay: v.optional(v.number()), args: v.optional(v.any()) },
  handler: async (ctx: Ctx, { name, delay, args }: Ctx) =>
    ctx.scheduler.runAfter(delay ?? 0, name, args ?? {}),
});
const cancel = mutation({
  args: { id: v.string() },
  handler: async (ctx: Ctx, { id }: Ctx) => ctx.scheduler.cancel(id),
});
const note = mutation({
  args: { text: v.string() },
  handler: async (ctx: Ctx, { text }: Ctx) => {
    await ctx.db.insert("notes", { text, identity: await ctx.auth.getUserIdentity() });
  },
});
const notes = query({
  args: {},
  handler: async (ctx: Ctx) => (await ctx.db.query("notes").collect()).map(({ text }: Ctx) => text),
});

function backendWith(more: Record<string, unknown> = {}, options: Record<string, unknown> = {}) {
  return createBackend({
    modules: { jobs: { jobs, schedule, cancel, note, notes, ...more } } as never,
    clock: manualClock("2025-01-01T00:00:00Z"),
    seed: "scheduler",
    onLog: () => {},
    ...options,
  } as never) as Ctx;
}

const kindsOf = (list: Ctx[]) => list.map(({ state }) => state.kind);

describe("jobs on the engine", () => {
  it("[JOB1] run after the commit, without identity, and can be read", async () => {
    const backend = backendWith();
    const id = await backend
      .withIdentity({ subject: "ann" })
      .mutation("jobs:schedule", { name: "jobs:note", delay: 500, args: { text: "hi" } });
    expect(await backend.query("jobs:jobs")).toEqual([
      {
        _id: id,
        _creationTime: expect.any(Number),
        name: "jobs.js:note",
        args: [{ text: "hi" }],
        scheduledTime: Date.UTC(2025, 0, 1) + 500,
        state: { kind: "pending" },
      },
    ]);
    const report = await backend.advance({ seconds: 1 });
    expect(report.runs).toMatchObject([{ function: "jobs.js:note", outcome: "success" }]);
    expect(await backend.query("jobs:notes")).toEqual(["hi"]);
    expect(await backend.query("jobs:jobs")).toMatchObject([
      { state: { kind: "success" }, completedTime: Date.UTC(2025, 0, 1) + 500 },
    ]);
  });

  it("[JOB6] subscriptions see every state once, a mutation never in progress", async () => {
    const seen: string[] = [];
    const backend = backendWith();
    backend.subscribe("jobs:jobs", {}, (list: Ctx[]) => seen.push(kindsOf(list).join()));
    await backend.settle();
    await backend.mutation("jobs:schedule", { name: "jobs:note", args: { text: "x" } });
    await backend.settle();
    expect(seen).toEqual(["", "pending", "success"]);
  });

  it("[JOB3] what does not exist is refused with Convex's texts", async () => {
    const backend = backendWith();
    const attempt = (name: string) => backend.mutation("jobs:schedule", { name });
    await expect(attempt("nowhere:fn")).rejects.toThrow(
      "Attempted to schedule function at nonexistent path: nowhere.js",
    );
    await expect(attempt("jobs:missing")).rejects.toThrow(
      "Attempted to schedule function, but no exported function missing found in the file: jobs.js. Did you forget to export it?",
    );
    expect(await backend.query("jobs:jobs")).toEqual([]);
  });

  it("[JOB4] a caught failure of a nested mutation takes its jobs with it", async () => {
    const backend = backendWith({
      nested: mutation({
        args: {},
        handler: async (ctx: Ctx) => {
          await ctx.scheduler.runAfter(0, "jobs:note", { text: "inner" });
          throw new Error("inner failure");
        },
      }),
      outer: mutation({
        args: {},
        handler: async (ctx: Ctx) => {
          await ctx.scheduler.runAfter(0, "jobs:note", { text: "outer" });
          await ctx.runMutation("jobs:nested", {}).catch(() => {});
        },
      }),
    });
    await backend.mutation("jobs:outer");
    await backend.settle();
    expect(await backend.query("jobs:notes")).toEqual(["outer"]);
  });

  it("[JOB8] a mutation that throws after writing leaves its failure only", async () => {
    const backend = backendWith({
      bad: mutation({
        args: {},
        handler: async (ctx: Ctx) => {
          await ctx.db.insert("notes", { text: "ghost" });
          throw new Error("boom");
        },
      }),
    });
    await backend.mutation("jobs:schedule", { name: "jobs:bad" });
    await backend.settle();
    const [job] = await backend.query("jobs:jobs");
    expect(job.state).toEqual({
      kind: "failed",
      error: expect.stringMatching(/^Uncaught Error: boom\n/),
    });
    expect(await backend.query("jobs:notes")).toEqual([]);
  });

  it("[JOB12] bad arguments and a query fail when it is their turn", async () => {
    const backend = backendWith();
    await backend.mutation("jobs:schedule", { name: "jobs:note", args: { text: 1 } });
    await backend.mutation("jobs:schedule", { name: "jobs:notes" });
    await backend.settle();
    const [badArgs, aQuery] = await backend.query("jobs:jobs");
    expect(badArgs.state.error).toContain("ArgumentValidationError");
    expect(aQuery.state.error).toContain("Only Mutation and Action can be scheduled");
  });

  it("[JOB9] an action is in progress while it runs and knows its job", async () => {
    const seen: unknown[] = [];
    const backend = backendWith({
      act: action({
        args: {},
        handler: async (ctx: Ctx) => {
          seen.push(kindsOf(await ctx.runQuery("jobs:jobs", {})));
        },
      }),
    });
    await backend.mutation("jobs:schedule", { name: "jobs:act" });
    await backend.settle();
    expect(seen).toEqual([["inProgress"]]);
    expect(kindsOf(await backend.query("jobs:jobs"))).toEqual(["success"]);
  });

  it("[JOB14] an action may be canceled from its own mutation; what it schedules then is canceled", async () => {
    const backend = backendWith({
      act: action({
        args: {},
        handler: async (ctx: Ctx) => {
          const [job] = await ctx.runQuery("jobs:jobs", {});
          await ctx.runMutation("jobs:cancel", { id: job._id });
          await ctx.scheduler.runAfter(0, "jobs:note", { text: "direct" });
          await ctx.runMutation("jobs:schedule", { name: "jobs:note", args: { text: "nested" } });
        },
      }),
    });
    await backend.mutation("jobs:schedule", { name: "jobs:act" });
    await backend.settle();
    expect(kindsOf(await backend.query("jobs:jobs"))).toEqual(["canceled", "canceled", "canceled"]);
    expect(await backend.query("jobs:notes")).toEqual([]);
  });

  it("[JOB13] cancel refuses ids of other tables and malformed ones", async () => {
    const backend = backendWith();
    const other = await backend.run((ctx: Ctx) => ctx.db.insert("notes", { text: "x" }));
    await expect(backend.mutation("jobs:cancel", { id: other })).rejects.toThrow(
      "Invalid scheduled function ID. The ID must be an ID on the '_scheduled_functions' table.",
    );
    await expect(backend.mutation("jobs:cancel", { id: "zzz" })).rejects.toThrow(
      "Invalid argument `id` for `db.cancel_job`: ",
    );
  });

  it("[JOB7] jobs that conflict each count once", async () => {
    const backend = backendWith({
      increment: mutation({
        args: {},
        handler: async (ctx: Ctx) => {
          const counter = await ctx.db.query("counters").first();
          for (let turn = 0; turn < 5; turn++) await undefined;
          if (counter === null) await ctx.db.insert("counters", { n: 1 });
          else await ctx.db.patch(counter._id, { n: counter.n + 1 });
        },
      }),
      count: query({
        args: {},
        handler: async (ctx: Ctx) =>
          (await ctx.db.query("counters").collect()).map(({ n }: Ctx) => n),
      }),
    });
    for (let job = 0; job < 20; job++)
      await backend.mutation("jobs:schedule", { name: "jobs:increment" });
    await backend.settle();
    expect(await backend.query("jobs:count")).toEqual([20]);
  });

  it("[JOB16] finished jobs go after seven days", async () => {
    const backend = backendWith();
    await backend.mutation("jobs:schedule", { name: "jobs:note", args: { text: "x" } });
    await backend.advance({ days: 6, hours: 23 });
    expect(await backend.query("jobs:jobs")).toHaveLength(1);
    await backend.advance({ hours: 1 });
    expect(await backend.query("jobs:jobs")).toEqual([]);
  });

  it("[JOB19] a chain of mutation, action, mutation and a cron over a year reads like a log", async () => {
    const crons = cronJobs();
    crons.monthly("bill", { day: 1, hourUTC: 6 }, "jobs:note" as never, { text: "bill" } as never);
    const link = (make: typeof mutation | typeof action, next: string, delay: number) =>
      (make as typeof mutation)({
        args: {},
        handler: async (ctx: Ctx) => {
          await ctx.scheduler.runAfter(delay, next, {});
        },
      });
    const hour = 3_600_000;
    const backend = createBackend({
      modules: {
        jobs: {
          schedule,
          note,
          notes,
          first: link(mutation, "jobs:second", hour),
          second: link(action, "jobs:third", hour),
          third: link(mutation, "jobs:first", 22 * hour),
        },
        crons: { default: crons },
      } as never,
      clock: manualClock("2025-01-01T00:00:00Z"),
      seed: "year",
    } as never) as Ctx;
    await backend.mutation("jobs:schedule", { name: "jobs:first" });
    const report = await backend.advance({ days: 365 });
    expect(report.runs).toHaveLength(3 * 365 + 1 + 12);
    expect(String(report).split("\n").slice(1, 4)).toEqual([
      "2025-01-01T00:00:00.000Z  job jobs.js:first  success",
      "2025-01-01T01:00:00.000Z  job jobs.js:second  success",
      "2025-01-01T02:00:00.000Z  job jobs.js:third  success",
    ]);
    expect(String(report)).toContain('2025-02-01T06:00:00.000Z  cron "bill" jobs.js:note  success');
    expect(await backend.query("jobs:notes")).toHaveLength(12);
  });

  it("[JOB21] runaway self-scheduling names the chain", async () => {
    const backend = backendWith({
      again: mutation({
        args: {},
        handler: async (ctx: Ctx) => {
          await ctx.scheduler.runAfter(0, "jobs:again", {});
        },
      }),
    });
    await backend.mutation("jobs:schedule", { name: "jobs:again" });
    await expect(backend.settle()).rejects.toThrow("jobs.js:again → jobs.js:again");
  });

  it("[JOB23] a fork has its own jobs", async () => {
    const backend = backendWith();
    const id = await backend.mutation("jobs:schedule", { name: "jobs:note", args: { text: "x" } });
    const fork = backend.fork();
    await fork.mutation("jobs:cancel", { id });
    await backend.settle();
    expect(await backend.query("jobs:notes")).toEqual(["x"]);
    expect(kindsOf(await fork.query("jobs:jobs"))).toEqual(["canceled"]);
  });
});

describe("timers", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[JOB18] the system clock works under fake timers made before the backend", async () => {
    vi.useFakeTimers({ now: Date.UTC(2025, 0, 1) });
    const backend = backendWith({}, { clock: undefined });
    await backend.ready;
    await backend.mutation("jobs:schedule", {
      name: "jobs:note",
      delay: 1000,
      args: { text: "x" },
    });
    expect(vi.getTimerCount()).toBe(1);
    await vi.runAllTimersAsync();
    expect(await backend.query("jobs:notes")).toEqual(["x"]);
    await backend.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[JOB18] and under those made after it", async () => {
    const backend = backendWith({}, { clock: undefined });
    await backend.ready;
    vi.useFakeTimers();
    await backend.mutation("jobs:schedule", {
      name: "jobs:note",
      delay: 1000,
      args: { text: "x" },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await backend.query("jobs:notes")).toEqual(["x"]);
    await backend.close();
  });

  it("[JOB18] functions that look at clocks and timers do not disturb the scheduler's", async () => {
    vi.useFakeTimers({ now: Date.UTC(2025, 0, 1) });
    const look = async () => [Date.now(), performance.now(), String(new Date())].length;
    const looking = {
      args: {},
      handler: async (ctx: Ctx) => ctx.runQuery("jobs:notes", {}).then(look),
    };
    const backend = backendWith(
      {
        query: query({ args: {}, handler: look }),
        mutation: mutation(looking),
        action: action({
          args: {},
          handler: async (ctx: Ctx) => {
            await look();
            await ctx.scheduler.runAfter(5, "jobs:note", { text: "from action" });
            await ctx.runMutation("jobs:schedule", {
              name: "jobs:note",
              delay: 6,
              args: { text: "from mutation" },
            });
            await ctx.runMutation("jobs:mutation", {});
          },
        }),
      },
      { clock: undefined },
    );
    await backend.ready;
    await backend.mutation("jobs:schedule", {
      name: "jobs:note",
      delay: 10,
      args: { text: "last" },
    });
    await backend.query("jobs:query");
    await backend.mutation("jobs:mutation");
    await backend.action("jobs:action");
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(await backend.query("jobs:notes")).toEqual(["from action", "from mutation", "last"]);
    expect(vi.getTimerCount()).toBe(0);
    await backend.close();
  });

  it("[JOB22] after close nothing runs and no timer is left", async () => {
    vi.useFakeTimers();
    const backend = backendWith({}, { clock: undefined });
    await backend.mutation("jobs:schedule", { name: "jobs:note", delay: 10, args: { text: "x" } });
    await backend.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
