// What nobody listens to any more is let go.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { createLab, delivered, mutation, query } from "../fixtures/lab";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}

function lab() {
  return createLab({
    add: mutation((ctx) => ctx.db.insert("things", { list: [1, 2, 3] })),
    all: query((ctx) => ctx.db.query("things").collect()),
  }).backend;
}

type Lab = ReturnType<typeof lab>;

/** Subscribes, and answers the ways to get rid of it again, keeping nothing itself. */
async function subscribed(backend: Lab) {
  let result: WeakRef<object> | undefined;
  const listener = (value: object) => {
    result = new WeakRef(value);
  };
  const stop = backend.subscribe("m:all", {}, listener);
  await delivered(backend);
  return { stop, listener: new WeakRef(listener), result: result as unknown as WeakRef<object> };
}

/** A call of its own: a suspended function may keep what it called last. */
function stopFirst(stops: (() => void)[]): void {
  stops.shift()?.();
}

describe("the last unsubscribe", () => {
  it("[GC1] frees the listener and the result", async () => {
    const backend = lab();
    await backend.mutation("m:add");
    // Who keeps the way to unsubscribe keeps the listener: so they are forgotten as they are used.
    const stops: (() => void)[] = [];
    const keepStop = async () => {
      const { stop, ...references } = await subscribed(backend);
      stops.push(stop);
      return references;
    };
    const [one, two] = [await keepStop(), await keepStop()];
    stopFirst(stops);
    expect(await isCollected(one.listener)).toBe(true);
    expect(one.result.deref()).toBeDefined();
    stopFirst(stops);
    // The answer may live on in the cache of one-shot queries, for as long as it is true.
    await backend.mutation("m:add");
    await delivered(backend);
    expect(await isCollected(two.listener)).toBe(true);
    expect(await isCollected(two.result)).toBe(true);
  });

  it("[GC1] frees them also when it comes before the first result", async () => {
    const backend = lab();
    const begin = () => {
      const listener = () => {};
      backend.subscribe("m:all", {}, listener)();
      return new WeakRef(listener);
    };
    const listener = begin();
    await delivered(backend);
    expect(await isCollected(listener)).toBe(true);
  });
});

describe("a backend that nobody holds", () => {
  it("[GC2] is freed, with its forks and its documents", async () => {
    const make = async () => {
      const backend = lab();
      await backend.mutation("m:add");
      const fork = (backend as Lab & { fork(): Lab }).fork();
      await fork.mutation("m:add");
      const { stop } = await subscribed(fork);
      stop();
      return [new WeakRef(backend), new WeakRef(fork)];
    };
    for (const reference of await make()) expect(await isCollected(reference)).toBe(true);
  });
});
