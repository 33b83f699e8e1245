// What the host sees of running functions: nothing.

import { afterEach, describe, expect, it, vi } from "vitest";
import { detectPlatform, type PromiseHooks } from "../../../src/functions/sandbox/platform";
import { createSandbox, sandbox } from "../../../src/functions/sandbox/sandbox";
import { createExecution, gate, runIn, startMs, turn } from "./harness";
import { snapshotHost } from "./snapshot-host";

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await turn();
});

describe("the host's globals", () => {
  it("[DET20] are the same before, during from outside, and after", async () => {
    const before = snapshotHost();
    const suspended = gate();
    const seen: unknown[] = [];
    for (const kind of ["query", "mutation", "action"] as const) {
      const handler = async () => {
        seen.push(Date.now());
        await suspended.opened;
        seen.push(Date.now());
      };
      void runIn(sandbox, handler, { kind });
    }
    expect(snapshotHost()).toEqual(before);
    await null;
    expect(snapshotHost()).toEqual(before);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(snapshotHost()).toEqual(before);
    await turn();
    expect(snapshotHost()).toEqual(before);
    queueMicrotask(() => expect(snapshotHost()).toEqual(before));
    suspended.open();
    await turn();
    expect(snapshotHost()).toEqual(before);
    expect(seen).toHaveLength(6);
  });

  it("[DET20] work as ever between the steps of a function", async () => {
    const log: string[] = [];
    const note = (who: string) => log.push(`${who} ${Date.now() === startMs ? "frozen" : "runs"}`);
    const inside = runIn(sandbox, async () => {
      for (let i = 0; i < 3; i++) {
        note("inside");
        await null;
      }
    });
    const outside = (async () => {
      for (let i = 0; i < 3; i++) {
        note("outside");
        await null;
      }
    })();
    queueMicrotask(() => note("microtask"));
    await Promise.all([inside, outside]);
    expect(log.filter((line) => line === "inside frozen")).toHaveLength(3);
    expect(log.filter((line) => line.endsWith("side runs"))).toHaveLength(3);
    expect(log).toContain("microtask runs");
    expect(log.slice(0, 4).map((line) => line.split(" ")[0])).toEqual([
      "inside",
      "outside",
      "inside",
      "outside",
    ]);
  });

  it("[DET20] a handler's throw and a rejection leave them in place", async () => {
    const before = snapshotHost();
    const throwing = () => {
      throw new Error("thrown");
    };
    await expect(runIn(sandbox, throwing)).rejects.toThrow("thrown");
    await expect(runIn(sandbox, async () => throwing())).rejects.toThrow("thrown");
    await expect(runIn(sandbox, () => Promise.resolve().then(throwing))).rejects.toThrow("thrown");
    expect(() => sandbox.outside(throwing)).toThrow("thrown");
    const fromInside = () => expect(() => sandbox.outside(throwing)).toThrow("thrown");
    await runIn(sandbox, fromInside);
    await turn();
    expect(snapshotHost()).toEqual(before);
  });

  it("[DET20] what a function assigns to them is gone with it", async () => {
    const before = snapshotHost();
    await runIn(sandbox, async () => {
      Math.random = () => 4;
      globalThis.Date = class {} as never;
      globalThis.fetch = (() => "mine") as never;
      expect(Math.random()).toBe(4);
      await null;
      expect(Math.random()).not.toBe(4);
    });
    await turn();
    expect(snapshotHost()).toEqual(before);
  });

  it("[DET21] 1,000 functions, some killed, some failing, leave nothing", async () => {
    const before = snapshotHost();
    const handlers: (() => unknown)[] = [
      async () => Math.random(),
      () => {
        throw new Error("thrown");
      },
      async () => setTimeout(() => {}, 0),
      async () => void Promise.reject(new Error("unhandled")),
      async () => Promise.all([null, Promise.resolve()]),
    ];
    for (let i = 0; i < 1000; i++) {
      await runIn<unknown>(sandbox, handlers[i % handlers.length]!).catch(() => null);
    }
    await turn();
    expect(snapshotHost()).toEqual(before);
  });

  it("[DET21] promise hooks are on while a function runs, and off after the turn, or when told", async () => {
    const { sandbox: watched, hooks } = watchedSandbox();
    const suspended = gate();
    const running = runIn(watched, () => suspended.opened);
    watched.rest();
    await turn();
    expect(hooks.on).toBe(1);
    suspended.open();
    await running;
    await turn();
    expect(hooks.on).toBe(0);
    await runIn(watched, () => 1);
    expect(hooks.on).toBe(1);
    watched.rest();
    expect(hooks.on).toBe(0);
    await runIn(watched, () => 1);
    for (let i = 0; i < 100; i++) await null;
    expect(hooks.on).toBe(0);
  });

  it("[DET22] references carried out of a function do as the host's do", async () => {
    const carried = await runIn(sandbox, () => {
      const { random } = Math;
      const { now } = performance;
      return { Date, random, now, console, setTimeout, queueMicrotask, env: process.env, fetch };
    });
    expect(Math.abs(carried.Date.now() - Date.now())).toBeLessThan(1000);
    expect(
      Math.abs(new carried.Date(Date.now()).valueOf() - new carried.Date().getTime()),
    ).toBeLessThan(1000);
    expect(carried.random()).not.toBe(carried.random());
    expect(carried.now.call(performance)).toBeLessThanOrEqual(performance.now());
    const spy = vi.spyOn(console, "log").mockImplementation(() => {});
    carried.console.log("outside");
    expect(spy).toHaveBeenCalledWith("outside");
    expect(carried.env.PATH).toBe(process.env.PATH);
    expect(sandbox.current()).toBeUndefined();
    await new Promise<void>((resolve) => carried.setTimeout(resolve, 0));
    await new Promise<void>((resolve) => carried.queueMicrotask(resolve));
    expect(sandbox.current()).toBeUndefined();
  });
});

describe("fakes and stubs of the host", () => {
  const fakeMs = Date.UTC(2030, 0);
  const read = () => Date.now();

  it("[DET23] fake timers installed before: outside fake, inside frozen, actions fake", async () => {
    vi.useFakeTimers({ now: fakeMs });
    expect(await runIn(sandbox, read)).toBe(startMs);
    expect(Date.now()).toBe(fakeMs);
    expect(await runIn(sandbox, read, { kind: "action" })).toBe(fakeMs);
    let fired = 0;
    const waiting = runIn(
      sandbox,
      async () => {
        await new Promise<void>((resolve) => setTimeout(resolve, 1000));
        fired = Date.now();
      },
      { kind: "action" },
    );
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
    expect(fired).toBe(fakeMs + 1000);
  });

  it("[DET23] fake timers installed and removed while functions are suspended", async () => {
    const before = snapshotHost();
    const first = gate();
    const second = gate();
    const times: number[] = [];
    const step = async () => {
      times.push(read());
      await first.opened;
      times.push(read());
      await second.opened;
      times.push(read());
    };
    const query = runIn(sandbox, step);
    vi.useFakeTimers({ now: fakeMs });
    expect(Date.now()).toBe(fakeMs);
    first.open();
    await vi.advanceTimersByTimeAsync(10);
    expect(Date.now()).toBe(fakeMs + 10);
    expect(new Date()).toEqual(new Date(fakeMs + 10));
    vi.useRealTimers();
    expect(Math.abs(Date.now() - fakeMs)).toBeGreaterThan(1e9);
    second.open();
    await query;
    await turn();
    expect(times).toEqual([startMs, startMs, startMs]);
    expect(snapshotHost()).toEqual(before);
  });

  it("[DET23] vi.setSystemTime without fake timers", async () => {
    vi.setSystemTime(fakeMs);
    expect(await runIn(sandbox, read)).toBe(startMs);
    expect(await runIn(sandbox, () => new Date() instanceof Date)).toBe(true);
    expect(Date.now()).toBe(fakeMs);
  });

  it("[DET24] stubs and spies are the host's; actions see them, queries do not", async () => {
    const fetched = vi.fn(async () => "stubbed");
    vi.stubGlobal("fetch", fetched);
    const fetching = () => fetch("http://localhost:1/").catch(() => "refused") as Promise<unknown>;
    expect(await runIn(sandbox, fetching, { kind: "action" })).toBe("stubbed");
    expect(await runIn(sandbox, fetching)).toBe("refused");
    expect(await fetching()).toBe("stubbed");
    vi.spyOn(Math, "random").mockReturnValue(0.125);
    expect(await runIn(sandbox, () => Math.random())).not.toBe(0.125);
    expect(await runIn(sandbox, () => Math.random(), { kind: "action" })).toBe(0.125);
    expect(Math.random()).toBe(0.125);
  });

  it("[DET24] also a crypto of its own", async () => {
    const own = { getRandomValues: () => 1, randomUUID: () => "own", subtle: {} };
    vi.stubGlobal("crypto", own);
    expect(await runIn(sandbox, () => crypto.randomUUID())).toMatch(/^[\da-f-]{36}$/);
    expect(crypto.randomUUID()).toBe("own");
    expect(Object.keys(own)).toEqual(["getRandomValues", "randomUUID", "subtle"]);
    vi.unstubAllGlobals();
    expect(await runIn(sandbox, () => crypto.randomUUID())).toMatch(/^[\da-f-]{36}$/);
  });
});

describe("leaving for the host", () => {
  it("[DET25] outside() runs host code, and what it leaves to promises", async () => {
    const execution = createExecution();
    const times: number[] = [];
    await sandbox.run(execution, async () => {
      expect(sandbox.current()).toBe(execution);
      const finished = sandbox.outside(async () => {
        times.push(Date.now());
        expect(sandbox.current()).toBeUndefined();
        await null;
        expect(sandbox.current()).toBeUndefined();
        times.push(Date.now());
      });
      expect(Date.now()).toBe(startMs);
      await finished;
      expect(Date.now()).toBe(startMs);
    });
    expect(times).toHaveLength(2);
    expect(times).not.toContain(startMs);
    expect(sandbox.outside(() => 5)).toBe(5);
  });
});

/** A sandbox of its own, and how many promise hooks it has on. */
function watchedSandbox() {
  const platform = detectPlatform();
  const hooks = { on: 0 };
  const promiseHooks: PromiseHooks = {
    createHook(callbacks) {
      const stop = platform.promiseHooks!.createHook(callbacks);
      hooks.on += 1;
      return () => {
        hooks.on -= 1;
        stop();
      };
    },
  };
  return { sandbox: createSandbox(() => ({ ...platform, promiseHooks })), hooks };
}
