// `simulate` on an app with mistakes on purpose: it finds them, makes them small, and leaves what is
// right alone.

import type { Backend } from "invex";
import { type InvexError, isInvexError } from "invex";
import { type SimulatedOutcome, simulate } from "invex/testing";
import { describe, expect, it } from "vitest";
import { fuzzSeeds } from "../fuzz/fuzz-seeds";
import { modules, modulesWithCrons, schema } from "./shop";

const base = { schema, modules };

async function failureOf(run: Promise<unknown>): Promise<InvexError> {
  try {
    await run;
  } catch (error) {
    if (isInvexError(error)) return error;
    throw error;
  }
  throw new Error("it passed");
}

const increments = {
  increment: (random: { below(n: number): number }) => ({
    mutation: "shop:increment",
    args: { name: "a", by: 1 + random.below(9) },
  }),
};

const racyIncrements = {
  incrementRacily: (random: { below(n: number): number }) => ({
    action: "shop:incrementRacily",
    args: { name: "a", by: 1 + random.below(9) },
  }),
};

interface RacyCall {
  readonly client: number;
  readonly call: { readonly args: { readonly by: number } };
}

/** The counter is the sum of what was added. */
async function countsAll(backend: Backend, history: readonly SimulatedOutcome[]) {
  let sum = 0;
  for (const { call, result } of history) {
    if ("args" in call && result.ok) sum += Number(call.args?.by ?? 0);
  }
  return (await backend.query("shop:read", { name: "a" })) === sum;
}

/** Nothing was shipped before it was confirmed. */
async function shipsInOrder(backend: Backend) {
  const lines = (await backend.query("shop:log", {})) as string[];
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith("shipped")) continue;
    const confirmed = lines.indexOf(line.replace("shipped", "confirmed"));
    if (confirmed === -1 || confirmed > i) throw new Error(`${line} before it was confirmed`);
  }
}

const accounts = async (backend: Backend) => ({
  ada: await backend.mutation("shop:open", { owner: "ada", cents: 100 }),
  grace: await backend.mutation("shop:open", { owner: "grace", cents: 100 }),
});

const transfers = (path: string) => ({
  transfer: (random: { below(n: number): number; chance(p: number): boolean }, ids: unknown) => {
    const { ada, grace } = ids as { ada: string; grace: string };
    const [from, to] = random.chance(0.5) ? [ada, grace] : [grace, ada];
    return { mutation: path, args: { from, to, cents: 1 + random.below(150) } };
  },
});

const subscriptions = {
  watchTotal: () => ({ subscribe: "shop:total" }),
  watchLog: () => ({ subscribe: "shop:log" }),
  watchCounter: () => ({ subscribe: "shop:read", args: { name: "a" } }),
};

describe("simulate", () => {
  it("[SIM1] passes a program that is right", async () => {
    const report = await simulate({
      ...base,
      setup: accounts,
      operations: { ...increments, ...transfers("shop:transfer"), ...subscriptions },
      invariant: countsAll,
      always: async (backend) => (await backend.query("shop:total", {})) === 200,
    });
    expect(report.runs).toBe(100);
    expect(report.calls).toBeGreaterThan(300);
    expect(report.commits).toBeGreaterThan(100);
    expect(report.choices).toBeGreaterThan(report.calls);
  });

  it("[SIM2][SIM5] finds a lost update from any seed, and tells it with two calls and no more", async () => {
    for (const seed of fuzzSeeds("lost-update", 3)) {
      const error = await failureOf(
        simulate({
          ...base,
          seed,
          operations: { ...racyIncrements, ...increments, ...subscriptions },
          invariant: countsAll,
        }),
      );
      expect(error.code).toBe("SimulationFailed");
      const { calls } = error.fields as { calls: RacyCall[] };
      expect(calls.map(({ client }) => client).sort()).toEqual([1, 2]);
      expect(calls.map(({ call }) => call.args.by)).toEqual([1, 1]);
      expect(error.message).toContain("`invariant` does not hold");
      expect(error.message).toContain('action shop:incrementRacily({ name: "a", by: 1 })');
      expect(error.message).toContain("commit: counters + {");
    }
  });

  it("[SIM3] finds jobs that rely on their order, by one call", async () => {
    const order = { order: () => ({ mutation: "shop:order", args: { name: "tea" } }) };
    const error = await failureOf(
      simulate({ ...base, operations: { ...increments, ...order }, invariant: shipsInOrder }),
    );
    expect(error.fields.size).toBe(1);
    expect(error.message).toContain("shipped tea before it was confirmed");
    expect((error.cause as Error).message).toBe("shipped tea before it was confirmed");
  });

  it("[SIM3] passes jobs that schedule each other in order", async () => {
    await simulate({
      ...base,
      operations: {
        ...increments,
        order: (random) => ({
          mutation: "shop:orderStepwise",
          args: { name: `tea ${random.below(1000)}` },
        }),
      },
      invariant: shipsInOrder,
      always: shipsInOrder,
    });
  });

  it("[SIM4] says the same for the same seed, and repeats a failure by its own seed", async () => {
    const run = (seed: string, runs: number) =>
      failureOf(
        simulate({
          ...base,
          seed,
          runs,
          steps: 4,
          operations: racyIncrements,
          invariant: countsAll,
        }),
      );
    const first = await run("same", 100);
    const second = await run("same", 100);
    expect(second.message).toBe(first.message);
    const own = String(first.fields.seed);
    const repeated = await run(own, 1);
    expect(repeated.message).toBe(first.message);
    expect(first.message).toContain(`seed: ${JSON.stringify(own)}, runs: 1`);
    const operations = { ...increments, page: () => ({ query: "shop:page" }) };
    const other = await simulate({ ...base, seed: "x", operations });
    expect(await simulate({ ...base, seed: "x", operations })).toEqual(other);
    expect(await simulate({ ...base, seed: "y", operations })).not.toEqual(other);
  });

  it("[SIM6] `always` sees what is wrong between two commits, `invariant` only the end", async () => {
    const transferring = { ...base, setup: accounts, operations: transfers("shop:transferLater") };
    const adds = async (backend: Backend) => (await backend.query("shop:total", {})) === 200;
    await simulate({ ...transferring, runs: 40, invariant: adds });
    const error = await failureOf(simulate({ ...transferring, always: adds }));
    expect(error.message).toContain("`always` does not hold after a commit");
    expect(error.fields.size).toBe(1);
  });

  it("[SIM7] throws the mistakes of the simulation itself as they are", async () => {
    const mistake = new Error("mine");
    const fails = () => {
      throw mistake;
    };
    await expect(simulate({ ...base, operations: { fails } })).rejects.toBe(mistake);
    await expect(simulate({ ...base, operations: increments, setup: fails })).rejects.toBe(mistake);
    const invalid = async (options: object) =>
      (await failureOf(simulate({ ...base, operations: increments, ...options }))).message;
    expect(await invalid({ runs: 0 })).toContain("`runs` must be a positive integer");
    expect(await invalid({ operations: {} })).toContain("at least one function");
    expect(await invalid({ operations: { a: 1 } })).toContain("`a` must be a function");
  });

  it("[SIM7] stops a run that has no end, and says who waits for what nobody drives", async () => {
    const endless = await failureOf(
      simulate({ ...base, runs: 1, operations: { go: () => ({ mutation: "shop:forEver" }) } }),
    );
    expect(endless.message).toContain("does not come to its end");
    const stuck = await failureOf(
      simulate({ ...base, runs: 1, operations: { wait: () => ({ action: "shop:waits" }) } }),
    );
    expect(stuck.message).toMatch(/Client \d.* waits for something that the simulation does not/);
  });

  it("[SIM8] time passes: jobs of later run, and crons", async () => {
    await simulate({
      schema,
      modules: modulesWithCrons,
      runs: 30,
      operations: { wait: () => ({ advance: { seconds: 30 } }), ...increments },
      invariant: async (backend, history) => {
        const count = (await backend.query("shop:read", { name: "cron" })) as number;
        const waits = history.filter(({ operation }) => operation === "wait").length;
        if (count < 3)
          throw new Error(`the cron ran ${count} times in ${waits} waits and a minute`);
      },
    });
  });
});
