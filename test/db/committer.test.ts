// The committer: who conflicts with whom, the turn, and durability before visibility.

import { describe, expect, it } from "vitest";
import type { CommitRecord } from "../../src/db/commit-record";
import type { CommitOutcome, CommitSink } from "../../src/db/committer";
import type { Transaction } from "../../src/db/transaction";
import { systemError } from "../../src/shared/errors";
import { gate } from "../fixtures/lab";
import { failureOf } from "./message-of";
import { openDatabase } from "./open-database";
import { queryOn } from "./query-on";

/** A sink that takes a batch when it is told to. */
class HeldSink implements CommitSink {
  readonly batches: number[][] = [];
  readonly #waiting: { resolve(): void; reject(error: Error): void }[] = [];

  append(records: readonly CommitRecord[]): Promise<void> {
    this.batches.push(records.map(({ ts }) => ts.seq));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async complete(): Promise<void> {
    this.#waiting.shift()?.resolve();
    await microtasks();
  }

  async fail(message: string): Promise<void> {
    this.#waiting.shift()?.reject(new Error(message));
    await microtasks();
  }
}

async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await undefined;
}

/** Runs `first` up to its commit, lets `second` commit, and says how `first` fares then. */
function race(
  first: (tx: Transaction, open: ReturnType<typeof openDatabase>) => unknown,
  second: (tx: Transaction, open: ReturnType<typeof openDatabase>) => unknown,
) {
  const open = openDatabase("race");
  const ids = open.commit((tx) => [1, 5, 9].map((a) => tx.insert(open.items, { a })));
  const tx = open.database.begin();
  const world = { ...open, ids };
  first(tx, world);
  open.commit((other) => second(other, world));
  const outcome = open.committer.commit(tx) as CommitOutcome;
  open.database.checkInvariants();
  return { ...world, outcome };
}

const idAt = (open: object, at: number) => (open as { ids: string[] }).ids[at] as string;

function readRange(tx: Transaction, from: number, to: number): void {
  type Q = { gte(f: string, v: number): Q; lt(f: string, v: number): Q };
  const query = queryOn(tx, "items").withIndex("by_a", ((q: Q) =>
    q.gte("a", from).lt("a", to)) as never);
  void query.collect();
}

describe("two transactions", () => {
  it("[CMT1] conflict when one inserted where the other has read", () => {
    const phantom = race(
      (tx, { items }) => {
        readRange(tx, 2, 8);
        tx.insert(items, { a: 100 });
      },
      (tx, { items }) => tx.insert(items, { a: 7 }),
    );
    expect(phantom.outcome).toMatchObject({ kind: "conflict", conflict: { table: phantom.items } });
    const beside = race(
      (tx, { items }) => {
        readRange(tx, 2, 8);
        tx.insert(items, { a: 100 });
      },
      (tx, { items }) => tx.insert(items, { a: 8 }),
    );
    expect(beside.outcome.kind).toBe("committed");
  });

  it("[CMT1] conflict when one moved a document out of, or within, what the other has read", () => {
    for (const next of [{ a: 100 }, { a: 6 }, { a: 5, b: "x" }]) {
      const { outcome, ids } = race(
        (tx, { items }) => {
          readRange(tx, 2, 8);
          tx.insert(items, { a: 50 });
        },
        (tx, open) => tx.patch(open.items, idAt(open, 1), next),
      );
      expect(outcome).toMatchObject({ kind: "conflict", conflict: { documentId: ids[1] } });
    }
  });

  it("[CMT2] that write one document conflict always", () => {
    for (const write of ["patch", "replace", "remove"] as const) {
      const { outcome } = race(
        (tx, open) => tx[write](open.items, idAt(open, 0), { a: 2 }),
        (tx, open) => tx.patch(open.items, idAt(open, 0), { b: "x" }),
      );
      expect(outcome.kind).toBe("conflict");
    }
    const apart = race(
      (tx, open) => tx.patch(open.items, idAt(open, 0), { a: 2 }),
      (tx, open) => tx.patch(open.items, idAt(open, 1), { a: 2 }),
    );
    expect(apart.outcome.kind).toBe("committed");
  });

  it("[CMT3] that insert into one range without reading it do not conflict", () => {
    const { outcome, database, items } = race(
      (tx, open) => tx.insert(open.items, { a: 5 }),
      (tx, open) => tx.insert(open.items, { a: 5 }),
    );
    expect(outcome.kind).toBe("committed");
    expect(database.storeOf(items)?.count).toBe(5);
  });

  it("[CMT4] of which one only read do not conflict, and it stays where it began", () => {
    const { outcome, database } = race(
      (tx) => readRange(tx, 0, 10),
      (tx, open) => tx.insert(open.items, { a: 5 }),
    );
    expect(outcome).toMatchObject({ kind: "committed", ts: { seq: database.latest.seq - 1 } });
  });

  it("[CMT4] of which one read and took all its writes back count as read-only", () => {
    const { outcome } = race(
      (tx, open) => {
        readRange(tx, 0, 10);
        const savepoint = tx.savepoint();
        tx.insert(open.items, { a: 1 });
        tx.rollbackTo(savepoint);
      },
      (tx, open) => tx.insert(open.items, { a: 5 }),
    );
    expect(outcome.kind).toBe("committed");
  });
});

describe("tables made by a first insert", () => {
  it("[CMT5] conflict when two make the same one, or two with one number", () => {
    for (const [mine, yours] of [
      ["new", "new"],
      ["new", "other"],
    ] as const) {
      const { outcome, database, committer } = race(
        (tx) => tx.insert(tx.tableForWrite("", mine), {}),
        (tx) => tx.insert(tx.tableForWrite("", yours), {}),
      );
      expect(outcome.kind).toBe("conflict");
      const again = database.begin();
      again.insert(again.tableForWrite("", mine), {});
      expect(committer.commit(again)).toMatchObject({ kind: "committed" });
      const numbers = [...database.catalog.of("").tables].map(({ number }) => number);
      expect(new Set(numbers).size).toBe(numbers.length);
      database.checkInvariants();
    }
  });

  it("[CMT5] number their documents apart from those of other new tables", () => {
    const { database, commit } = openDatabase("numbers");
    commit((tx) => {
      for (const name of ["x", "y", "z"]) tx.insert(tx.tableForWrite("", name), {});
      expect(new Set(tx.createdTables.map(({ number }) => number)).size).toBe(3);
    });
    expect(["x", "y", "z"].map((name) => database.planNamed("", name)?.number)).toEqual([
      10_003, 10_004, 10_005,
    ]);
  });

  it("[CMT6] are taken back with what was written in them", () => {
    const { database, commit, items } = openDatabase("taken-back");
    commit((tx) => {
      const savepoint = tx.savepoint();
      tx.insert(tx.tableForWrite("", "gone"), {});
      tx.rollbackTo(savepoint);
      expect(tx.table("", "gone")).toBeUndefined();
      tx.insert(items, { a: 1 });
    });
    expect(database.planNamed("", "gone")).toBeUndefined();
  });

  it("[CMT7] stay their own transaction's while another table takes the number", () => {
    const { database, committer } = openDatabase("own-table");
    const mine = database.begin();
    const plan = mine.tableForWrite("", "mine");
    const id = mine.insert(plan, { x: 1 });
    const other = database.begin();
    other.insert(other.tableForWrite("", "yours"), {});
    committer.commit(other);
    expect(mine.tableOfId("", id)).toBe(plan);
    expect(mine.get(plan, id)?.document).toMatchObject({ x: 1 });
    mine.close();
  });
});

describe("the turn", () => {
  const inserted = (open: ReturnType<typeof openDatabase>, a: number) => {
    const tx = open.database.begin();
    tx.insert(open.items, { a });
    return tx;
  };

  it("[CMT8] keeps everybody else from committing until it is released", async () => {
    const open = openDatabase("turn");
    const { committer, database } = open;
    const turn = await committer.takeTurn();
    const waiting = [committer.commit(inserted(open, 1)), committer.commit(inserted(open, 2))];
    expect(waiting.every((outcome) => outcome instanceof Promise)).toBe(true);
    const own = committer.commit(inserted(open, 3), undefined, turn);
    expect(own).toMatchObject({ kind: "committed", ts: { seq: 1 } });
    await microtasks();
    expect(database.latest.seq).toBe(1);
    turn.release();
    turn.release();
    const outcomes = await Promise.all(waiting);
    expect(outcomes.map((outcome) => outcome.kind === "committed" && outcome.ts.seq)).toEqual([
      2, 3,
    ]);
  });

  it("[CMT8] goes to those who wait in the order they came", async () => {
    const { committer } = openDatabase("queue");
    const order: number[] = [];
    const hold = async (name: number) => {
      const turn = await committer.takeTurn();
      order.push(name);
      await undefined;
      turn.release();
    };
    const first = await committer.takeTurn();
    const all = [1, 2, 3, 4].map(hold);
    await microtasks();
    expect(order).toEqual([]);
    first.release();
    await Promise.all(all);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("[CMT8] is not taken back by a turn that has ended", async () => {
    const { committer } = openDatabase("stale-turn");
    const first = await committer.takeTurn();
    first.release();
    const second = await committer.takeTurn();
    first.release();
    let isFree = false;
    const third = committer.takeTurn().then((turn) => {
      isFree = true;
      turn.release();
    });
    await microtasks();
    expect(isFree).toBe(false);
    second.release();
    await third;
  });

  it("[CMT9] waits until everything decided is visible", async () => {
    const sink = new HeldSink();
    const open = openDatabase("drained", { sink });
    const commit = open.committer.commit(inserted(open, 1));
    let seq: number | undefined;
    const turn = open.committer.takeTurn().then((taken) => {
      seq = open.database.latest.seq;
      return taken;
    });
    await microtasks();
    expect(seq).toBeUndefined();
    await sink.complete();
    expect(seq).toBe(1);
    (await turn).release();
    await commit;
  });
});

describe("durability", () => {
  const begun = (sink: CommitSink) => {
    const open = openDatabase("durable", { sink });
    const seen: number[] = [];
    open.database.onCommit(({ ts }) => seen.push(ts.seq));
    const insert = (a = 1) => {
      const tx = open.database.begin();
      tx.insert(open.items, { a });
      return open.committer.commit(tx) as Promise<CommitOutcome>;
    };
    return { ...open, seen, insert };
  };

  it("[CMT10] comes before visibility, and both before the answer", async () => {
    const sink = new HeldSink();
    const { database, insert, seen } = begun(sink);
    let isAnswered = false;
    const answer = insert().then(() => {
      expect(seen).toEqual([1]);
      isAnswered = true;
    });
    await microtasks();
    expect([database.latest.seq, seen, isAnswered]).toEqual([0, [], false]);
    await sink.complete();
    await answer;
    expect(database.latest.seq).toBe(1);
  });

  it("[CMT11] is had in one batch by commits that come together, in their order", async () => {
    const sink = new HeldSink();
    const { insert, seen, committer } = begun(sink);
    const answered: number[] = [];
    const note = (outcome: CommitOutcome) =>
      answered.push(outcome.kind === "committed" ? outcome.ts.seq : -1);
    const first = [insert().then(note), insert().then(note), insert().then(note)];
    await microtasks();
    const second = [insert().then(note), insert().then(note)];
    expect(sink.batches).toEqual([[1, 2, 3]]);
    await sink.complete();
    await Promise.all(first);
    expect(seen).toEqual([1, 2, 3]);
    expect(sink.batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    const settled = committer.settled();
    await sink.complete();
    await Promise.all([...second, settled]);
    expect([seen, answered]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  it("[CMT12] is not waited for by conflicts: what is decided counts, visible or not", async () => {
    const sink = new HeldSink();
    const { database, items, committer, insert } = begun(sink);
    const first = insert();
    const tx = database.begin();
    readRange(tx, 0, 10);
    tx.insert(items, { a: 2 });
    expect(committer.commit(tx)).toMatchObject({ kind: "conflict", conflict: { table: items } });
    await microtasks();
    await sink.complete();
    await first;
  });

  it("[CMT12] is not waited for by tables: a name that is decided is taken", async () => {
    const sink = new HeldSink();
    const { database, committer } = begun(sink);
    const make = () => {
      const tx = database.begin();
      tx.insert(tx.tableForWrite("", "new"), {});
      return committer.commit(tx);
    };
    const first = make();
    expect(make()).toMatchObject({ kind: "conflict" });
    await microtasks();
    await sink.complete();
    await first;
    expect(await Promise.race([make(), microtasks()])).toBeUndefined();
    await sink.complete();
    expect(database.latest.seq).toBe(2);
  });

  it.each(["rejects", "throws"])(
    "[CMT13] that fails stops everything (the sink %s)",
    async (how) => {
      const held = gate();
      const sink: CommitSink = {
        append: () => {
          if (how === "throws") throw new Error("disk full");
          return held.opened.then(() => Promise.reject(new Error("disk full")));
        },
      };
      const { database, insert, seen, items, committer } = begun(sink);
      const failures = [insert(), insert()].map((each) => each.catch((error: Error) => error));
      const turn = committer.takeTurn();
      held.open();
      const text = "The backend has stopped: its storage failed while committing. Error: disk full";
      for (const failure of await Promise.all(failures)) {
        expect(failure).toMatchObject({ code: "PersistenceFailed", kind: "system", message: text });
      }
      expect([seen, database.latest.seq]).toEqual([[], 0]);
      (await turn).release();
      expect(failureOf(() => insert()).message).toBe(text);
      const reader = database.begin();
      await expect(queryOn(reader, "items").collect()).resolves.toEqual([]);
      expect(committer.commit(reader)).toMatchObject({ kind: "committed" });
      expect(database.storeOf(items)?.count ?? 0).toBe(0);
    },
  );

  it("[CMT13] that fails keeps what was durable before", async () => {
    const sink = new HeldSink();
    const { insert, seen } = begun(sink);
    const first = insert();
    await microtasks();
    const second = insert().catch((error: { code: string }) => error.code);
    await sink.complete();
    await first;
    await sink.fail("gone");
    expect(await second).toBe("PersistenceFailed");
    expect(seen).toEqual([1]);
  });

  it("[CMT14] ends when the committer is stopped", () => {
    const { committer, database, items } = openDatabase("stopped");
    committer.stop(systemError("BackendClosed", "closed"));
    const tx = database.begin();
    tx.insert(items, { a: 1 });
    expect(failureOf(() => committer.commit(tx)).message).toBe("closed");
    expect(() => tx.get(items, "x")).toThrow(/had ended/);
  });
});

describe("publication", () => {
  it("[CMT15] tells the listeners in order, with the documents before and after", () => {
    const { database, items, commit } = openDatabase("publish");
    const told: unknown[] = [];
    const stop = database.onCommit(({ ts, changes }) => {
      expect(database.latest.seq).toBe(ts.seq);
      told.push(...changes.map(({ before, after }) => [ts.seq, before?.["a"], after?.["a"]]));
    });
    const id = commit((tx) => tx.insert(items, { a: 1 }));
    commit((tx) => {
      tx.patch(items, id, { a: 2 });
      tx.patch(items, id, { a: 3 });
    });
    commit((tx) => tx.remove(items, tx.insert(items, { a: 9 })));
    commit((tx) => tx.remove(items, id));
    expect(told).toEqual([
      [1, undefined, 1],
      [2, 1, 3],
      [4, 3, undefined],
    ]);
    stop();
    commit((tx) => tx.insert(items, { a: 1 }));
    expect(told).toHaveLength(3);
  });

  it("[CMT15] refuses a gap", () => {
    const { database } = openDatabase("gap");
    const ts = database.latest.next(0).next(0);
    expect(() => database.publish({ ts, changes: [], createdTables: [] })).toThrow(
      "commit 2 does not follow 0",
    );
  });

  it("[CMT16] remembers commits for as long as an open transaction needs them", () => {
    const { database, items, commit } = openDatabase("log");
    const id = commit((tx) => tx.insert(items, { a: 0 }));
    const slow = database.begin();
    for (let a = 0; a < 1000; a++) commit((tx) => tx.patch(items, id, { a: a + 1 }));
    expect(database.decidedSince(slow.snapshot.ts.seq)).toHaveLength(1000);
    slow.close();
    expect(database.commitsSince(slow.snapshot.ts.seq)).toBeUndefined();
    expect(database.commitsSince(database.latest.seq - 200)).toHaveLength(200);
  });
});
