// Live queries on a real store: who is run, who is called, when, with what.

import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import type { QueryResult } from "../../src/reactivity/ports";
import type { Value } from "../../src/values/value";
import {
  type Asked,
  ask,
  collect,
  gate,
  indexOf,
  openReactiveStore,
  prefixOf,
  type Query,
} from "./reactive-store";

/** All items with a given `b`. */
const withB: Query = (asked) =>
  collect(asked, indexOf(asked, "by_b_a"), { prefix: prefixOf(asked.args["b"]) });

const countWithB: Query = async (asked) => ((await withB(asked)) as Value[]).length;

const all = (asked: Asked) => collect(asked, indexOf(asked, "by_creation_time"));

const count: Query = (asked) => all(asked).length;

function values(results: readonly QueryResult[]): unknown[] {
  return results.map((result) => (result.ok ? result.value : result.failure.text));
}

/** Subscribes and keeps what comes. */
function watch(store: ReturnType<typeof openReactiveStore>, request: ReturnType<typeof ask>) {
  const results: QueryResult[] = [];
  const stop = store.reactivity.subscribe(request, (result) => results.push(result));
  return { results, stop, values: () => values(results) };
}

describe("a subscription", () => {
  it("[SUB1] delivers the first result once, after the call", async () => {
    const store = openReactiveStore("first", { count });
    store.insert(1);
    const live = watch(store, ask("count"));
    expect(live.results).toEqual([]);
    await store.reactivity.settled();
    expect(live.values()).toEqual([1]);
    await store.reactivity.settled();
    expect(live.values()).toEqual([1]);
  });

  it("[SUB1] delivers a first result that sees every commit before the call", async () => {
    const held = gate();
    const slow: Query = async (asked) => {
      const n = all(asked).length;
      if (n === 0) await held.passed;
      return n;
    };
    const store = openReactiveStore("first-fresh", { slow });
    const early = watch(store, ask("slow"));
    await Promise.resolve();
    // The run on the empty store is under way; a commit and another subscription come meanwhile.
    await Promise.resolve();
    store.insert(1);
    const late = watch(store, ask("slow"));
    held.open();
    await store.reactivity.settled();
    expect(early.values()).toEqual([0, 1]);
    expect(late.values()).toEqual([1]);
  });

  it("[SUB2] is run again after commits that touch it, and after no others", async () => {
    const store = openReactiveStore("touch", { countWithB });
    const live = watch(store, ask("countWithB", { b: "x" }));
    const other = watch(store, ask("countWithB", { b: "y" }));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(2);
    const id = store.insert(1, "x");
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(3);
    // It leaves one range for another: both are touched.
    store.patch(id, { b: "y" });
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(5);
    expect(live.values()).toEqual([0, 1, 0]);
    expect(other.values()).toEqual([0, 1]);
  });

  it("[SUB2] depends on an early stop's rows only, and on rows that were not there", async () => {
    const first: Query = (asked) => collect(asked, indexOf(asked, "by_a"), { limit: 1 });
    const byId: Query = (asked) =>
      (asked.tx.get(asked.items, asked.args["id"] as string)?.document["a"] ?? null) as Value;
    const store = openReactiveStore("exact", { first, byId });
    const id = store.insert(5);
    watch(store, ask("first"));
    const point = watch(store, ask("byId", { id }));
    await store.reactivity.settled();
    store.runs.length = 0;
    store.insert(6);
    await store.reactivity.settled();
    expect(store.runs).toEqual([]);
    store.insert(4);
    await store.reactivity.settled();
    expect(store.runs).toEqual(["first"]);
    store.remove(id);
    await store.reactivity.settled();
    expect(point.values()).toEqual([5, null]);
  });

  it("[SUB2] depends on a table that does not exist yet", async () => {
    const later: Query = ({ tx }) => tx.table("", "later") !== undefined;
    const store = openReactiveStore("missing", { later });
    const live = watch(store, ask("later"));
    await store.reactivity.settled();
    store.commit((tx) => tx.insert(tx.tableForWrite("", "later"), {}));
    await store.reactivity.settled();
    expect(live.values()).toEqual([false, true]);
  });

  it("[SUB3] is not called with a result equal to the one before", async () => {
    const store = openReactiveStore("equal", {
      parity: async (asked) => ({ odd: ((await all(asked)).length % 2) as Value }),
    });
    const live = watch(store, ask("parity"));
    await store.reactivity.settled();
    store.commit((tx) => {
      tx.insert(store.items, { a: 1 });
      tx.insert(store.items, { a: 2 });
    });
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(2);
    expect(live.values()).toEqual([{ odd: 0 }]);
  });

  it("[SUB5] misses no commit that comes while its query runs", async () => {
    const held = gate();
    const slow: Query = async (asked) => {
      const n = all(asked).length;
      if (n === 1) await held.passed;
      return n;
    };
    const store = openReactiveStore("during", { slow });
    const live = watch(store, ask("slow"));
    await store.reactivity.settled();
    store.insert(1);
    await new Promise((resolve) => setImmediate(resolve));
    store.insert(2);
    store.insert(3);
    held.open();
    await store.reactivity.settled();
    // What was run at the first commit is delivered; the two that came meanwhile are one round.
    expect(live.values()).toEqual([0, 1, 3]);
  });

  it("[SUB5] compares commits that come during a run with what that run reads, not the last", async () => {
    const held = gate();
    const roaming: Query = async (asked) => {
      const pointer = collect(asked, indexOf(asked, "by_a"), { limit: 1 })[0] as { b: string };
      const found = collect(asked, indexOf(asked, "by_b_a"), { prefix: prefixOf(pointer.b) });
      if (pointer.b === "y") await held.passed;
      return found.length;
    };
    const store = openReactiveStore("roam", { roaming });
    const pointer = store.insert(0, "x");
    const live = watch(store, ask("roaming"));
    await store.reactivity.settled();
    store.patch(pointer, { b: "y" });
    await new Promise((resolve) => setImmediate(resolve));
    // Touches what the run under way reads, and nothing that the last one read.
    store.insert(7, "y");
    // Touches what the last one read, and nothing that the run under way reads.
    store.insert(7, "x");
    held.open();
    await store.reactivity.settled();
    expect(live.values()).toEqual([1, 2]);
    expect(store.runs).toHaveLength(3);
  });

  it("[SUB6] calls nobody from inside a commit", async () => {
    const store = openReactiveStore("outside", { count });
    let isCommitting = false;
    const seen: boolean[] = [];
    store.reactivity.subscribe(ask("count"), () => seen.push(isCommitting));
    await store.reactivity.settled();
    isCommitting = true;
    store.insert(1);
    isCommitting = false;
    await store.reactivity.settled();
    expect(seen).toEqual([false, false]);
  });

  it("[SUB6] calls listeners as the host's code, wherever the commit came from", async () => {
    const storage = new AsyncLocalStorage<string>();
    const store = openReactiveStore(
      "context",
      { count },
      { outside: (body) => storage.exit(body) },
    );
    const seen: (string | undefined)[] = [];
    store.reactivity.subscribe(ask("count"), () => seen.push(storage.getStore()));
    await store.reactivity.settled();
    await storage.run("a function", async () => {
      store.insert(1);
      await store.reactivity.settled();
    });
    expect(seen).toEqual([undefined, undefined]);
  });

  it("[SUB7] survives the throw of another listener, which is reported", async () => {
    const store = openReactiveStore("throw", { count });
    const before = watch(store, ask("count"));
    store.reactivity.subscribe(ask("count"), () => {
      throw new Error("listener");
    });
    const after = watch(store, ask("count"));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(before.values()).toEqual([0, 1]);
    expect(after.values()).toEqual([0, 1]);
    expect(store.listenerErrors).toEqual([new Error("listener"), new Error("listener")]);
  });

  it("[SUB8] is never called after it ended, even when another listener ends it", async () => {
    const store = openReactiveStore("stop", { count, countWithB });
    const stops: (() => void)[] = [];
    const calls: string[] = [];
    for (const name of ["one", "two"]) {
      const stop = store.reactivity.subscribe(ask(name === "one" ? "count" : "countWithB"), () => {
        calls.push(name);
        for (const end of stops) end();
      });
      stops.push(stop);
    }
    await store.reactivity.settled();
    expect(calls).toHaveLength(1);
    store.insert(1);
    await store.reactivity.settled();
    expect(calls).toHaveLength(1);
  });

  it("[SUB8] may end while its query runs", async () => {
    const held = gate();
    const store = openReactiveStore("stop-running", {
      slow: async (asked) => {
        await held.passed;
        return all(asked).length;
      },
    });
    const live = watch(store, ask("slow"));
    await new Promise((resolve) => setImmediate(resolve));
    live.stop();
    live.stop();
    held.open();
    await store.reactivity.settled();
    expect(live.results).toEqual([]);
    store.reactivity.checkInvariants();
  });

  it("[SUB8] may begin in a listener", async () => {
    const store = openReactiveStore("nested", { count });
    const inner: unknown[] = [];
    let isOn = false;
    store.reactivity.subscribe(ask("count"), () => {
      if (isOn) return;
      isOn = true;
      store.reactivity.subscribe(ask("count"), (result) => inner.push(result));
    });
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(values(inner as QueryResult[])).toEqual([0, 1]);
  });

  it("[SUB9] stays subscribed when its query fails, and recovers", async () => {
    const picky: Query = (asked) => {
      const items = all(asked) as { a: number }[];
      if (items.some(({ a }) => a < 0)) throw new Error("negative");
      return items;
    };
    const store = openReactiveStore("fail", { picky });
    const kept = store.insert(1);
    const live = watch(store, ask("picky"));
    await store.reactivity.settled();
    const id = store.insert(-1);
    await store.reactivity.settled();
    store.insert(2);
    await store.reactivity.settled();
    store.remove(id);
    await store.reactivity.settled();
    expect(live.results).toHaveLength(3);
    expect(live.values()[1]).toBe("negative");
    const [first, , last] = live.values() as { _id: string }[][];
    expect(last).toHaveLength(2);
    // Structure is shared across the failure.
    expect(last![0]).toBe(first![0]);
    expect(last![0]!._id).toBe(kept);
  });

  it("[SUB17] delivers frozen results that share what did not change", async () => {
    const store = openReactiveStore("shared", { all: (asked) => all(asked) });
    store.insert(1);
    const live = watch(store, ask("all"));
    const twin = watch(store, ask("all"));
    await store.reactivity.settled();
    store.insert(2);
    await store.reactivity.settled();
    const [first, second] = live.values() as object[][];
    expect(second![0]).toBe(first![0]);
    expect(Object.isFrozen(second)).toBe(true);
    expect(Object.isFrozen(second![1])).toBe(true);
    expect(twin.results[1]).toBe(live.results[1]);
  });

  it("[SUB18] is not run again because time passes", async () => {
    const store = openReactiveStore("time", { when: (asked) => asked.now() });
    const live = watch(store, ask("when"));
    await store.reactivity.settled();
    store.pass(60_000);
    store.insert(1);
    await store.reactivity.settled();
    expect(live.results).toHaveLength(1);
    expect(store.runs).toHaveLength(1);
  });
});

describe("subscriptions to the same query", () => {
  it("[SUB10] share its runs, also for callers that it does not ask about", async () => {
    const store = openReactiveStore("share-runs", { count });
    const lives = [undefined, "ada", "bob", "ada"].map((by) => watch(store, ask("count", {}, by)));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(1);
    store.insert(1);
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(2);
    for (const live of lives) expect(live.values()).toEqual([0, 1]);
    store.reactivity.checkInvariants();
  });

  it("[SUB10] are run for each caller if it asks who calls", async () => {
    const store = openReactiveStore("own-runs", { who: (asked) => asked.whoAsks() });
    const lives = [undefined, "ada", "bob", "ada"].map((by) => watch(store, ask("who", {}, by)));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(3);
    expect(lives.map((live) => live.values())).toEqual([["nobody"], ["ada"], ["bob"], ["ada"]]);
    store.reactivity.checkInvariants();
  });

  it("[SUB10] part when it begins to ask who calls, and merge when it stops", async () => {
    const who: Query = (asked) => (all(asked).length % 2 === 1 ? asked.whoAsks() : "anybody");
    const store = openReactiveStore("part", { who });
    const lives = [undefined, "ada", "bob"].map((by) => watch(store, ask("who", {}, by)));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(1);
    for (let n = 1; n <= 3; n++) {
      store.insert(n);
      await store.reactivity.settled();
      store.reactivity.checkInvariants();
    }
    const history = (name: string) => ["anybody", name, "anybody", name];
    expect(lives.map((live) => live.values())).toEqual(["nobody", "ada", "bob"].map(history));
    // 1; 3 of their own; 3 that find out that one had done; 3 of their own.
    expect(store.runs).toHaveLength(10);
  });

  it("[SUB10] hear of a merge that changes their result but not the one they merge with", async () => {
    const who: Query = (asked) => (all(asked).length === 0 ? asked.whoAsks() : "ada");
    const store = openReactiveStore("merge", { who });
    const ada = watch(store, ask("who", {}, "ada"));
    const bob = watch(store, ask("who", {}, "bob"));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(ada.values()).toEqual(["ada"]);
    expect(bob.values()).toEqual(["bob", "ada"]);
  });

  it("[SUB10] keep their own answer when the caller a shared one ran for has left", async () => {
    const who: Query = (asked) => (all(asked).length > 0 ? asked.whoAsks() : "anybody");
    const store = openReactiveStore("left", { who });
    const ada = watch(store, ask("who", {}, "ada"));
    const bob = watch(store, ask("who", {}, "bob"));
    await store.reactivity.settled();
    ada.stop();
    store.insert(1);
    await store.reactivity.settled();
    expect(bob.values()).toEqual(["anybody", "bob"]);
    store.reactivity.checkInvariants();
  });

  it("[SUB10] are run side by side once it is known that each needs a run of its own", async () => {
    const held = gate();
    let running = 0;
    const who: Query = async (asked) => {
      const name = asked.whoAsks();
      running += 1;
      if (running > 1) await held.passed;
      return name;
    };
    const store = openReactiveStore("beside", { who });
    for (const by of ["ada", "bob", "eve"]) watch(store, ask("who", {}, by));
    // The first finds it out, the other two follow together.
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toBe(3);
    held.open();
    await store.reactivity.settled();
  });

  it("[SUB4] are all answered as of one commit, whatever is cached meanwhile", async () => {
    const held = gate();
    const who: Query = async (asked) => {
      const n = all(asked).length;
      const name = asked.whoAsks();
      if (n === 0 && name === "ada") await held.passed;
      return `${name} ${n}`;
    };
    const store = openReactiveStore("older", { who });
    const seen: string[] = [];
    for (const by of ["ada", "bob"]) {
      const group = store.reactivity.group({
        onTransition: ({ ts, updates }) =>
          seen.push(`${ts.seq}: ${values(updates.map((u) => u.result))}`),
      });
      group.add(ask("who", {}, by));
    }
    await new Promise((resolve) => setImmediate(resolve));
    store.insert(1);
    await store.reactivity.query(ask("who", {}, "bob"));
    held.open();
    await store.reactivity.settled();
    expect(seen).toEqual(["0: ada 0", "0: bob 0", "1: ada 1", "1: bob 1"]);
  });

  it("[SUB11] goes on from where its page ended", async () => {
    // The first page has two items; from then on, all up to the last of them.
    const page: Query = (asked) => {
      const index = indexOf(asked, "by_a");
      const { journal } = asked;
      const items =
        journal === undefined
          ? collect(asked, index, { limit: 2 })
          : collect(asked, index, {
              range: { lower: "", upper: `${prefixOf(Number(journal))}\xff` },
            });
      asked.endPageAt(journal ?? String((items.at(-1) as { a: number } | undefined)?.a ?? 0));
      return items.map((item) => (item as { a: number }).a);
    };
    const store = openReactiveStore("journal", { page });
    for (const a of [10, 20, 30]) store.insert(a);
    const live = watch(store, ask("page"));
    const twin = watch(store, ask("page"));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(1);
    // Its own run finds the same page: from then on it shares.
    const same = watch(store, ask("page"));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(2);
    store.insert(15);
    await store.reactivity.settled();
    const late = watch(store, ask("page"));
    const resumed = watch(store, ask("page", {}, undefined, "20"));
    await store.reactivity.settled();
    store.insert(5);
    await store.reactivity.settled();
    expect(live.values()).toEqual([
      [10, 20],
      [10, 15, 20],
      [5, 10, 15, 20],
    ]);
    expect(twin.values()).toEqual(live.values());
    expect(same.values()).toEqual(live.values());
    expect(same.results[1]).toBe(live.results[1]);
    expect(late.values()).toEqual([
      [10, 15],
      [5, 10, 15],
    ]);
    expect(resumed.values()).toEqual([
      [10, 15, 20],
      [5, 10, 15, 20],
    ]);
    // The first page, twice, again, the late one; again the old page and the late one.
    expect(store.runs).toHaveLength(6);
    store.reactivity.checkInvariants();
  });

  it("[SUB11] goes on from the same place after a failure", async () => {
    const journals: (string | undefined)[] = [];
    const page: Query = (asked) => {
      journals.push(asked.journal);
      const n = all(asked).length;
      if (n === 1) throw new Error("one");
      asked.endPageAt("end");
      return n;
    };
    const store = openReactiveStore("journal-fail", { page });
    const live = watch(store, ask("page"));
    await store.reactivity.settled();
    for (const a of [1, 2]) {
      store.insert(a);
      await store.reactivity.settled();
    }
    expect(journals).toEqual([undefined, "end", "end"]);
    expect(live.values()).toEqual([0, "one", 2]);
  });

  it("[SUB11] goes on from the same place when callers part", async () => {
    const journals: string[] = [];
    const page: Query = (asked) => {
      journals.push(`${asked.journal}`);
      asked.endPageAt("end");
      return all(asked).length > 0 ? asked.whoAsks() : "anybody";
    };
    const store = openReactiveStore("journal-part", { page });
    const lives = ["ada", "bob"].map((by) => watch(store, ask("page", {}, by)));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(lives.map((live) => live.values())).toEqual([
      ["anybody", "ada"],
      ["anybody", "bob"],
    ]);
    expect(journals).toEqual(["undefined", "end", "end"]);
  });

  it("[SUB11] shares the first run of a page among callers it does not ask about", async () => {
    const page: Query = (asked) => {
      asked.endPageAt("end");
      return all(asked).length;
    };
    const store = openReactiveStore("journal-share", { page });
    const lives = ["ada", "bob", "eve"].map((by) => watch(store, ask("page", {}, by)));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(1);
    for (const live of lives) expect(live.values()).toEqual([0]);
    store.reactivity.checkInvariants();
  });
});

describe("the end of it", () => {
  it("[SUB13] is settled when nothing is left to deliver, at once if nothing is due", async () => {
    const store = openReactiveStore("settled", { count });
    await store.reactivity.settled();
    const live = watch(store, ask("count"));
    store.insert(1);
    store.insert(2);
    await store.reactivity.settled();
    expect(live.values()).toEqual([2]);
  });

  it("[SUB13] is settled only after what listeners set off", async () => {
    const store = openReactiveStore("settled-more", { count });
    const seen: unknown[] = [];
    store.reactivity.subscribe(ask("count"), (result) => {
      seen.push(...values([result]));
      if (seen.length < 4) store.insert(seen.length);
    });
    await store.reactivity.settled();
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it("[SUB19] holds no snapshot while nothing is to be done", async () => {
    const store = openReactiveStore("snapshots", { count });
    const live = watch(store, ask("count"));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    const id = store.insert(2);
    store.patch(id, { a: 3 });
    live.stop();
    await store.reactivity.settled();
    let taken = 0;
    let released = 0;
    const current = store.database.current.bind(store.database);
    store.database.current = () => {
      taken += 1;
      const snapshot = current();
      return {
        ts: snapshot.ts,
        release: () => {
          released += 1;
          snapshot.release();
        },
      };
    };
    const again = watch(store, ask("count"));
    await store.reactivity.settled();
    await store.reactivity.query(ask("count", { other: true }));
    again.stop();
    expect(taken).toBe(2);
    expect(released).toBe(2);
  });

  it("[SUB20] calls nobody after it is closed", async () => {
    const store = openReactiveStore("closed", { count });
    const live = watch(store, ask("count"));
    await store.reactivity.settled();
    store.insert(1);
    store.reactivity.close();
    store.insert(2);
    watch(store, ask("count"));
    await store.reactivity.settled();
    expect(live.values()).toEqual([0]);
  });
});
