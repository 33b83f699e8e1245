// Mutations that race: nothing is lost, nobody runs more than twice, and who does not touch what
// another one did is not run again.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, gate, mutation } from "../fixtures/lab";

function counters() {
  const runs = { count: 0 };
  const { backend } = createLab({
    add: mutation({
      args: { n: v.number() },
      handler: (ctx, { n }) => ctx.db.insert("things", { n, hits: 0 }),
    }),
    increment: mutation({
      args: { n: v.number(), turns: v.optional(v.number()) },
      handler: async (ctx, { n, turns }) => {
        runs.count += 1;
        const row = await ctx.db
          .query("things")
          .withIndex("by_n", (q) => q.eq("n", n))
          .unique();
        for (let turn = turns ?? 1; turn > 0; turn--) await undefined;
        await ctx.db.patch(row!._id, { hits: row!.hits + 1 });
      },
    }),
  });
  const hits = () =>
    backend.run(async (ctx) => (await ctx.db.query("things").collect()).map((row) => row.hits));
  return { backend, runs, hits };
}

describe("racing mutations", () => {
  it("[OCC1] 200 increments of one counter at once end at 200, with at most 400 executions", async () => {
    const { backend, runs, hits } = counters();
    await backend.mutation("m:add", { n: 0 });
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        backend.mutation("m:increment", { n: 0, turns: 1 + (i % 5) }),
      ),
    );
    expect(await hits()).toEqual([200]);
    expect(runs.count).toBeLessThanOrEqual(400);
  });

  it("[OCC2] over 50 counters none runs again because of another counter", async () => {
    const { backend, runs, hits } = counters();
    for (let n = 0; n < 50; n++) await backend.mutation("m:add", { n });
    const increment = (n: number, turns: number) => backend.mutation("m:increment", { n, turns });
    await Promise.all(Array.from({ length: 50 }, (_, n) => increment(n, 1 + (n % 7))));
    expect(runs.count).toBe(50);
    await Promise.all(Array.from({ length: 200 }, (_, i) => increment(i % 50, 1 + (i % 7))));
    expect(await hits()).toEqual(Array.from({ length: 50 }, () => 5));
    expect(runs.count).toBeLessThanOrEqual(50 + 400);
  });

  it("[OCC3] who runs again cannot lose again: others wait for its commit", async () => {
    const [first, second] = [gate(), gate()];
    const reached = [gate(), gate()];
    const order: string[] = [];
    let attempt = 0;
    const { backend } = createLab({
      slow: mutation(async (ctx) => {
        const own = attempt++;
        const row = await ctx.db.query("things").first();
        reached[own]!.open();
        await [first, second][own]!.opened;
        await ctx.db.patch(row!._id, { n: row!.n + 100 });
        order.push(`slow ${own}`);
      }),
      quick: mutation(async (ctx) => {
        const row = await ctx.db.query("things").first();
        await ctx.db.patch(row!._id, { n: row!.n + 1 });
      }),
      elsewhere: mutation((ctx) => ctx.db.insert("others", {})),
    });
    await backend.run((ctx) => ctx.db.insert("things", { n: 0 }));
    const slow = backend.mutation("m:slow").then(() => order.push("slow done"));
    await reached[0]!.opened;
    await backend.mutation("m:quick");
    first.open();
    await reached[1]!.opened;
    // The second execution holds the turn: nobody commits before it does, needed or not.
    const waiting = [backend.mutation("m:quick"), backend.mutation("m:elsewhere")].map((each, i) =>
      each.then(() => order.push(`waited ${i}`)),
    );
    const settled = Promise.race([...waiting, Promise.resolve("nobody")]);
    for (let i = 0; i < 50; i++) await undefined;
    expect(await settled).toBe("nobody");
    second.open();
    await Promise.all([slow, ...waiting]);
    expect(attempt).toBe(2);
    expect(order.slice(0, 2)).toEqual(["slow 0", "slow 1"]);
    expect((await backend.run((ctx) => ctx.db.query("things").first()))!.n).toBe(102);
  });

  it("[OCC4] a mutation that fails is not tried again, and leaves no trace", async () => {
    let runs = 0;
    const held = gate();
    const { backend } = createLab({
      doomed: mutation(async (ctx) => {
        runs += 1;
        await ctx.db.query("things").collect();
        await ctx.db.insert("things", { n: 1 });
        await held.opened;
        throw new Error("no");
      }),
      add: mutation((ctx) => ctx.db.insert("things", { n: 2 })),
    });
    const doomed = backend.mutation("m:doomed").catch((error: Error) => error.message);
    await backend.mutation("m:add");
    held.open();
    expect(await doomed).toContain("Uncaught Error: no");
    expect(runs).toBe(1);
    const rows = await backend.run((ctx) => ctx.db.query("things").collect());
    expect(rows.map(({ n }) => n)).toEqual([2]);
  });

  it("[OCC5] readers block nobody and wait for nobody", async () => {
    const held = gate();
    const reached = gate();
    const { backend } = createLab({
      reader: mutation(async (ctx) => {
        const before = await ctx.db.query("things").collect();
        reached.open();
        await held.opened;
        const after = await ctx.db.query("things").collect();
        return [before.length, after.length];
      }),
      add: mutation((ctx) => ctx.db.insert("things", { n: 2 })),
    });
    const reader = backend.mutation("m:reader");
    await reached.opened;
    for (let i = 0; i < 10; i++) await backend.mutation("m:add");
    held.open();
    expect(await reader).toEqual([0, 0]);
  });
});
