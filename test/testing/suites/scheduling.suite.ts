/** Scheduled functions, with fake timers and with real ones. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "../app/convex/_generated/api";
import schema from "../app/convex/schema";
import { modules } from "../app/modules";
import type { Target } from "./target";

type Test = ReturnType<typeof start>;

export function scheduleSuite({ convexTest }: Target): void {
  const begin = () => convexTest(schema, modules);

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  describe("with fake timers, scheduled functions", () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });

    it("[TST13] are pending until the timers say so, and then run", async () => {
      const t = begin();
      const id = await t.mutation(api.jobs.later, { afterMs: 5000, line: "late" });
      expect(await stateOf(t, id)).toMatchObject({ state: { kind: "pending" } });
      vi.advanceTimersByTime(4999);
      await t.finishInProgressScheduledFunctions();
      expect(await lines(t)).toEqual([]);
      vi.advanceTimersByTime(1);
      await t.finishInProgressScheduledFunctions();
      expect(await stateOf(t, id)).toMatchObject({
        name: "jobs:write",
        args: [{ line: "late" }],
        state: { kind: "success" },
      });
      expect(await lines(t)).toEqual(["late"]);
    });

    it("[TST13] run one step at a time", async () => {
      const t = begin();
      await t.mutation(api.jobs.start, { left: 2 });
      vi.runAllTimers();
      await t.finishInProgressScheduledFunctions();
      expect(await lines(t)).toEqual(["left 2"]);
      vi.runAllTimers();
      await t.finishInProgressScheduledFunctions();
      expect(await lines(t)).toEqual(["left 2", "left 1"]);
    });

    it("[TST14] all finish, those they schedule too", async () => {
      const t = begin();
      await t.mutation(api.jobs.start, { left: 3 });
      await t.mutation(api.jobs.later, {
        afterMs: 60_000,
        line: "waits for a timer",
        kind: "slow",
      });
      await t.finishAllScheduledFunctions(vi.runAllTimers);
      expect((await lines(t)).sort()).toEqual(
        ["left 0", "left 1", "left 2", "left 3", "waits for a timer"].sort(),
      );
    });

    it("[TST14] without end are given up", async () => {
      const t = begin();
      await t.mutation(api.jobs.startForever, {});
      await expect(t.finishAllScheduledFunctions(vi.runAllTimers, 5)).rejects.toThrow(
        /finishAllScheduledFunctions: too many iterations/,
      );
    });

    it("[TST13] that fail say so, and harm nobody", async () => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      const t = begin();
      const id = await t.mutation(api.jobs.startFailing, {});
      await t.finishAllScheduledFunctions(vi.runAllTimers);
      expect(await stateOf(t, id)).toMatchObject({ state: { kind: "failed" } });
      expect(console.error).toHaveBeenCalled();
    });

    it("[TST13] can be canceled", async () => {
      const t = begin();
      const id = await t.mutation(api.jobs.later, { afterMs: 1000, line: "never" });
      await t.mutation(api.jobs.call, { id });
      await t.finishAllScheduledFunctions(vi.runAllTimers);
      expect(await stateOf(t, id)).toMatchObject({ state: { kind: "canceled" } });
      expect(await lines(t)).toEqual([]);
    });

    it("[TST13] see the time that the test has set", async () => {
      vi.setSystemTime(new Date("2030-01-02T03:04:05Z"));
      const t = begin();
      expect(await t.query(api.notes.time)).toBe(Date.now());
      const id = await t.mutation(api.notes.add, { text: "x", author: "y" });
      const note = await t.run(async (ctx) => await ctx.db.get(id));
      expect(Math.floor(note?._creationTime ?? 0)).toBe(Date.now());
    });

    it("[TST14] that are due were scheduled before the timers were faked", async () => {
      vi.useRealTimers();
      const t = begin();
      await t.mutation(api.jobs.later, { afterMs: 0, line: "real" });
      vi.useFakeTimers();
      await t.finishAllScheduledFunctions(vi.runAllTimers);
      expect(await lines(t)).toEqual(["real"]);
    });
  });

  describe("with real timers, scheduled functions", () => {
    it("[TST13] run by themselves", async () => {
      const t = begin();
      await t.mutation(api.jobs.later, { afterMs: 0, line: "soon" });
      await t.finishAllScheduledFunctions(() => {});
      expect(await lines(t)).toEqual(["soon"]);
    });
  });
}

function start(target: Target) {
  return target.convexTest(schema, modules);
}

async function lines(t: Test): Promise<string[]> {
  return await t.run(async (ctx) => (await ctx.db.query("log").collect()).map(({ line }) => line));
}

async function stateOf(t: Test, id: string) {
  return await t.run(async (ctx) => await ctx.db.system.get(id as never));
}
