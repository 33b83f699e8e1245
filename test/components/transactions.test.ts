// One transaction over the app and its components: all of it or nothing, a caught failure alone,
// and reads that subscriptions of the app depend on.

import { mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { rejection } from "../fixtures/lab";
import { ledger } from "./ledger";
import { components, startBackend, type Untyped } from "./start-backend";

const { one, two } = components;

const m = {
  everywhere: mutationGeneric({
    args: { text: v.string(), fails: v.boolean() },
    handler: async (ctx, { text, fails }) => {
      await ctx.db.insert("notes", { text });
      await ctx.runMutation(one.lib.add, { text });
      await ctx.runMutation(two.inner.add, { text });
      await ctx.scheduler.runAfter(0, one.lib.add, { text });
      if (fails) throw new Error("after all of it");
    },
  }),
  catching: mutationGeneric({
    args: {},
    handler: async (ctx) => {
      await ctx.db.insert("notes", { text: "mine" });
      await ctx.runMutation(one.lib.add, { text: "kept" });
      const caught = await ctx
        .runMutation(one.lib.addThenFail, { text: "lost" })
        .catch((error: Error) => error.message);
      await ctx.runMutation(two.lib.add, { text: "kept too" });
      return caught;
    },
  }),
  all: queryGeneric({
    args: {},
    handler: async (ctx) => ({
      app: (await ctx.db.query("notes").collect()).map(({ text }) => text),
      one: await ctx.runQuery(one.lib.texts, {}),
      inner: await ctx.runQuery(two.inner.texts, {}),
      two: await ctx.runQuery(two.lib.texts, {}),
    }),
  }),
};

const start = () =>
  startBackend(
    { m },
    { components: { one: ledger, two: { ...ledger, components: { inner: ledger } } } },
  );

const EMPTY = { app: [], one: [], inner: [], two: [] };

describe("a mutation over the app and components", () => {
  it("[CMPT5] leaves nothing anywhere when it throws", async () => {
    const backend = start();
    const commits: unknown[] = [];
    backend.onCommit((commit) => commits.push(commit));
    const failing = backend.mutation("m:everywhere", { text: "a", fails: true });
    expect((await rejection(failing)).message).toContain("after all of it");
    await backend.settle();
    expect(await backend.query("m:all")).toEqual(EMPTY);
    expect(await backend.query(one.lib.jobs)).toEqual([]);
    expect(commits).toEqual([]);
  });

  it("[CMPT5] commits once, with the changes of every component", async () => {
    const backend = start();
    const commits: Untyped[] = [];
    backend.onCommit((commit) => commits.push(commit));
    await backend.mutation("m:everywhere", { text: "a", fails: false });
    expect(commits).toHaveLength(1);
    const changed = commits[0].changes.map(({ component, table }: Untyped) => [component, table]);
    expect(changed.sort()).toEqual([
      ["", "_scheduled_functions"],
      ["", "notes"],
      ["one", "entries"],
      ["two/inner", "entries"],
    ]);
    expect(await backend.query("m:all")).toEqual({ app: ["a"], one: ["a"], inner: ["a"], two: [] });
  });

  it("[CMPT5] catches a component's failure, which then rolls back alone", async () => {
    const backend = start();
    expect(await backend.mutation("m:catching")).toContain("no lost");
    await backend.settle();
    expect(await backend.query("m:all")).toEqual({
      ...EMPTY,
      app: ["mine"],
      one: ["kept"],
      two: ["kept too"],
    });
    expect(await backend.query(one.lib.jobs)).toEqual([]);
  });

  it("[CMPT5] runs again when a component's documents changed meanwhile", async () => {
    const backend = start();
    let runs = 0;
    const counting = (text: string) => async (ctx: Untyped) => {
      runs += 1;
      const seen: string[] = await ctx.runQuery(one.lib.texts, {});
      await ctx.runMutation(one.lib.add, { text: `${text}${seen.length}` });
    };
    await Promise.all([backend.mutation(counting("a")), backend.mutation(counting("b"))]);
    expect(runs).toBe(3);
    expect((await backend.query(one.lib.texts)).map((text: string) => text[1])).toEqual(["0", "1"]);
  });

  it("[CMPT5] reaches subscriptions that read the component, and no others", async () => {
    const backend = start();
    const seen: Untyped[] = [];
    let others = 0;
    backend.subscribe("m:all", {}, (all) => seen.push(all.inner));
    backend.subscribe(two.lib.texts, {}, () => {
      others += 1;
    });
    await backend.settle();
    await backend.mutation(two.inner.add, { text: "a" });
    await backend.settle();
    expect(seen).toEqual([[], ["a"]]);
    expect(others).toBe(1);
  });
});
