// What `backend.liveQueries` tells of subscriptions.

import type { LiveQueryReport } from "invex";
import { createBackend } from "invex";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { labSchema, mutation, query } from "../fixtures/lab";
import { SteppedClock } from "../fixtures/stepped-clock";

function start() {
  const backend = createBackend({
    seed: "live",
    schema: labSchema,
    clock: new SteppedClock(),
    modules: {
      m: {
        byN: query({
          args: { n: v.number() },
          handler: async (ctx, { n }) =>
            (
              await ctx.db
                .query("things")
                .withIndex("by_n", (q) => q.eq("n", n))
                .collect()
            ).length,
        }),
        isAny: query(async (ctx) => (await ctx.db.query("things").first()) !== null),
        mine: query(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null),
        add: mutation({
          args: { n: v.number() },
          handler: (ctx, { n }) => ctx.db.insert("things", { n }),
        }),
        clear: mutation(async (ctx) => {
          for (const { _id } of await ctx.db.query("things").collect()) await ctx.db.delete(_id);
        }),
      },
    },
  });
  const listen = (path: string, args = {}) => backend.subscribe(path, args, () => {});
  const live = (path: string): LiveQueryReport =>
    backend.liveQueries().find((each) => each.function === path)!;
  return { backend, listen, live };
}

describe("backend.liveQueries", () => {
  it("[EXP9] lists what is listened to, shared where it is shared", async () => {
    const { backend, listen, live } = start();
    expect(backend.liveQueries()).toEqual([]);
    const stops = [listen("m:byN", { n: 1 }), listen("m:byN", { n: 1 }), listen("m:byN", { n: 2 })];
    await backend.settle();
    expect(backend.liveQueries()).toMatchObject([
      { args: { n: 1 }, subscribers: 2, state: "fresh", usesIdentity: false, rerunCount: 0 },
      { args: { n: 2 }, subscribers: 1 },
    ]);
    expect(live("m:byN").reads.map(({ text }) => text)).toEqual(["things.by_n: n = 1"]);
    listen("m:mine");
    backend.withIdentity({ name: "Ada" }).subscribe("m:mine", {}, () => {});
    await backend.settle();
    const mine = backend.liveQueries().filter((each) => each.function === "m:mine");
    expect(mine.map(({ usesIdentity, subscribers }) => [usesIdentity, subscribers])).toEqual([
      [true, 1],
      [true, 1],
    ]);
    for (const stop of stops) stop();
    expect(backend.liveQueries()).toHaveLength(2);
  });

  it("[EXP9] tells of each rerun which write touched which range, from the first call on", async () => {
    const { backend, listen, live } = start();
    listen("m:byN", { n: 1 });
    await backend.settle();
    await backend.mutation("m:add", { n: 1 });
    await backend.settle();
    expect(live("m:byN")).toMatchObject({ rerunCount: 0, reruns: [] });
    const first = await backend.mutation("m:add", { n: 1 });
    await backend.settle();
    await backend.mutation("m:add", { n: 2 });
    await backend.settle();
    expect(live("m:byN").rerunCount).toBe(1);
    expect(live("m:byN").reruns).toMatchObject([
      {
        changed: true,
        because: [
          {
            function: "m:add",
            change: "insert",
            table: "things",
            id: first,
            read: { text: "things.by_n: n = 1" },
          },
        ],
      },
    ]);
    await backend.mutation("m:clear");
    await backend.settle();
    const { because } = live("m:byN").reruns[1]!;
    expect(because.map(({ change }) => change)).toEqual(["delete", "delete"]);
  });

  it("[EXP9] a rerun that changed nothing says so; writes between two runs come together", async () => {
    const { backend, listen, live } = start();
    await backend.mutation("m:add", { n: 1 });
    const [first] = await backend.run((ctx) => ctx.db.query("things").collect());
    listen("m:isAny");
    await backend.settle();
    backend.liveQueries();
    await backend.run((ctx) => ctx.db.patch(first!._id, { other: true }));
    await backend.settle();
    expect(live("m:isAny").reruns).toMatchObject([
      { changed: false, because: [{ change: "update" }] },
    ]);
    await Promise.all([
      backend.run((ctx) => ctx.db.patch(first!._id, { other: 1 })),
      backend.run((ctx) => ctx.db.patch(first!._id, { other: 2 })),
    ]);
    await backend.settle();
    const touched = live("m:isAny")
      .reruns.slice(1)
      .flatMap(({ because }) => because);
    expect(touched).toHaveLength(2);
    expect(touched[0]!.ts < touched[1]!.ts).toBe(true);
  });

  it("[EXP9] keeps the last 20 reruns and counts all", async () => {
    const { backend, listen, live } = start();
    listen("m:byN", { n: 1 });
    await backend.settle();
    backend.liveQueries();
    for (let i = 0; i < 25; i++) {
      await backend.mutation("m:add", { n: 1 });
      await backend.settle();
    }
    expect(live("m:byN").rerunCount).toBe(25);
    expect(live("m:byN").reruns).toHaveLength(20);
  });
});
