// @convex-dev/workpool, unmodified: actions queued from a mutation, a few at a time, again when they
// fail, each reported to the app through a function handle.

import { Workpool } from "@convex-dev/workpool";
import workpool from "@convex-dev/workpool/test";
import {
  actionGeneric,
  internalMutationGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, reference, startBackend, type Untyped } from "../start-backend";

const pool = new Workpool(components.workpool, {
  maxParallelism: 3,
  retryActionsByDefault: true,
  defaultRetryBehavior: { maxAttempts: 4, initialBackoffMs: 1000, base: 2 },
});

/** Jobs in `flaky` fail that many times before they succeed; `broken` ones never do. */
const functions = (flaky: Map<number, number>, attempts: number[]) => ({
  enqueue: mutationGeneric({
    args: { jobs: v.array(v.number()) },
    handler: async (ctx, { jobs }) => {
      for (const job of jobs) {
        await pool.enqueueAction(
          ctx,
          reference<"action">("work") as Untyped,
          { job },
          {
            onComplete: reference<"mutation">("done") as Untyped,
            context: { job },
          },
        );
      }
    },
  }),
  enqueueAndFail: mutationGeneric({
    args: {},
    handler: async (ctx) => {
      await pool.enqueueAction(ctx, reference<"action">("work") as Untyped, { job: 0 });
      throw new Error("changed my mind");
    },
  }),
  work: actionGeneric({
    args: { job: v.number() },
    handler: async (_ctx, { job }) => {
      attempts.push(job);
      const failures = flaky.get(job) ?? 0;
      flaky.set(job, failures - 1);
      if (failures > 0) throw new Error(`job ${job} failed`);
      return job * 10;
    },
  }),
  done: internalMutationGeneric({
    args: { workId: v.string(), context: v.any(), result: v.any() },
    handler: async (ctx, { context, result }) => {
      await ctx.db.insert("results", { job: context.job, result });
    },
  }),
  results: queryGeneric({
    args: {},
    handler: async (ctx) => {
      const rows: Untyped[] = await ctx.db.query("results").collect();
      return rows.map(({ job, result }) => [job, result]).sort(([a], [b]) => a - b);
    },
  }),
});

function start(flaky: readonly (readonly [number, number])[] = []) {
  const attempts: number[] = [];
  const m = functions(new Map(flaky), attempts);
  return { backend: startBackend({ m }, { components: { workpool } }), attempts };
}

describe("workpool", () => {
  it("[CMPT21] drains, trying again what fails, with time between the attempts", async () => {
    const { backend, attempts } = start([
      [3, 2],
      [7, 99],
    ]);
    const jobs = Array.from({ length: 12 }, (_, job) => job);
    await backend.mutation("m:enqueue", { jobs });
    await backend.advance({ seconds: 1 });
    const early = await backend.query("m:results", {});
    expect(early.length).toBeLessThan(12);
    await backend.advance({ minutes: 5 });
    const results = await backend.query("m:results", {});
    expect(results.map(([job]: [number]) => job)).toEqual(jobs);
    for (const [job, result] of results) {
      if (job === 7) expect(result).toMatchObject({ kind: "failed" });
      else expect(result).toEqual({ kind: "success", returnValue: job * 10 });
    }
    expect(attempts.filter((job) => job === 3)).toHaveLength(3);
    expect(attempts.filter((job) => job === 7)).toHaveLength(4);
    expect(attempts).toHaveLength(10 + 3 + 4);
  });

  it("[CMPT21] queues nothing when the mutation that asked for it fails", async () => {
    const { backend, attempts } = start();
    await expect(backend.mutation("m:enqueueAndFail", {})).rejects.toThrow("changed my mind");
    await backend.advance({ minutes: 5 });
    expect(attempts).toEqual([]);
  });
});
