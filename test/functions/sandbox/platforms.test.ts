// The sandbox where there are no promise hooks: with AsyncLocalStorage only, with the globals a
// Worker or browser may lack, and with nothing at all. And the choice between the three.

import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PlainText } from "../../../src/functions/sandbox/plain-text";
import { detectPlatform } from "../../../src/functions/sandbox/platform";
import {
  createSandbox,
  provideAsyncLocalStorage,
  sandbox as standard,
} from "../../../src/functions/sandbox/sandbox";
import { createExecution, gate, runIn, startMs, turn } from "./harness";
import { snapshotHost } from "./snapshot-host";

const sandbox = createSandbox(() => ({ AsyncLocalStorage }));

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await turn();
});

describe("the choice", () => {
  it("[DET50] promise hooks first, AsyncLocalStorage next, else nothing", () => {
    const platform = detectPlatform();
    expect(createSandbox(() => platform).mode).toBe("hooks");
    expect(createSandbox(() => ({ ...platform, promiseHooks: undefined })).mode).toBe("context");
    expect(createSandbox(() => ({})).mode).toBe("off");
    expect(standard.mode).toBe("hooks");
  });

  it("[DET50] hooks that are there but do nothing are not taken", () => {
    const original = process.getBuiltinModule;
    for (const createHook of [() => () => {}, () => expect.unreachable("not implemented")]) {
      process.getBuiltinModule = ((name: string) =>
        name === "node:v8" ? { promiseHooks: { createHook } } : original(name)) as never;
      expect(createSandbox(detectPlatform).mode).toBe("context");
    }
    process.getBuiltinModule = (() => {
      throw new Error("no such module");
    }) as never;
    expect(createSandbox(detectPlatform).mode).toBe("off");
    process.getBuiltinModule = original;
  });

  it("[DET50] nor where a global cannot be assigned", () => {
    const original = Object.getOwnPropertyDescriptor;
    vi.spyOn(Object, "getOwnPropertyDescriptor").mockImplementation((owner, key) => {
      const found = original(owner, key);
      return owner === Math && found ? { ...found, writable: false } : found;
    });
    expect(createSandbox(detectPlatform).mode).toBe("context");
    vi.restoreAllMocks();
    expect(createSandbox(detectPlatform).mode).toBe("hooks");
  });

  it("[DET50] an entry may hand AsyncLocalStorage in", async () => {
    vi.resetModules();
    vi.stubGlobal("process", undefined);
    const fresh = await import("../../../src/functions/sandbox/sandbox");
    fresh.provideAsyncLocalStorage(AsyncLocalStorage);
    expect(fresh.sandbox.mode).toBe("context");
    expect(provideAsyncLocalStorage).not.toBe(fresh.provideAsyncLocalStorage);
  });
});

describe("with AsyncLocalStorage only", () => {
  it("[DET51] functions find the same world", async () => {
    const look = async () => {
      const seen = [Date.now(), new Date().toISOString(), Math.random(), crypto.randomUUID()];
      await null;
      seen.push(crypto.getRandomValues(new Uint8Array(2)).join(), performance.now());
      const refused = await fetch("http://localhost:1/").catch((error: Error) => error.message);
      return [...seen, refused, process.env.HARBOR, typeof Reflect.get(globalThis, "Convex")];
    };
    const seen = await runIn(sandbox, look);
    expect(seen.at(-1)).toBe("object");
    sandbox.rest();
    expect(await runIn(standard, look)).toEqual(seen);
    const execution = createExecution({ kind: "action" });
    await sandbox.run(execution, async () => {
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      console.log(process.env.HARBOR, Date.now() > startMs);
    });
    expect(execution.lines).toEqual([{ level: "LOG", args: ["deep", true] }]);
    await expect(runIn(sandbox, async () => setTimeout(() => {}, 0))).rejects.toThrow(
      "Can't use setTimeout in queries and mutations.",
    );
  });

  it("[DET51] tells executions and the host apart", async () => {
    const executions = [createExecution({ startMs: 1 }), createExecution({ startMs: 2 })];
    const times = async () => {
      const seen = [];
      for (let i = 0; i < 3; i++) {
        seen.push(Date.now());
        await null;
      }
      return seen;
    };
    const [first, second, host] = await Promise.all([
      ...executions.map((execution) => sandbox.run(execution, times)),
      times(),
    ]);
    expect([first, second]).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(Math.min(...host!)).toBeGreaterThan(startMs);
  });

  it("[DET52] to the host everything works as before while functions run", async () => {
    const spy = vi.spyOn(console, "log").mockImplementation(() => {});
    const suspended = gate();
    const running = runIn(sandbox, () => suspended.opened);
    expect(Math.abs(Date.now() - startMs)).toBeGreaterThan(1e9);
    expect(new Date() instanceof Date).toBe(true);
    expect(Math.random()).not.toBe(Math.random());
    expect(crypto.randomUUID()).toMatch(/^[\da-f-]{36}$/);
    expect(crypto.getRandomValues(new Uint8Array(3))).toHaveLength(3);
    expect(performance.now()).toBeGreaterThan(0);
    expect(process.env.PATH).toBeDefined();
    expect("HARBOR" in process.env).toBe(false);
    process.env.INVEX_TEST = "1";
    expect(Object.keys(process.env)).toContain("INVEX_TEST");
    delete process.env.INVEX_TEST;
    console.log("host");
    expect(spy).toHaveBeenCalledWith("host");
    expect(Reflect.get(globalThis, "Convex")).toBeUndefined();
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    clearTimeout(setTimeout(() => expect.unreachable(), 0));
    suspended.open();
    await running;
  });

  it("[DET52] nothing is left after the last function, or overwritten that the host has put there", async () => {
    const before = snapshotHost();
    const { random } = Math;
    const suspended = gate();
    const running = runIn(sandbox, () => suspended.opened);
    await runIn(sandbox, () => 1);
    const mine = () => 0.5;
    Math.random = mine;
    suspended.open();
    await running;
    await turn();
    expect(Math.random).toBe(mine);
    Math.random = random;
    expect(snapshotHost()).toEqual(before);
  });

  it("[DET52] outside() leaves, rest() waits for whoever runs", async () => {
    await runIn(sandbox, async () => {
      sandbox.rest();
      expect(sandbox.outside(() => [sandbox.current(), Date.now() > startMs])).toEqual([
        undefined,
        true,
      ]);
      expect(Date.now()).toBe(startMs);
    });
    expect(sandbox.outside(() => 1)).toBe(1);
    sandbox.rest();
  });

  it("[DET53] what a platform lacks stays lacking, except process.env inside", async () => {
    const { setImmediate: immediate, process: hosts } = globalThis;
    Reflect.deleteProperty(globalThis, "setImmediate");
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    Reflect.deleteProperty(globalThis, "process");
    try {
      const seen = await runIn(sandbox, async () => [
        process.env.HARBOR,
        "setImmediate" in globalThis,
      ]);
      expect(seen).toEqual(["deep", false]);
      sandbox.rest();
      expect("process" in globalThis).toBe(false);
      expect("setImmediate" in globalThis).toBe(false);
    } finally {
      Object.defineProperty(globalThis, "process", descriptor);
      globalThis.setImmediate = immediate;
    }
    expect(process).toBe(hosts);
  });

  it("[DET53] what a platform protects stays as it is, what it inherits is inherited again", async () => {
    const original = Object.getOwnPropertyDescriptor;
    const { random, hypot } = Math;
    const behind = Object.getPrototypeOf(globalThis);
    const hosts = Object.getOwnPropertyDescriptor(globalThis, "fetch")!;
    Reflect.deleteProperty(globalThis, "fetch");
    Object.defineProperty(behind, "fetch", { ...hosts, configurable: true });
    const protect = (writable: boolean) => {
      vi.stubGlobal("performance", Object.create(performance));
      vi.spyOn(Object, "getOwnPropertyDescriptor").mockImplementation((owner, key) => {
        const found = original(owner, key);
        return owner === Math && found ? { ...found, configurable: false, writable } : found;
      });
    };
    const look = () => [Math.random === random, Date.now(), Object.hasOwn(globalThis, "fetch")];
    protect(false);
    expect(await runIn(sandbox, look)).toEqual([true, startMs, true]);
    sandbox.rest();
    vi.restoreAllMocks();
    protect(true);
    expect(await runIn(sandbox, look)).toEqual([false, startMs, true]);
    sandbox.rest();
    vi.restoreAllMocks();
    expect([Math.random, Math.hypot]).toEqual([random, hypot]);
    expect(Object.hasOwn(globalThis, "fetch")).toBe(false);
    Reflect.deleteProperty(behind, "fetch");
    Object.defineProperty(globalThis, "fetch", hosts);
  });
});

describe("with neither", () => {
  it("[DET54] functions run in the host's world, which is said once, in the log", async () => {
    const off = createSandbox(() => ({}));
    const executions = [createExecution(), createExecution()];
    for (const execution of executions) {
      const seen = await off.run(execution, async () => {
        await null;
        return [Date.now() === startMs, off.current(), off.outside(() => 2)];
      });
      expect(seen).toEqual([false, undefined, 2]);
    }
    off.rest();
    expect(executions[0]!.lines).toEqual([{ level: "WARN", args: [expect.any(PlainText)] }]);
    expect((executions[0]!.lines[0]!.args[0] as PlainText).text).toContain("Determinism is off");
    expect(executions[1]!.lines).toEqual([]);
  });
});
