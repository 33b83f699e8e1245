import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/shared/system-clock";

const day = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("systemClock under fake timers", () => {
  it("[CLK1] reads the host's clock at each call", () => {
    const clock = systemClock();
    vi.useFakeTimers({ now: 1_000 });
    expect(clock.now()).toBe(1_000);
    vi.setSystemTime(5_000);
    expect(clock.now()).toBe(5_000);
    vi.useRealTimers();
    expect(clock.now()).toBeGreaterThan(Date.UTC(2024, 0));
  });

  it("[CLK1] wakes at the time asked for, never before, once, and not inside schedule", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(100, wake);
    clock.schedule(-5, wake);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(0);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(99);
    expect(wake).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(wake).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[CLK1] a fractional time is never early", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(10.25, wake);
    vi.advanceTimersByTime(10);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("[CLK2] survives delays longer than setTimeout can hold", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(5 * 366 * day, wake);
    vi.advanceTimersByTime(5 * 366 * day - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("[CLK3] runAllTimers reaches a wake years away", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(5 * 366 * day, wake);
    vi.runAllTimers();
    expect(wake).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(5 * 366 * day);
  });

  it("[CLK3] the async forms wait for what a wake began", async () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const notes: string[] = [];
    clock.schedule(10, async () => {
      await Promise.resolve();
      notes.push(`first@${clock.now()}`);
      clock.schedule(20, () => {
        notes.push(`second@${clock.now()}`);
      });
    });
    await vi.runAllTimersAsync();
    expect(notes).toEqual(["first@10", "second@20"]);
  });

  it("[CLK3] wakes asked for before the timers were faked move over with the next call", () => {
    const clock = systemClock();
    const wake = vi.fn();
    const startedAt = clock.now();
    clock.schedule(startedAt + day, wake);
    vi.useFakeTimers({ now: startedAt });
    clock.now();
    vi.advanceTimersByTime(day);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("[CLK3] wakes asked for under fake timers move back, and none comes twice", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    const cancel = clock.schedule(Date.UTC(2200, 0), wake);
    vi.useRealTimers();
    clock.now();
    vi.useFakeTimers({ now: Date.UTC(2199, 11, 31) });
    clock.now();
    expect(vi.getTimerCount()).toBe(1);
    vi.runAllTimers();
    expect(wake).toHaveBeenCalledTimes(1);
    cancel();
  });

  it("[CLK4] a wall clock set back does not wake anybody early", () => {
    vi.useFakeTimers({ now: 10_000 });
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(11_000, wake);
    vi.setSystemTime(5_000);
    vi.advanceTimersByTime(1_000);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("[CLK7] a cancelled wake leaves no timer", () => {
    vi.useFakeTimers({ now: 0 });
    const clock = systemClock();
    const wake = vi.fn();
    const cancel = clock.schedule(100, wake);
    cancel();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(wake).not.toHaveBeenCalled();
  });
});

describe("systemClock on timers of the host", () => {
  it("[CLK4] waits in short pieces, so that a machine that slept is late by one piece at most", () => {
    const timers: { run: () => void; delayMs: number }[] = [];
    let nowMs = 0;
    vi.spyOn(Date, "now").mockImplementation(() => nowMs);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, delayMs: number) => {
      timers.push({ run, delayMs });
      return timers.length;
    }) as unknown as typeof setTimeout);
    const clock = systemClock();
    const wake = vi.fn();
    clock.schedule(8 * 3_600_000, wake);
    expect(timers.map((timer) => timer.delayMs)).toEqual([60_000]);
    nowMs = 60_000;
    timers[0]?.run();
    expect(timers).toHaveLength(2);
    nowMs = 9 * 3_600_000; // the machine slept
    timers[1]?.run();
    expect(wake).toHaveBeenCalledTimes(1);
    expect(timers).toHaveLength(2);
  });

  it("[CLK10] never keeps a process alive by itself", () => {
    const script = fileURLToPath(new URL("./pending-wake.ts", import.meta.url));
    const tsx = fileURLToPath(new URL("../../node_modules/.bin/tsx", import.meta.url));
    const child = spawnSync(tsx, [script], { encoding: "utf8", timeout: 30_000 });
    expect(child.stdout.trim()).toBe("scheduled");
    expect(child.status).toBe(0);
  });
});
