// What code finds inside a running function: time, randomness, what is refused, console,
// environment and bridge.

import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PlainText } from "../../../src/functions/sandbox/plain-text";
import { sandbox } from "../../../src/functions/sandbox/sandbox";
import { createRandom } from "../../../src/shared/random";
import { createExecution, type ExecutionOptions, gate, runIn, startMs, turn } from "./harness";

const advice =
  "in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.";

const run = <T>(handler: () => T | PromiseLike<T>, options: ExecutionOptions = {}) =>
  runIn(sandbox, handler, options);

afterEach(turn);

describe("time in queries and mutations", () => {
  it("[DET1] stands still, at every await, however it is asked for", async () => {
    const read = () => [Date.now(), ...[new Date().toISOString(), `${Date()}`].map(Date.parse)];
    const times = await run(async () => {
      const all = [read()];
      await null;
      all.push(read());
      await new Promise((resolve) => queueMicrotask(() => resolve(null)));
      all.push(read());
      return all.flat();
    });
    expect([...new Set(times)]).toEqual([startMs]);
  });

  it("[DET1] is noted when it is asked for, not when a given time is built", async () => {
    const execution = createExecution();
    await sandbox.run(execution, () => new Date(5).getTime() + Date.UTC(2020, 0) + Date.parse(""));
    expect(execution.observedTime).toBe(0);
    await sandbox.run(execution, () => [Date.now(), new Date(), Date(), performance.now()]);
    expect(execution.observedTime).toBe(4);
  });

  it("[DET2] dates are the host's dates, both ways", async () => {
    const given = new Date(7);
    const made = await run(async () => {
      class Deadline extends Date {
        late() {
          return this.getTime() > 5;
        }
      }
      const date = new Date();
      const later = new Deadline(9);
      expect(given instanceof Date && date instanceof Date && later instanceof Date).toBe(true);
      expect(date.constructor).toBe(Date);
      expect([later.late(), later.getTime(), new Deadline().getTime()]).toEqual([true, 9, startMs]);
      expect(new Date(2020, 1, 3, 4, 5, 6, 7)).toEqual(new Date("2020-02-03T04:05:06.007"));
      expect([Date.name, Date.length, Date.UTC(2020, 0)]).toEqual(["Date", 7, 1577836800000]);
      expect(structuredClone(date).getTime()).toBe(startMs);
      return date;
    });
    expect(made instanceof Date).toBe(true);
    expect(Object.getPrototypeOf(made)).toBe(Date.prototype);
  });

  it("[DET3] performance.now is fixed in queries and follows the backend's clock in mutations", async () => {
    let now = startMs;
    const clockMs = () => {
      now += 0.25;
      return now;
    };
    const read = () => [performance.now(), performance.now(), performance.now()];
    expect(await run(read, { clockMs })).toEqual([1000, 1000, 1000]);
    now = startMs;
    expect(await run(read, { clockMs, kind: "mutation" })).toEqual([1000.2, 1000.5, 1000.7]);
  });

  it("[DET4] in actions it is the host's", async () => {
    const before = Date.now();
    const [now, date, elapsed] = await run(
      async () => [Date.now(), Date.parse(new Date().toISOString()), performance.now()],
      { kind: "action" },
    );
    expect(now).toBeGreaterThanOrEqual(before);
    expect(date).toBeLessThanOrEqual(Date.now());
    expect(elapsed).toBeLessThanOrEqual(performance.now());
  });
});

describe("randomness in queries and mutations", () => {
  const draw = async () => {
    const first = Math.random();
    await null;
    const bytes = crypto.getRandomValues(new Uint8Array(5));
    const words = crypto.getRandomValues(new BigUint64Array(2));
    return [first, Math.random(), crypto.randomUUID(), [...bytes].join(), [...words].join()];
  };

  it("[DET5] comes from the execution's stream alone", async () => {
    const one = await run(draw, { seed: "one" });
    expect(await run(draw, { seed: "one", kind: "mutation" })).toEqual(one);
    const other = await run(draw, { seed: "two" });
    expect(other.filter((value) => one.includes(value))).toEqual([]);
    const random = createRandom("one");
    expect(one.slice(0, 1)).toEqual([random.next()]);
  });

  it("[DET5] a UUID is one of version 4", async () => {
    const uuid = await run(() => crypto.randomUUID());
    expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it("[DET5] bytes fill exactly the view that was given", async () => {
    const buffer = await run(() => {
      const bytes = new Uint8Array(12);
      const view = bytes.subarray(4, 8);
      expect(crypto.getRandomValues(view)).toBe(view);
      return bytes;
    });
    expect([...buffer.slice(0, 4), ...buffer.slice(8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...buffer.slice(4, 8)]).not.toEqual([0, 0, 0, 0]);
  });

  it("[DET6] at most 65,536 bytes at once, into integers only", async () => {
    const ask = (array: unknown) => run(() => crypto.getRandomValues(array as Uint8Array).length);
    expect(await ask(new Uint8Array(65_536))).toBe(65_536);
    await expect(ask(new Uint8Array(65_537))).rejects.toThrow(TypeError);
    await expect(ask(new Uint32Array(16_385))).rejects.toThrow("65540 bytes");
    for (const wrong of [new Float64Array(1), new DataView(new ArrayBuffer(1)), [1], null]) {
      await expect(ask(wrong)).rejects.toThrow(TypeError);
    }
  });

  it("[DET6] making keys is refused, catchably", async () => {
    const generate = () =>
      crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
    await expect(run(generate)).rejects.toThrow(`Can't use cryptographic randomness ${advice}`);
    expect(await run(() => generate().catch(() => "caught"))).toBe("caught");
    const digest = () => crypto.subtle.digest("SHA-256", new Uint8Array(3));
    expect((await run(digest)).byteLength).toBe(32);
    expect((await run(generate, { kind: "action" })).type).toBe("secret");
  });

  it("[DET4] in actions it is the host's", async () => {
    const rolls = await Promise.all([1, 2].map(() => run(draw, { kind: "action", seed: "one" })));
    expect(rolls[0]).not.toEqual(rolls[1]);
  });
});

describe("the outside world in queries and mutations", () => {
  it("[DET7] a timer returns an id, then the function dies", async () => {
    for (const name of ["setTimeout", "setInterval"] as const) {
      const execution = createExecution({ kind: "mutation" });
      let id: unknown;
      const outcome = sandbox.run(execution, async () => {
        id = globalThis[name](() => expect.unreachable(), 0);
        return "ready";
      });
      await expect(outcome).rejects.toThrow(`Can't use ${name} ${advice}`);
      expect(typeof id).toBe("number");
      expect(execution.failures).toHaveLength(1);
      await turn();
    }
  });

  it("[DET7] a function that waits for its timer dies instead of waiting", async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 5));
    await expect(run(wait)).rejects.toThrow("Can't use setTimeout");
    await expect(run(() => Promise.resolve().then(wait))).rejects.toThrow("Can't use setTimeout");
  });

  it("[DET7] clearing timers is harmless", async () => {
    vi.useFakeTimers();
    const fired: string[] = [];
    const timer = setTimeout(() => fired.push("timeout"), 1);
    const interval = setInterval(() => fired.push("interval"), 1);
    await run(() => {
      clearTimeout(timer);
      clearInterval(interval);
      clearInterval(undefined);
    });
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    expect(fired).toEqual(["timeout", "interval"]);
  });

  it("[DET7] setImmediate is not there", async () => {
    await expect(run(() => setImmediate(() => {}))).rejects.toThrow(ReferenceError);
  });

  it("[DET8] fetch rejects, catchably", async () => {
    const fetching = () => fetch("http://localhost:1/");
    expect(await run(() => fetching().catch((error: Error) => error.message))).toBe(
      `Can't use fetch() ${advice}`,
    );
    await expect(run(fetching)).rejects.toThrow("Can't use fetch()");
  });

  it("[DET9] actions have the host's timers, and their callbacks are the action's", async () => {
    const execution = createExecution({ kind: "action" });
    const done = await sandbox.run(execution, async () => {
      const inside: boolean[] = [];
      const note = () => inside.push(sandbox.current() === execution);
      await new Promise<void>((resolve) => setTimeout(() => resolve(void note()), 1));
      await new Promise<void>((resolve) => setImmediate(() => resolve(void note())));
      await new Promise<void>((resolve) => queueMicrotask(() => resolve(void note())));
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          clearInterval(timer);
          resolve(void note());
        }, 1);
      });
      await promisify(setTimeout)(1);
      note();
      clearTimeout(setTimeout(() => expect.unreachable(), 1));
      return inside;
    });
    expect(done).toEqual([true, true, true, true, true]);
    expect(sandbox.current()).toBeUndefined();
  });
});

describe("console", () => {
  it("[DET10] goes to the execution's log, in every kind of function", async () => {
    for (const kind of ["query", "mutation", "action", "httpAction"] as const) {
      const execution = createExecution({ kind });
      await sandbox.run(execution, async () => {
        console.log("a", { b: 1 });
        await null;
        console.debug(1);
        console.info();
        const { warn, error } = console;
        warn("w");
        error("e");
      });
      expect(execution.lines).toEqual([
        { level: "LOG", args: ["a", { b: 1 }] },
        { level: "DEBUG", args: [1] },
        { level: "INFO", args: [] },
        { level: "WARN", args: ["w"] },
        { level: "ERROR", args: ["e"] },
      ]);
    }
  });

  it("[DET10] has what Convex's has and nothing else", async () => {
    const names = await run(() => Object.keys(console).sort());
    expect(names).toEqual(
      "count countReset debug error info log time timeEnd timeLog trace warn".split(" "),
    );
    await expect(run(() => console.table([]))).rejects.toThrow(TypeError);
  });

  it("[DET11] measures by the backend's clock and counts", async () => {
    let now = startMs;
    const execution = createExecution({ clockMs: () => now });
    await sandbox.run(execution, () => {
      console.time("a");
      console.time();
      now += 12;
      console.timeLog("a", { x: 1 });
      console.time("a");
      console.timeEnd("a");
      console.timeEnd("a");
      console.timeEnd();
      console.count();
      console.count();
      console.countReset();
      console.count();
      console.trace("here");
    });
    const text = execution.lines.map(({ level, args }) => [
      level,
      ...args.map((arg) => (arg instanceof PlainText ? arg.text : arg)),
    ]);
    expect(text.slice(0, 8)).toEqual([
      ["INFO", "a: 12ms", { x: 1 }],
      ["WARN", "Timer 'a' already exists"],
      ["INFO", "a: 12ms"],
      ["WARN", "Timer 'a' does not exist"],
      ["INFO", "default: 12ms"],
      ["LOG", "default: 1"],
      ["LOG", "default: 2"],
      ["LOG", "default: 1"],
    ]);
    expect(text[8]!.slice(0, 2)).toEqual(["LOG", "here"]);
    expect((text[8]![2] as Error).stack).toContain("world.test");
  });
});

describe("process.env and Convex", () => {
  it("[DET12] process.env is the backend's, read-only, and nothing else's", async () => {
    process.env.INVEX_HOST_ONLY = "host";
    const seen = await run(() => ({
      harbor: process.env.HARBOR,
      host: process.env.INVEX_HOST_ONLY,
      all: { ...process.env },
      has: ["HARBOR" in process.env, "PATH" in process.env],
    }));
    expect(seen).toEqual({
      harbor: "deep",
      host: undefined,
      all: { HARBOR: "deep" },
      has: [true, false],
    });
    const write = () => {
      process.env.HARBOR = "shallow";
    };
    await expect(run(write, { kind: "action" })).rejects.toThrow(TypeError);
    await expect(run(() => delete process.env.HARBOR)).rejects.toThrow(TypeError);
    expect(process.env.INVEX_HOST_ONLY).toBe("host");
    delete process.env.INVEX_HOST_ONLY;
  });

  // The engine's helpers of the `convex` package read the bare name.
  const bridge = () => (globalThis as { Convex?: { syscall(op: string): string } }).Convex;

  it("[DET13] the Convex global exists inside only", async () => {
    expect(bridge()).toBeUndefined();
    const seen = await run(async () => {
      const early = bridge()?.syscall("a");
      await null;
      return [early, bridge()?.syscall("b"), typeof Convex];
    });
    expect(seen).toEqual(["syscall a", "syscall b", "object"]);
    expect(bridge()).toBeUndefined();
    expect(typeof Convex).toBe("undefined");
    await turn();
    expect("Convex" in globalThis).toBe(false);
  });

  it("[DET13] a Convex global of the host's own comes back", async () => {
    const own = { syscall: () => "host" };
    Object.assign(globalThis, { Convex: own });
    const suspended = gate();
    const seen = run(async () => {
      const before = bridge()?.syscall("a");
      await suspended.opened;
      return [before, bridge()?.syscall("b")];
    });
    expect(bridge()).toBe(own);
    await turn();
    expect(bridge()).toBe(own);
    suspended.open();
    expect(await seen).toEqual(["syscall a", "syscall b"]);
    expect(Object.getOwnPropertyDescriptor(globalThis, "Convex")).toEqual({
      value: own,
      configurable: true,
      enumerable: true,
      writable: true,
    });
    Reflect.deleteProperty(globalThis, "Convex");
  });

  it("[DET13] the host may make one while functions run", async () => {
    const suspended = gate();
    const seen = run(async () => {
      await suspended.opened;
      return bridge()?.syscall("b");
    });
    Object.assign(globalThis, { Convex: { syscall: () => "host" } });
    expect(Object.keys(globalThis)).toContain("Convex");
    suspended.open();
    expect(await seen).toBe("syscall b");
    expect(bridge()?.syscall("c")).toBe("host");
    Reflect.deleteProperty(globalThis, "Convex");
    await turn();
    expect("Convex" in globalThis).toBe(false);
  });
});

declare const Convex: unknown;
