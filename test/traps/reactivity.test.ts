// Traps of live queries: what an early stop depends on, failures, identities.

import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query, watch } from "../fixtures/lab";

const insert = mutation({
  args: { n: v.number() },
  handler: (ctx, { n }) => ctx.db.insert("things", { n }),
});

describe("what a live query depends on", () => {
  it("[TRAP10] first() depends on nothing behind the row it returned", async () => {
    let runs = 0;
    const { backend } = createLab({
      insert,
      lowest: query(async (ctx) => {
        runs += 1;
        return (await ctx.db.query("things").withIndex("by_n").first())?.n;
      }),
    });
    await backend.mutation("m:insert", { n: 5 });
    const live = watch(backend, "m:lowest");
    await delivered(backend);
    await backend.mutation("m:insert", { n: 6 });
    await delivered(backend);
    expect(runs).toBe(1);
    await backend.mutation("m:insert", { n: 4 });
    await delivered(backend);
    expect(runs).toBe(2);
    expect(live.values()).toEqual([5, 4]);
  });
});

describe("failure", () => {
  it("[TRAP28] a failed query stays subscribed and recovers when its data changes", async () => {
    const { backend } = createLab({
      insert,
      clear: mutation(async (ctx) => {
        for (const row of await ctx.db.query("things").collect()) await ctx.db.delete(row._id);
      }),
      picky: query(async (ctx) => {
        const rows = await ctx.db.query("things").collect();
        if (rows.some((row) => row.n < 0)) throw new Error("negative");
        return rows.length;
      }),
    });
    const live = watch(backend, "m:picky");
    await delivered(backend);
    await backend.mutation("m:insert", { n: -1 });
    await delivered(backend);
    await backend.mutation("m:clear");
    await delivered(backend);
    expect(live.deliveries).toHaveLength(3);
    expect(live.deliveries[0]).toEqual({ value: 0 });
    expect(live.values()[1].message).toContain("negative");
    expect(live.deliveries[2]).toEqual({ value: 0 });
  });

  it("[TRAP28] a query that fails from the start recovers as well", async () => {
    const { backend } = createLab({
      insert,
      needsOne: query(async (ctx) => {
        const row = await ctx.db.query("things").first();
        if (row === null) throw new Error("empty");
        return row.n;
      }),
    });
    const live = watch(backend, "m:needsOne");
    await delivered(backend);
    await backend.mutation("m:insert", { n: 8 });
    await delivered(backend);
    expect(live.deliveries).toHaveLength(2);
    expect(live.values()[0].message).toContain("empty");
    expect(live.deliveries[1]).toEqual({ value: 8 });
  });
});

describe("identity", () => {
  const who = (subject: string) => ({ subject, issuer: "i", tokenIdentifier: `i|${subject}` });

  it("[TRAP29] a query that never asks who is calling is run once for everybody", async () => {
    let runs = 0;
    const { backend } = createLab({
      insert,
      count: query(async (ctx) => {
        runs += 1;
        return (await ctx.db.query("things").collect()).length;
      }),
    });
    const lives = [
      watch(backend, "m:count"),
      watch(backend.withIdentity(who("a")), "m:count"),
      watch(backend.withIdentity(who("b")), "m:count"),
    ];
    await delivered(backend);
    expect(runs).toBe(1);
    await backend.mutation("m:insert", { n: 1 });
    await delivered(backend);
    expect(runs).toBe(2);
    expect(lives.map((live) => live.values())).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it("[TRAP29] a query that asks is run for each identity, also when it asks late", async () => {
    const { backend } = createLab({
      insert,
      mine: query(async (ctx) => {
        const rows = await ctx.db.query("things").collect();
        if (rows.length === 0) return "nothing yet";
        return (await ctx.auth.getUserIdentity())?.subject ?? "nobody";
      }),
    });
    const lives = [
      watch(backend, "m:mine"),
      watch(backend.withIdentity(who("a")), "m:mine"),
      watch(backend.withIdentity(who("b")), "m:mine"),
    ];
    await delivered(backend);
    await backend.mutation("m:insert", { n: 1 });
    await delivered(backend);
    expect(lives.map((live) => live.values())).toEqual([
      ["nothing yet", "nobody"],
      ["nothing yet", "a"],
      ["nothing yet", "b"],
    ]);
  });
});
