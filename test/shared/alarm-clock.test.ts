import { describe, expect, it } from "vitest";
import { alarmClock } from "../../src/shared/alarm-clock";

/** A platform with one alarm that only tells what it was asked for. */
function platform() {
  const state = { nowMs: 0, alarms: [] as (number | undefined)[] };
  const clock = alarmClock({
    now: () => state.nowMs,
    setAlarm: (atMs) => {
      state.alarms.push(atMs);
    },
  });
  return { clock, state };
}

describe("alarmClock", () => {
  it("[CLK11] keeps the platform's one alarm at the earliest wake", () => {
    const { clock, state } = platform();
    const cancelFirst = clock.schedule(100, () => {});
    clock.schedule(200, () => {});
    const cancelEarly = clock.schedule(50, () => {});
    cancelEarly();
    cancelEarly();
    cancelFirst();
    expect(state.alarms).toEqual([100, 50, 100, 200]);
  });

  it("[CLK11] fire calls what is due, in order, and sets the next alarm", async () => {
    const { clock, state } = platform();
    const notes: string[] = [];
    for (const atMs of [30, 10, 20]) {
      clock.schedule(atMs, async () => {
        await Promise.resolve();
        notes.push(`${atMs}`);
      });
    }
    state.nowMs = 20;
    await clock.fire();
    expect(notes).toEqual(["10", "20"]);
    expect(state.alarms.at(-1)).toBe(30);
  });

  it("[CLK11] an early or repeated alarm wakes nobody and is set again", async () => {
    const { clock, state } = platform();
    clock.schedule(100, () => {
      throw new Error("early");
    });
    state.nowMs = 99;
    await clock.fire();
    expect(state.alarms).toEqual([100, 100]);
  });

  it("[CLK11] an alarm with nothing pending sets none", async () => {
    const { clock, state } = platform();
    await clock.fire();
    expect(state.alarms).toEqual([]);
  });
});
