// Law 8: a process that has made and closed many backends is as it was before.

import { createBackend } from "invex";
import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { collectGarbage } from "./garbage";

const schema = defineSchema({ things: defineTable({ n: v.number() }).index("by_n", ["n"]) });
const { query, mutation, internalMutation } = functionsFor(schema);

const things = {
  add: mutation({
    args: { n: v.number() },
    handler: async (ctx, { n }) => {
      await ctx.scheduler.runAfter(60_000, "things:later" as never, {});
      return ctx.db.insert("things", { n: n + Math.random() });
    },
  }),
  later: internalMutation({ args: {}, handler: () => null }),
  list: query({ args: {}, handler: (ctx) => ctx.db.query("things").withIndex("by_n").collect() }),
};

async function liveAndDie(): Promise<void> {
  const backend = createBackend({ schema, modules: { things } });
  const deliveries: number[] = [];
  backend.subscribe("things:list", {}, (list) => deliveries.push((list as unknown[]).length));
  await backend.mutation("things:add", { n: 1 });
  await backend.settle();
  const fork = backend.fork();
  await fork.query("things:list");
  await fork.close();
  expect(deliveries.at(-1)).toBe(1);
  await backend.close();
}

/** What a host could notice of its globals. */
function hostState() {
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  return {
    names: Object.keys(globals).sort(),
    values: ["Date", "fetch", "setTimeout", "setInterval", "crypto", "console"].map(
      (name) => globals[name]?.value ?? globals[name]?.get,
    ),
    random: Math.random,
    now: Date.now,
  };
}

/** The test runner has timers of its own, which come and go. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

describe("a thousand backends", () => {
  it("[GC3] leave no global, timer or memory behind", async () => {
    for (let i = 0; i < 50; i++) await liveAndDie();
    const before = hostState();
    const timersBefore = timers();
    await collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed;
    for (let i = 0; i < 1000; i++) await liveAndDie();
    await collectGarbage();
    const grown = process.memoryUsage().heapUsed - heapBefore;
    expect(hostState()).toEqual(before);
    expect(timers()).toBeLessThanOrEqual(timersBefore + 1);
    // A backend with its document and live query weighs some 50 kB: a thousand kept would be 50 MB.
    expect(grown).toBeLessThan(5_000_000);
  });
});
