// Forks: independent, and made in a time that does not depend on what they hold.

import { describe, expect, it } from "vitest";
import { createLab, delivered, type LabBackend, mutation, query, watch } from "../fixtures/lab";

const functions = {
  add: mutation((ctx) => ctx.db.insert("things", { n: -1 })),
  bump: mutation(async (ctx) => {
    const row = await ctx.db.query("things").first();
    await ctx.db.patch(row!._id, { n: row!.n + 1 });
    return row!.n;
  }),
  clear: mutation(async (ctx) => {
    for (const row of await ctx.db.query("things").take(100)) await ctx.db.delete(row._id);
  }),
  first: query(async (ctx) => (await ctx.db.query("things").first())?.n ?? null),
  sorted: query(async (ctx) => {
    const rows = await ctx.db.query("things").withIndex("by_n").order("desc").take(5);
    return rows.map(({ n }) => n);
  }),
};

type ForkingLab = LabBackend & { fork(): ForkingLab };

async function filled(count: number): Promise<ForkingLab> {
  const { backend } = createLab(functions, {
    limits: { documentsWritten: 1e6, bytesWritten: 1e9 },
  });
  await backend.run(async (ctx) => {
    for (let n = 0; n < count; n++) await ctx.db.insert("things", { n });
  });
  return backend as ForkingLab;
}

/** The quickest of several forks, each after a write, in milliseconds. */
async function forkMs(backend: ForkingLab): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    await backend.mutation("m:bump");
    const start = process.hrtime.bigint();
    backend.fork();
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return Math.min(...times);
}

describe("a fork", () => {
  it("[FRK1] of 100,000 documents takes about as long as one of 1,000, and next to nothing", async () => {
    const small = await forkMs(await filled(1000));
    const large = await forkMs(await filled(100_000));
    expect(large).toBeLessThan(5);
    expect(large).toBeLessThan(10 * small + 0.5);
  });

  it("[FRK2] and its origin never see each other's writes, whoever writes first", async () => {
    const origin = await filled(10);
    const fork = origin.fork();
    const child = fork.fork();
    expect(await origin.mutation("m:bump")).toBe(0);
    expect(await fork.query("m:first")).toBe(0);
    await fork.mutation("m:clear");
    expect(await fork.query("m:first")).toBeNull();
    expect(await origin.query("m:first")).toBe(1);
    expect(await child.query("m:sorted")).toEqual([9, 8, 7, 6, 5]);
    await child.run((ctx) => ctx.db.insert("things", { n: 99 }));
    await origin.run((ctx) => ctx.db.insert("things", { n: 77 }));
    expect(await child.query("m:sorted")).toEqual([99, 9, 8, 7, 6]);
    expect(await origin.query("m:sorted")).toEqual([77, 9, 8, 7, 6]);
    expect(await fork.query("m:sorted")).toEqual([]);
  });

  it("[FRK3] has its own subscriptions, tables, cache and commits", async () => {
    const origin = await filled(1);
    await origin.query("m:first");
    const commits: string[] = [];
    origin.onCommit(() => commits.push("origin"));
    const fork = origin.fork();
    fork.onCommit(() => commits.push("fork"));
    const [live, forked] = [watch(origin, "m:first"), watch(fork, "m:first")];
    await delivered(origin);
    await delivered(fork);
    commits.length = 0;
    await fork.mutation("m:bump");
    await fork.run((ctx) => ctx.db.insert("extra" as "things", {}));
    await delivered(origin);
    await delivered(fork);
    expect(commits.filter((each) => each === "fork")).toHaveLength(3);
    expect(commits.filter((each) => each === "origin")).toHaveLength(1);
    expect([live.values(), forked.values()]).toEqual([[0], [0, 1]]);
    const extra = (backend: LabBackend) =>
      backend.run((ctx) => ctx.db.query("extra" as "things").collect());
    expect([(await extra(origin)).length, (await extra(fork)).length]).toEqual([0, 1]);
    await origin.close();
    await fork.mutation("m:bump");
    await delivered(fork);
    expect(forked.values()).toEqual([0, 1, 2]);
  });

  it("[FRK4] gives ids and creation times that its origin did not", async () => {
    const origin = await filled(1);
    const fork = origin.fork();
    const ids = await Promise.all(
      [origin, fork, origin, fork].map((backend) => backend.mutation("m:add")),
    );
    expect(new Set(ids).size).toBe(4);
  });
});
