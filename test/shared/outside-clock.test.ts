import { afterEach, describe, expect, it, vi } from "vitest";
import { manualClock } from "../../src/shared/manual-clock";
import { type Outside, outsideClock } from "../../src/shared/outside-clock";
import { systemClock } from "../../src/shared/system-clock";

const host = { Date: globalThis.Date, setTimeout: globalThis.setTimeout };

/** A sandbox as crude as can be: time stands still inside and timers are forbidden. */
const sandbox = {
  inside<T>(body: () => T): T {
    host.Date = globalThis.Date;
    host.setTimeout = globalThis.setTimeout;
    globalThis.Date = { now: () => -1 } as never;
    globalThis.setTimeout = (() => {
      throw new Error("no timers in here");
    }) as never;
    try {
      return body();
    } finally {
      Object.assign(globalThis, host);
    }
  },
  outside: ((body) => {
    const sandboxed = { Date: globalThis.Date, setTimeout: globalThis.setTimeout };
    Object.assign(globalThis, host);
    try {
      return body();
    } finally {
      Object.assign(globalThis, sandboxed);
    }
  }) as Outside,
};

afterEach(() => {
  vi.useRealTimers();
});

describe("outsideClock", () => {
  it("[CLK12] tells the host's time and arms the host's timers from inside a sandbox", () => {
    vi.useFakeTimers({ now: 1000 });
    host.setTimeout = globalThis.setTimeout;
    host.Date = globalThis.Date;
    const clock = outsideClock(systemClock(), sandbox.outside);
    const wake = vi.fn();
    clock.schedule(1500, wake);
    const cancel = sandbox.inside(() => {
      expect(Date.now()).toBe(-1);
      expect(clock.now()).toBe(1000);
      clock.schedule(1200, wake);
      return clock.schedule(1300, wake);
    });
    expect(vi.getTimerCount()).toBe(3);
    sandbox.inside(() => cancel());
    vi.advanceTimersByTime(500);
    expect(wake).toHaveBeenCalledTimes(2);
  });

  it("[CLK12] leaves a manual clock what it is", () => {
    const clock = manualClock();
    expect(outsideClock(clock, sandbox.outside)).toBe(clock);
  });

  it("[CLK13] has a copy of its own where the clock has one", () => {
    const copy = manualClock(5);
    const { now, schedule } = manualClock();
    const clock = outsideClock({ now, schedule, fork: () => copy }, sandbox.outside);
    expect(clock.fork?.().now()).toBe(5);
    expect(outsideClock(systemClock(), sandbox.outside).fork).toBeUndefined();
  });
});
