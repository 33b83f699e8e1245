// What is left of a subscription after its end: nothing. Needs a garbage collector to ask.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ask, collect, indexOf, openReactiveStore, type ReactiveStore } from "./reactive-store";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Subscribes, hears, ends; answers what should be gone then. */
async function comeAndGo(store: ReactiveStore): Promise<WeakRef<object>[]> {
  const refs: WeakRef<object>[] = [];
  const listener = (result: object) => refs.push(new WeakRef(result));
  refs.push(new WeakRef(listener));
  const request = ask("all");
  refs.push(new WeakRef(request));
  const stop = store.reactivity.subscribe(request, listener);
  await store.reactivity.settled();
  store.insert(1);
  await store.reactivity.settled();
  store.insert(2);
  stop();
  await store.reactivity.settled();
  return refs;
}

describe("the last unsubscribe", () => {
  it("[SUB12] frees the query, its results and its listener", async () => {
    const store = openReactiveStore("free", {
      all: (asked) => collect(asked, indexOf(asked, "by_creation_time")),
    });
    const refs = await comeAndGo(store);
    expect(refs).toHaveLength(4);
    for (let i = 0; i < 10 && refs.some((ref) => ref.deref() !== undefined); i++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined, undefined]);
    store.reactivity.checkInvariants();
    store.insert(3);
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(2);
  });
});
