// Hostile values by every way into the engine: arguments, results, documents, nested calls, ranges
// and filters, jobs, errors. Each is stored as a sound value or refused on purpose, and nothing else
// happens.

import { convexToJson, jsonToConvex, v } from "invex/values";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/values/value";
import { action, createLab, mutation, query } from "../fixtures/lab";
import { type Choices, forEachSeed } from "../model/seeds";
import { fuzzSeeds } from "./fuzz-seeds";
import { hostile } from "./hostile";
import { expectOnPurpose, expectUnpolluted } from "./soundness";

// biome-ignore lint/suspicious/noExplicitAny: hostile values have no type
type Untyped = any;

function start(choices: Choices) {
  let handed: unknown;
  const anything = { value: v.any() };
  const functions = {
    store: mutation({
      args: anything,
      handler: (ctx, { value }) => ctx.db.insert("things", { value }),
    }),
    storeTyped: mutation({
      args: { value: v.object({ a: v.optional(v.array(v.any())), b: v.optional(v.any()) }) },
      handler: (ctx, { value }) => ctx.db.insert("things", { value }),
    }),
    storeOwn: mutation((ctx) => ctx.db.insert("things", handed as Untyped)),
    patchOwn: mutation(async (ctx) => {
      const id = await ctx.db.insert("things", { kept: 1 });
      await ctx.db.patch(id, handed as Untyped);
      return id;
    }),
    replaceOwn: mutation(async (ctx) => {
      const id = await ctx.db.insert("things", { kept: 1 });
      await ctx.db.replace(id, handed as Untyped);
      return id;
    }),
    returnOwn: query(() => handed as Untyped),
    returnTyped: query({
      returns: v.object({ a: v.optional(v.any()) }),
      handler: () => handed as Untyped,
    }),
    throwOwn: query(() => {
      throw handed;
    }),
    callWithOwn: mutation((ctx) => ctx.runMutation("m:store" as never, handed as never)),
    scheduleOwn: mutation((ctx) => ctx.scheduler.runAfter(0, "m:store" as never, handed as never)),
    actWithOwn: action((ctx) => ctx.runMutation("m:store" as never, handed as never)),
    getOwn: query((ctx) => ctx.db.get(handed as never)),
    queryOwn: query((ctx) => ctx.db.query(handed as never).collect()),
    rangeOwn: query((ctx) =>
      ctx.db
        .query("things")
        .withIndex("by_n", (q) => q.gte("n", handed))
        .collect(),
    ),
    filterOwn: query((ctx) =>
      ctx.db
        .query("things")
        .filter((q) => q.eq(q.field("n"), handed as never))
        .collect(),
    ),
    paginateOwn: query((ctx) => ctx.db.query("things").paginate(handed as never)),
    takeOwn: query((ctx) => ctx.db.query("things").take(handed as never)),
    count: query(async (ctx) => (await ctx.db.query("things").collect()).length),
    read: query({
      args: { id: v.string() },
      handler: (ctx, { id }) => ctx.db.get(id as never),
    }),
  };
  const lab = createLab(functions, { onLog: () => {} });
  const commits: unknown[] = [];
  lab.backend.onCommit((commit) => commits.push(commit));
  const hand = (path: string) => {
    handed = choices.chance(0.5) ? hostile(choices) : { value: hostile(choices) };
    return lab.backend[path.endsWith("actWithOwn") ? "action" : kindOf(path)](path);
  };
  return { ...lab, commits, hand };
}

const WRITERS = ["m:storeOwn", "m:patchOwn", "m:replaceOwn", "m:callWithOwn", "m:scheduleOwn"];
const READERS = [
  ...["m:returnOwn", "m:returnTyped", "m:throwOwn", "m:getOwn", "m:queryOwn", "m:rangeOwn"],
  ...["m:filterOwn", "m:paginateOwn", "m:takeOwn"],
];

function kindOf(path: string): "query" | "mutation" {
  return WRITERS.includes(path) ? "mutation" : "query";
}

/** A result that came back must be a sound value: it survives the wire. */
function expectSound(value: unknown): void {
  if (value === undefined) return;
  const json = JSON.parse(JSON.stringify(convexToJson(value as Value)));
  expect(jsonToConvex(json)).toEqual(value);
}

describe("hostile values", () => {
  it("[FUZ1][FUZ2] as arguments are stored soundly or refused on purpose, and change nothing else", async () => {
    const seen = { stored: 0, refused: 0 };
    await forEachSeed(fuzzSeeds("hostile-arguments", 60), async (choices) => {
      const { backend, commits } = start(choices);
      for (let i = 0; i < 12; i++) {
        const before = commits.length;
        const path = choices.chance(0.8) ? "m:store" : "m:storeTyped";
        const value = hostile(choices);
        const args = choices.chance(0.8) ? { value } : value;
        try {
          const id = await backend.mutation(path, args);
          seen.stored += 1;
          const stored = await backend.query("m:read", { id });
          expectSound(stored);
          expect(await backend.query("m:read", { id })).toEqual(stored);
        } catch (error) {
          seen.refused += 1;
          expectOnPurpose(error);
          expect(commits.length).toBe(before);
        }
      }
      expect(await backend.query("m:count")).toBe(commits.length);
      expectUnpolluted();
      await backend.close();
    });
    expect(seen.stored).toBeGreaterThan(60);
    expect(seen.refused).toBeGreaterThan(60);
  });

  it("[FUZ1][FUZ2] inside handlers are written soundly or fail the function, and leave nothing", async () => {
    const seen = { written: 0, refused: 0 };
    await forEachSeed(fuzzSeeds("hostile-writes", 60), async (choices) => {
      const { backend, commits, hand } = start(choices);
      for (let i = 0; i < 12; i++) {
        const before = commits.length;
        try {
          const id = await hand(choices.pick(WRITERS));
          seen.written += 1;
          expect(typeof id).toBe("string");
          await backend.settle();
        } catch (error) {
          seen.refused += 1;
          expectOnPurpose(error);
          expect(commits.length).toBe(before);
        }
      }
      for (const row of await backend.run((ctx) => ctx.db.query("things").collect())) {
        expectSound(row);
      }
      expectUnpolluted();
      await backend.close();
    });
    expect(seen.written).toBeGreaterThan(30);
    expect(seen.refused).toBeGreaterThan(60);
  });

  it("[FUZ1][FUZ2] returned, thrown or asked for come back soundly or as an error", async () => {
    const seen = { answered: 0, refused: 0 };
    await forEachSeed(fuzzSeeds("hostile-reads", 60), async (choices) => {
      const { backend, commits, hand } = start(choices);
      for (let i = 0; i < 12; i++) {
        try {
          expectSound(await hand(choices.chance(0.9) ? choices.pick(READERS) : "m:actWithOwn"));
          seen.answered += 1;
        } catch (error) {
          seen.refused += 1;
          expectOnPurpose(error);
        }
      }
      expect(await backend.query("m:count")).toBe(commits.length);
      expectUnpolluted();
      await backend.close();
    });
    expect(seen.answered).toBeGreaterThan(30);
    expect(seen.refused).toBeGreaterThan(60);
  });

  it("[FUZ1][FUZ2] where a reference, a path or the arguments object is expected are refused", async () => {
    await forEachSeed(fuzzSeeds("hostile-calls", 60), async (choices) => {
      const { backend } = start(choices);
      for (let i = 0; i < 12; i++) {
        const call = choices.pick(["query", "mutation", "action"] as const);
        const reference = choices.chance(0.5) ? hostile(choices) : "m:count";
        // A handler is run, not refused.
        if (typeof reference === "function") continue;
        try {
          expectSound(await backend[call](reference as string, hostile(choices)));
        } catch (error) {
          expectOnPurpose(error);
        }
      }
      expectUnpolluted();
      await backend.close();
    });
  });
});
