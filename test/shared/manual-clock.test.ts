import { describe, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../../src/shared/manual-clock";

/** Asks for a wake that notes when it came. */
function noteAt(clock: ManualClock, atMs: number, notes: string[], name = `${atMs}`): () => void {
  return clock.schedule(atMs, () => {
    notes.push(`${name}@${clock.now()}`);
  });
}

describe("manualClock", () => {
  it("[CLK5] starts at a fixed date, or where it is told to", () => {
    expect(manualClock().now()).toBe(Date.UTC(2025, 0, 1));
    expect(manualClock(5).now()).toBe(5);
    expect(manualClock(new Date(7)).now()).toBe(7);
    expect(manualClock("2024-02-29T12:00:00Z").now()).toBe(Date.UTC(2024, 1, 29, 12));
    expect(() => manualClock("nonsense")).toThrow("no date");
    expect(() => manualClock(Number.NaN)).toThrow("no date");
  });

  it("[CLK5] never moves and never wakes anybody by itself", async () => {
    const clock = manualClock(100);
    const notes: string[] = [];
    noteAt(clock, 50, notes);
    noteAt(clock, 100, notes);
    await Promise.resolve();
    expect(notes).toEqual([]);
    expect(clock.now()).toBe(100);
    expect(clock.nextWake()).toBe(50);
    await clock.advanceTo(100);
    expect(notes).toEqual(["50@100", "100@100"]);
    expect(clock.nextWake()).toBeUndefined();
  });

  it("[CLK6] calls wakes in order of time, ties in the order asked, each at its own time", async () => {
    const clock = manualClock(0);
    const notes: string[] = [];
    noteAt(clock, 30, notes, "c");
    noteAt(clock, 10, notes, "a1");
    noteAt(clock, 10, notes, "a2");
    noteAt(clock, 20, notes, "b");
    noteAt(clock, 31, notes, "later");
    await clock.advanceTo(30);
    expect(notes).toEqual(["a1@10", "a2@10", "b@20", "c@30"]);
    expect(clock.now()).toBe(30);
    expect(clock.nextWake()).toBe(31);
  });

  it("[CLK6] waits for what a wake began before time moves on", async () => {
    const clock = manualClock(0);
    const notes: string[] = [];
    clock.schedule(10, async () => {
      notes.push(`begin@${clock.now()}`);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      notes.push(`end@${clock.now()}`);
    });
    noteAt(clock, 11, notes, "next");
    await clock.advanceTo(20);
    expect(notes).toEqual(["begin@10", "end@10", "next@11"]);
  });

  it("[CLK6] wakes asked for on the way are called on the way", async () => {
    const clock = manualClock(0);
    const notes: string[] = [];
    const tick = () => {
      notes.push(`tick@${clock.now()}`);
      clock.schedule(clock.now() + 10, tick);
    };
    clock.schedule(10, tick);
    clock.schedule(25, () => {
      noteAt(clock, 3, notes, "past");
    });
    await clock.advanceTo(40);
    expect(notes).toEqual(["tick@10", "tick@20", "past@25", "tick@30", "tick@40"]);
  });

  it("[CLK7] a cancelled wake is not called, cancelling twice or late is harmless", async () => {
    const clock = manualClock(0);
    const notes: string[] = [];
    const cancelFirst = noteAt(clock, 10, notes, "first");
    const cancelSecond = noteAt(clock, 10, notes, "second");
    cancelFirst();
    cancelFirst();
    await clock.advanceTo(10);
    cancelSecond();
    expect(notes).toEqual(["second@10"]);
  });

  it("[CLK8] goes forward only, and one move at a time", async () => {
    const clock = manualClock(100);
    await expect(clock.advanceTo(99)).rejects.toThrow("time goes forward only");
    await expect(clock.advanceTo(Number.NaN)).rejects.toThrow("time goes forward only");
    clock.schedule(110, async () => {
      await expect(clock.advanceTo(120)).rejects.toThrow("already being moved");
    });
    await clock.advanceTo(115);
    expect(clock.now()).toBe(115);
  });

  it("[CLK8] a wake that fails ends the move at its time; the clock stays usable", async () => {
    const clock = manualClock(0);
    const notes: string[] = [];
    clock.schedule(10, () => Promise.reject(new Error("boom")));
    noteAt(clock, 20, notes);
    await expect(clock.advanceTo(30)).rejects.toThrow("boom");
    expect(clock.now()).toBe(10);
    expect(notes).toEqual([]);
    await clock.advanceTo(30);
    expect(notes).toEqual(["20@20"]);
  });
});
