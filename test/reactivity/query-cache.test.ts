// One-shot queries: what is run, what is answered from memory, and who owns the answer.

import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/reactivity/reactivity";
import type { Value } from "../../src/values/value";
import {
  ask,
  collect,
  gate,
  indexOf,
  openReactiveStore,
  prefixOf,
  type Query,
} from "./reactive-store";

const all: Query = (asked) => collect(asked, indexOf(asked, "by_creation_time"));
const withB: Query = (asked) =>
  collect(asked, indexOf(asked, "by_b_a"), { prefix: prefixOf(asked.args["b"]) });

function answered({ result }: Answer): Value {
  return result.ok ? result.value : `failed: ${result.failure.text}`;
}

describe("a one-shot query", () => {
  it("[CACHE1] is not run again while what it read stays the same", async () => {
    const store = openReactiveStore("again", { withB });
    store.insert(1, "x");
    const first = await store.reactivity.query(ask("withB", { b: "x" }));
    store.insert(1, "y");
    const second = await store.reactivity.query(ask("withB", { b: "x" }));
    expect(answered(second)).toEqual(answered(first));
    expect(store.runs).toHaveLength(1);
    expect([first.ts.seq, second.ts.seq]).toEqual([1, 2]);
  });

  it("[CACHE1] gives every caller a value of its own", async () => {
    const store = openReactiveStore("own", { all });
    store.insert(1);
    const request = ask("all");
    const concurrent = await Promise.all([1, 2].map(() => store.reactivity.query(request)));
    const stop = store.reactivity.subscribe(request, () => {});
    await store.reactivity.settled();
    const live = await store.reactivity.query(request);
    for (const answer of [...concurrent, live]) {
      const [item] = answered(answer) as Record<string, Value>[];
      expect(item!["a"]).toBe(1);
      item!["a"] = "spoilt";
    }
    stop();
    const [item] = answered(await store.reactivity.query(request)) as Record<string, Value>[];
    expect(item!["a"]).toBe(1);
    expect(store.runs).toHaveLength(1);
  });

  it("[CACHE2] is run again after a commit that touches what it read", async () => {
    const store = openReactiveStore("touched", { withB });
    const lengths: number[] = [];
    for (const b of ["x", "x", "y", "x"]) {
      const answer = await store.reactivity.query(ask("withB", { b: "x" }));
      lengths.push((answered(answer) as Value[]).length);
      store.insert(1, b);
    }
    expect(lengths).toEqual([0, 1, 2, 2]);
    expect(store.runs).toHaveLength(3);
  });

  it("[CACHE2] is run again when the commits since are forgotten or too many to check", async () => {
    const store = openReactiveStore("forgotten", { withB });
    for (const commits of [100, 200, 1_000]) {
      await store.reactivity.query(ask("withB", { b: "x" }));
      for (let i = 0; i < commits; i++) store.insert(1, "y");
    }
    await store.reactivity.query(ask("withB", { b: "x" }));
    expect(store.runs).toHaveLength(3);
  });

  it("[CACHE3] shares a run that is under way on the same version of the store", async () => {
    const held = gate();
    const store = openReactiveStore("flight", {
      slow: async (asked) => {
        const items = await all(asked);
        await held.passed;
        return items;
      },
    });
    const request = ask("slow");
    const early = [1, 2].map(() => store.reactivity.query(request));
    const results: unknown[] = [];
    store.reactivity.subscribe(request, (result) => results.push(result));
    await new Promise((resolve) => setImmediate(resolve));
    const joined = store.reactivity.query(request);
    expect(store.runs).toHaveLength(1);
    store.insert(1);
    const late = store.reactivity.query(request);
    held.open();
    const lengths = (await Promise.all([...early, joined, late])).map(
      (answer) => (answered(answer) as Value[]).length,
    );
    expect(lengths).toEqual([0, 0, 0, 1]);
    await store.reactivity.settled();
    expect(results).toHaveLength(2);
    expect(Object.isFrozen(answered(await early[0]!))).toBe(false);
    expect(store.runs).toHaveLength(2);
  });

  it("[CACHE3] keeps the newest answer, whichever run ends last", async () => {
    const held = gate();
    const store = openReactiveStore("order", {
      slow: async (asked) => {
        const items = (await all(asked)) as Value[];
        if (items.length === 0) await held.passed;
        return items.length;
      },
    });
    const early = store.reactivity.query(ask("slow"));
    store.insert(1);
    expect(answered(await store.reactivity.query(ask("slow")))).toBe(1);
    held.open();
    expect(answered(await early)).toBe(0);
    expect(answered(await store.reactivity.query(ask("slow")))).toBe(1);
    expect(store.runs).toHaveLength(2);
  });

  it("[CACHE4] is run for each caller only if it asks who calls", async () => {
    const store = openReactiveStore("callers", {
      who: (asked) => asked.whoAsks(),
      anybody: () => "anybody",
    });
    for (const path of ["who", "anybody"]) {
      for (const by of [undefined, "ada", "bob", "ada", undefined]) {
        const answer = await store.reactivity.query(ask(path, {}, by));
        expect(answered(answer)).toBe(path === "who" ? (by ?? "nobody") : "anybody");
      }
    }
    expect(store.runs).toEqual(["who", "who", "who", "anybody"]);
  });

  it("[CACHE5] is run again 17 s after it asked for the time", async () => {
    const store = openReactiveStore("time", { when: (asked) => asked.now(), never: () => 1 });
    const stop = store.reactivity.subscribe(ask("when", { live: true }), () => {});
    await store.reactivity.settled();
    store.runs.length = 0;
    for (const ms of [0, 16_999, 1]) {
      store.pass(ms);
      await store.reactivity.query(ask("when"));
      await store.reactivity.query(ask("never"));
      await store.reactivity.query(ask("when", { live: true }));
    }
    expect(store.runs).toEqual(["when", "never", "when", "when"]);
    stop();
  });

  it("[CACHE6] is run again after a failure", async () => {
    const store = openReactiveStore("failure", {
      fail: () => {
        throw new Error("boom");
      },
    });
    const stop = store.reactivity.subscribe(ask("fail"), () => {});
    await store.reactivity.settled();
    for (let i = 0; i < 2; i++) {
      expect(answered(await store.reactivity.query(ask("fail")))).toBe("failed: boom");
    }
    expect(store.runs).toHaveLength(3);
    stop();
  });

  it("[CACHE7] is forgotten when others were asked more recently than it", async () => {
    const store = openReactiveStore("bound", { withB }, { cache: { maxEntries: 2 } });
    for (const b of ["x", "y", "x", "z", "x", "y"]) {
      await store.reactivity.query(ask("withB", { b }));
      store.reactivity.checkInvariants();
    }
    expect(store.runs).toHaveLength(4);
  });

  it("[CACHE7] is kept within a number of bytes", async () => {
    const large: Query = (asked) => "x".repeat(asked.args["bytes"] as number);
    const store = openReactiveStore("bytes", { large }, { cache: { maxBytes: 4_000 } });
    for (const bytes of [1_500, 1_501, 1_500, 1_502, 1_500, 20_000, 20_000, 1_500]) {
      await store.reactivity.query(ask("large", { bytes }));
      store.reactivity.checkInvariants();
    }
    // The two that are too large are not kept, and drive nothing out.
    expect(store.runs).toHaveLength(5);
  });

  it("[CACHE11] is kept, if its answer is large, once it is asked again in vain", async () => {
    const large: Query = async (asked) => [await withB(asked), "x".repeat(10_000)];
    const store = openReactiveStore("large", { large });
    const runs: number[] = [];
    for (const isChanged of [false, true, false, true, false, false, false, true]) {
      if (isChanged) store.insert(1, "x");
      await store.reactivity.query(ask("large", { b: "x" }));
      runs.push(store.runs.length);
      store.reactivity.checkInvariants();
    }
    // Changed in between: not worth keeping. Unchanged: found out with the second run, kept.
    expect(runs).toEqual([1, 2, 3, 4, 5, 5, 5, 6]);
    const together = [1, 2].map(() => store.reactivity.query(ask("large", { b: "y" })));
    await Promise.all(together);
    await store.reactivity.query(ask("large", { b: "y" }));
    expect(store.runs).toHaveLength(7);
  });

  it("[CACHE12] is kept at the second request once a whole cache was filled in vain", async () => {
    const store = openReactiveStore("vain", { withB }, { cache: { maxEntries: 8 } });
    const askFor = async (b: string) => {
      const before = store.runs.length;
      await store.reactivity.query(ask("withB", { b }));
      store.reactivity.checkInvariants();
      return store.runs.length > before;
    };
    for (let i = 0; i < 8; i++) expect(await askFor(`once ${i}`)).toBe(true);
    // Not kept at first, kept then, and found; from then on whatever is asked for is kept at once.
    expect([await askFor("x"), await askFor("x"), await askFor("x")]).toEqual([true, true, false]);
    expect([await askFor("y"), await askFor("y")]).toEqual([true, false]);
  });

  it("[CACHE7] is always run when nothing may be kept", async () => {
    const store = openReactiveStore("off", { all }, { cache: { maxEntries: 0 } });
    for (let i = 0; i < 2; i++) await store.reactivity.query(ask("all"));
    expect(store.runs).toHaveLength(2);
  });

  it("[CACHE8] is answered by a live query, and the other way round", async () => {
    const store = openReactiveStore("both", { all });
    const results: unknown[] = [];
    await store.reactivity.query(ask("all"));
    const stop = store.reactivity.subscribe(ask("all"), (result) => results.push(result));
    await store.reactivity.settled();
    expect(store.runs).toHaveLength(1);
    store.insert(1);
    // Not delivered yet, and yet not stale: it is run, and the live query takes what it answered.
    const answer = await store.reactivity.query(ask("all"));
    expect(answered(answer)).toHaveLength(1);
    await store.reactivity.settled();
    await store.reactivity.query(ask("all"));
    expect(store.runs).toHaveLength(2);
    expect(results).toHaveLength(2);
    stop();
  });

  it("[CACHE8] answers with the log and the journal of the run", async () => {
    const store = openReactiveStore("logs", {
      talk: (asked) => {
        asked.log("[LOG] 'hi'");
        asked.endPageAt("there");
        return null;
      },
    });
    for (let i = 0; i < 2; i++) {
      const { logLines, journal } = await store.reactivity.query(ask("talk"));
      expect([logLines, journal]).toEqual([["[LOG] 'hi'"], "there"]);
    }
    expect(store.runs).toHaveLength(1);
  });
});
