// Groups: what a sync session sits on. Everything of one round at once, and tickets.

import { describe, expect, it } from "vitest";
import type { Transition } from "../../src/reactivity/subscriber-group";
import { ask, collect, gate, indexOf, openReactiveStore, type Query } from "./reactive-store";

const count: Query = (asked) => collect(asked, indexOf(asked, "by_creation_time")).length;
const double: Query = async (asked) => 2 * ((await count(asked)) as number);
const constant: Query = () => 7;

function openGroup(store: ReturnType<typeof openReactiveStore>, reportsLogs = false) {
  const transitions: Transition[] = [];
  const group = store.reactivity.group({
    onTransition: (transition) => transitions.push(transition),
    reportsLogs,
  });
  const told = () =>
    transitions.map(({ ts, updates, through }) => ({
      seq: ts.seq,
      through,
      values: updates.map(({ result }) => (result.ok ? result.value : result.failure.text)),
    }));
  return { group, transitions, told };
}

describe("a group", () => {
  it("[SUB14] hears of all that changed in a round at once, as of one timestamp", async () => {
    const store = openReactiveStore("round", { count, double, constant });
    const { group, told } = openGroup(store);
    for (const path of ["count", "constant", "double"]) group.add(ask(path));
    await store.reactivity.settled();
    store.insert(1);
    store.insert(2);
    await store.reactivity.settled();
    const updates = told();
    expect(updates).toHaveLength(2);
    expect(updates[0]).toEqual({ seq: 0, through: 0, values: [0, 7, 0] });
    expect(updates[1]!.seq).toBe(2);
    expect(updates[1]!.values).toEqual([2, 4]);
  });

  it("[SUB4] never sees two of its queries as of different commits", async () => {
    const held = gate();
    const slow: Query = async (asked) => {
      const n = (await count(asked)) as number;
      if (n === 1) await held.passed;
      return n;
    };
    const store = openReactiveStore("torn", { slow, count });
    const { group, told } = openGroup(store);
    group.add(ask("slow"));
    group.add(ask("count"));
    await store.reactivity.settled();
    store.insert(1);
    await new Promise((resolve) => setImmediate(resolve));
    store.insert(2);
    held.open();
    await store.reactivity.settled();
    expect(told().map(({ seq, values }) => [seq, ...values])).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  it("[SUB15] gets a transition it asked for even when nothing changed", async () => {
    const store = openReactiveStore("ticket", { constant });
    const { group, told } = openGroup(store);
    expect(group.requestTransition()).toBe(1);
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(group.requestTransition()).toBe(2);
    expect(group.requestTransition()).toBe(3);
    await store.reactivity.settled();
    expect(told()).toEqual([
      { seq: 0, through: 1, values: [] },
      { seq: 1, through: 3, values: [] },
    ]);
  });

  it("[SUB15] gets its ticket answered by a round that began after it was drawn", async () => {
    const held = gate();
    const slow: Query = async (asked) => {
      const n = (await count(asked)) as number;
      if (n === 1) await held.passed;
      return n;
    };
    const store = openReactiveStore("ticket-late", { slow, constant });
    const { group, told } = openGroup(store);
    group.add(ask("slow"));
    group.requestTransition();
    await store.reactivity.settled();
    store.insert(1);
    await new Promise((resolve) => setImmediate(resolve));
    group.add(ask("constant"));
    store.insert(2);
    group.requestTransition();
    held.open();
    await store.reactivity.settled();
    expect(told()).toEqual([
      { seq: 0, through: 1, values: [0] },
      { seq: 1, through: 1, values: [1] },
      { seq: 2, through: 2, values: [2, 7] },
    ]);
  });

  it("[SUB8] lists nothing that it removed", async () => {
    const store = openReactiveStore("remove", { count, double });
    const { group, told } = openGroup(store);
    const gone = group.add(ask("count"));
    group.add(ask("double"));
    await store.reactivity.settled();
    store.insert(1);
    group.remove(gone);
    group.remove(gone);
    await store.reactivity.settled();
    group.close();
    store.insert(1);
    await store.reactivity.settled();
    expect(told().map(({ values }) => values)).toEqual([[0, 0], [2]]);
    expect(() => group.add(ask("count"))).toThrow("a closed group takes no subscriptions");
  });

  it("[SUB8] lists nothing that another listener removed in the same round", async () => {
    const store = openReactiveStore("remove-late", { count, double });
    let onCount = () => {};
    store.reactivity.subscribe(ask("count"), () => onCount());
    // Called after the listener above, which is older.
    const { group, told } = openGroup(store);
    await store.reactivity.settled();
    const gone = group.add(ask("double"));
    group.add(ask("count"));
    onCount = () => group.remove(gone);
    store.insert(1);
    await store.reactivity.settled();
    expect(told().map(({ values }) => values)).toEqual([[1]]);
  });

  it("[SUB8] is not called when another listener has left it nothing", async () => {
    const store = openReactiveStore("remove-all", { count, double });
    let onCount = () => {};
    store.reactivity.subscribe(ask("count"), () => onCount());
    const { group, told } = openGroup(store);
    const gone = group.add(ask("double"));
    await store.reactivity.settled();
    onCount = () => group.remove(gone);
    store.insert(1);
    await store.reactivity.settled();
    expect(told().map(({ values }) => values)).toEqual([[0]]);
  });

  it("[SUB21] is called before groups that are younger", async () => {
    const store = openReactiveStore("order", { count, double });
    const calls: string[] = [];
    const paths = ["double", "count", "double", "count"];
    for (const [i, path] of paths.entries()) {
      store.reactivity.subscribe(ask(path), () => calls.push(`${i}`));
    }
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(calls.join("")).toBe("01230123");
  });

  it("[SUB16] hears of other log lines only if it wants to", async () => {
    const talkative: Query = async (asked) => {
      asked.log(`[LOG] ${await count(asked)}`);
      return null;
    };
    const store = openReactiveStore("logs", { talkative });
    const quiet = openGroup(store);
    const loud = openGroup(store, true);
    quiet.group.add(ask("talkative"));
    loud.group.add(ask("talkative"));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(quiet.transitions).toHaveLength(1);
    expect(loud.transitions.map(({ updates }) => updates[0]!.logLines)).toEqual([
      ["[LOG] 0"],
      ["[LOG] 1"],
    ]);
  });

  it("[SUB11] is told where the page ends", async () => {
    const page: Query = async (asked) => {
      asked.endPageAt("here");
      return count(asked);
    };
    const store = openReactiveStore("journal", { page });
    const { group, transitions } = openGroup(store);
    const subscription = group.add(ask("page"));
    expect(subscription.latest).toBeUndefined();
    await store.reactivity.settled();
    expect(transitions[0]!.updates[0]!.journal).toBe("here");
    expect(subscription.latest!.journal).toBe("here");
    expect(subscription.latest!.result).toBe(transitions[0]!.updates[0]!.result);
  });

  it("[SUB7] may throw without harm to others", async () => {
    const store = openReactiveStore("throw", { count });
    const bad = store.reactivity.group({
      onTransition: () => {
        throw new Error("session");
      },
    });
    bad.add(ask("count"));
    const good = openGroup(store);
    good.group.add(ask("count"));
    await store.reactivity.settled();
    store.insert(1);
    await store.reactivity.settled();
    expect(good.told().map(({ values }) => values)).toEqual([[0], [1]]);
    expect(store.listenerErrors).toHaveLength(2);
  });
});
