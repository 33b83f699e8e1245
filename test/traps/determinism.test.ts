// Traps of the runtime inside queries and mutations: time, randomness, and what is forbidden.

import { describe, expect, it } from "vitest";
import { createLab, gate, mutation, query, refs } from "../fixtures/lab";

const advice =
  "in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.";

describe("forbidden calls", () => {
  it("[TRAP16] setTimeout returns, and then the function dies although its result was ready", async () => {
    let returned = false;
    const { backend } = createLab({
      timer: mutation(async (ctx) => {
        await ctx.db.insert("things", { n: 1 });
        setTimeout(() => {}, 0);
        returned = true;
        return "ready";
      }),
    });
    await expect(backend.mutation("m:timer")).rejects.toThrow(`Can't use setTimeout ${advice}`);
    expect(returned).toBe(true);
    expect(await backend.run((ctx) => ctx.db.query("things").collect())).toEqual([]);
  });

  it("[TRAP16] fetch can be caught", async () => {
    const { backend } = createLab({
      fetches: mutation(async () => {
        try {
          await fetch("https://convex.example");
          return "fetched";
        } catch (error) {
          return (error as Error).message;
        }
      }),
    });
    expect(await backend.mutation("m:fetches")).toBe(`Can't use fetch() ${advice}`);
  });
});

describe("time and randomness", () => {
  const dice = () => [Math.random(), Math.random()];

  it("[TRAP17] two executions get different numbers, one seed gives the same twice", async () => {
    const roll = mutation(async () => dice());
    const { backend } = createLab({ roll });
    const first = await backend.mutation("m:roll");
    const second = await backend.mutation("m:roll");
    expect(first[0]).not.toBe(first[1]);
    expect(second).not.toEqual(first);
    const twin = createLab({ roll }).backend;
    expect([await twin.mutation("m:roll"), await twin.mutation("m:roll")]).toEqual([first, second]);
  });

  it("[TRAP17] Date.now() stands still within an execution and is shared with nested calls", async () => {
    let tick = () => {};
    const { backend, clock } = createLab({
      now: query(async () => Date.now()),
      parent: mutation(async (ctx) => {
        const before = Date.now();
        tick();
        const nested = await ctx.runQuery(refs.query("now"));
        return [before, nested, Date.now(), Date.parse(new Date().toISOString())];
      }),
    });
    tick = () => clock.tick(1000);
    const times: number[] = await backend.mutation("m:parent");
    expect(new Set(times).size).toBe(1);
    const later: number[] = await backend.mutation("m:parent");
    expect(later[0]! - times[0]!).toBe(1000);
  });

  it("[TRAP17] a retry after a conflict gets a new seed and a new clock", async () => {
    const attempts: { random: number; now: number }[] = [];
    const held = gate();
    const reached = gate();
    const { backend, clock } = createLab({
      bump: mutation(async (ctx) => {
        const row = await ctx.db.query("things").first();
        await ctx.db.patch(row!._id, { n: row!.n + 1 });
      }),
      slow: mutation(async (ctx) => {
        attempts.push({ random: Math.random(), now: Date.now() });
        const row = await ctx.db.query("things").first();
        reached.open();
        await held.opened;
        await ctx.db.patch(row!._id, { n: row!.n + 10 });
      }),
    });
    await backend.run((ctx) => ctx.db.insert("things", { n: 0 }));
    const slow = backend.mutation("m:slow");
    await Promise.race([reached.opened, slow]);
    clock.tick(500);
    await backend.mutation("m:bump");
    held.open();
    await slow;
    expect(attempts).toHaveLength(2);
    expect(attempts[1]!.random).not.toBe(attempts[0]!.random);
    expect(attempts[1]!.now).toBe(attempts[0]!.now + 500);
    const rows = await backend.run((ctx) => ctx.db.query("things").collect());
    expect(rows.map((row) => row.n)).toEqual([11]);
  });
});
