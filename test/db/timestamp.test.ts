// Commit timestamps and creation times: they increase, whatever the clock does.

import { describe, expect, it } from "vitest";
import { nextUp, Timestamp } from "../../src/db/timestamp";
import { must } from "../../src/shared/assert";
import { SteppedClock } from "../fixtures/stepped-clock";
import { forEachSeed, seeds } from "../model/seeds";
import { openDatabase } from "./open-database";

describe("commit timestamps", () => {
  it("[TSP1] increase strictly, also while the clock stands still or goes back", async () => {
    await forEachSeed(seeds("clock", 20), (choices) => {
      let ts = new Timestamp(0, 1_767_000_000_000, 0);
      let nowMs = ts.ms;
      for (let i = 0; i < 300; i++) {
        nowMs += choices.pick([0, 0, 0, 1, 5, -3, -10_000, 0.4, 10_000]);
        const next = ts.next(nowMs);
        expect(next.seq).toBe(ts.seq + 1);
        expect(next.ns > ts.ns).toBe(true);
        const wallNs = BigInt(Math.floor(nowMs)) * 1_000_000n;
        expect(next.ns).toBe(wallNs > ts.ns ? wallNs : ts.ns + 1n);
        ts = next;
      }
    });
  });

  it("[TSP1] outrun the clock by more than a millisecond without losing count", () => {
    let ts = new Timestamp(0, 5, 999_999);
    ts = ts.next(5);
    expect([ts.ns, ts.seq]).toEqual([6_000_000n, 1]);
    expect(ts.next(6).ns).toBe(6_000_001n);
    expect(ts.next(7).ns).toBe(7_000_000n);
  });

  it("[TSP2] are read back from their nanoseconds", () => {
    const ts = new Timestamp(7, 1_767_000_000_123, 456_789);
    expect(Timestamp.fromNs(7, ts.ns)).toEqual(ts);
    expect(ts.fractionalMs).toBeCloseTo(1_767_000_000_123.4568, 3);
  });
});

describe("creation times", () => {
  it("[TSP3] advance to the next double", () => {
    const cell = new Float64Array(1);
    const bits = new BigUint64Array(cell.buffer);
    for (const value of [
      1,
      1.5,
      5e-324,
      2 ** 40,
      2 ** 41 - 2 ** -12,
      2 ** 41,
      1_767_000_000_000.3,
    ]) {
      cell[0] = value;
      bits[0] = (bits[0] as bigint) + 1n;
      expect(nextUp(value)).toBe(cell[0]);
    }
  });

  it("[TSP4] increase in the order of the inserts, over all transactions, and never repeat", () => {
    const clock = new SteppedClock();
    const { database, items, committer } = openDatabase("creation", { clock });
    const times: number[] = [];
    const insert = (tx = database.begin()) => {
      const id = tx.insert(items, { a: 1 });
      times.push(must(tx.get(items, id)).document._creationTime);
      return tx;
    };
    const slow = insert();
    for (const step of [0, 5, -1000, 0, 0, 3]) {
      clock.tick(step);
      const tx = insert(insert());
      insert(slow);
      committer.commit(tx);
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(times.length);
    expect(committer.commit(slow)).toMatchObject({ kind: "committed" });
    database.checkInvariants();
  });

  it("[TSP4] begin above the newest commit and not below the clock", () => {
    const { database, items, commit } = openDatabase("begin");
    commit((tx) => tx.insert(items, { a: 1 }));
    const time = commit((tx) => {
      const id = tx.insert(items, { a: 2 });
      return must(tx.get(items, id)).document._creationTime;
    });
    expect(time).toBeGreaterThan(database.clock.now());
    expect(time - database.clock.now()).toBeLessThan(1);
  });

  it("[TSP5] are spent by an insert that fails", () => {
    const { database, items } = openDatabase("spent");
    const tx = database.begin();
    const first = must(tx.get(items, tx.insert(items, { a: 1 }))).document._creationTime;
    expect(() => tx.insert(items, { a: "no number" })).toThrow();
    const next = must(tx.get(items, tx.insert(items, { a: 2 }))).document._creationTime;
    expect(next).toBe(nextUp(nextUp(first)));
    tx.close();
  });
});
