// Executions side by side, one inside another, and every way JavaScript has of going on later.

import { AsyncLocalStorage } from "node:async_hooks";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sandbox } from "../../../src/functions/sandbox/sandbox";
import { createRandom } from "../../../src/shared/random";
import { createExecution, gate, runIn, startMs, turn } from "./harness";

afterEach(turn);

describe("executions at the same time", () => {
  const work = async () => {
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      seen.push(Date.now(), Math.random(), process.env.NAME);
      if (i % 2 === 0) await null;
      else await new Promise<void>((resolve) => queueMicrotask(resolve));
    }
    return seen;
  };
  const options = (n: number) => ({
    seed: `${n}`,
    startMs: startMs + n,
    env: { NAME: `env ${n}` },
  });

  it("[DET30] each have their own clock, seed, environment and log", async () => {
    const numbers = [0, 1, 2, 3, 4];
    const alone = [];
    for (const n of numbers) alone.push(await runIn(sandbox, work, options(n)));
    const together = await Promise.all(numbers.map((n) => runIn(sandbox, work, options(n))));
    expect(together).toEqual(alone);
    expect(new Set(together.flat()).size).toBe(5 + 5 * 4 + 5);
  });

  it("[DET30] current() tells them apart and knows the host", async () => {
    const executions = [createExecution(), createExecution({ kind: "action" })];
    const wrong: unknown[] = [];
    const check = async (expected: unknown) => {
      for (let i = 0; i < 5; i++) {
        if (sandbox.current() !== expected) wrong.push(expected);
        await null;
      }
    };
    const running = executions.map((execution) => sandbox.run(execution, () => check(execution)));
    await Promise.all([...running, check(undefined)]);
    expect(wrong).toEqual([]);
  });

  it("[DET30] two copies of the library in one process do not mix", async () => {
    vi.resetModules();
    const { sandbox: other } = await import("../../../src/functions/sandbox/sandbox");
    expect(other).not.toBe(sandbox);
    const both = async () => [await runIn(other, work, options(2)), await work()].flat();
    const [here, there, nested] = await Promise.all([
      runIn(sandbox, work, options(1)),
      runIn(other, work, options(2)),
      runIn(sandbox, both, options(1)),
    ]);
    expect(nested).toEqual([...there, ...here]);
    expect(here).toEqual(await runIn(sandbox, work, options(1)));
    expect(there).toEqual(await runIn(sandbox, work, options(2)));
  });

  it("[DET30] random schedules of steps never mix them", async () => {
    const kinds = fc.constantFrom("query" as const, "mutation" as const, "action" as const);
    const steps = fc.array(fc.constantFrom(...waysToGoOn.keys()), { maxLength: 8 });
    const functions = fc.array(fc.tuple(kinds, steps), { minLength: 1, maxLength: 6 });
    const check = async (scripts: [kind: "query" | "mutation" | "action", number[]][]) => {
      const wrong: string[] = [];
      const runs = scripts.map(([kind, script], n) => {
        const execution = createExecution({ kind, seed: `${n}`, startMs: startMs + n });
        const random = createRandom(`${n}`);
        const look = () => {
          if (sandbox.current() !== execution) wrong.push(`${n}: not inside`);
          if (kind === "action") return;
          if (Date.now() !== startMs + n) wrong.push(`${n}: time`);
          if (Math.random() !== random.next()) wrong.push(`${n}: randomness`);
        };
        return sandbox.run(execution, async () => {
          look();
          for (const step of script) {
            await waysToGoOn[step]!(look);
            look();
          }
        });
      });
      if (sandbox.current() !== undefined) wrong.push("outside");
      await Promise.all(runs);
      expect(wrong).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(functions, check), { numRuns: 200 });
  });
});

type Look = () => void;

/** Ways of going on later, each looking around wherever code of its own runs. */
const waysToGoOn: ((look: Look) => unknown)[] = [
  () => null,
  () => Promise.resolve(1),
  (look) => ({
    // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
    then(resolve: () => void) {
      look();
      resolve();
    },
  }),
  async (look) => {
    async function* numbers() {
      look();
      yield 1;
      look();
      yield Promise.resolve(2);
      look();
    }
    for await (const _ of numbers()) look();
  },
  async (look) => {
    function* numbers() {
      yield 1;
      look();
      yield 2;
    }
    for (const n of numbers()) await n;
    for await (const _ of [1, Promise.resolve(2)]) look();
  },
  async (look) => {
    const branch = async () => {
      await null;
      look();
      await null;
      look();
    };
    await Promise.all([branch(), branch(), 3]);
    await Promise.allSettled([branch(), Promise.reject(new Error("x"))]);
    await Promise.race([branch(), branch()]);
    await Promise.any([Promise.reject(new Error("x")), branch()]);
  },
  async (look) => {
    await Promise.reject(new Error("x")).catch(look).then(look).finally(look);
  },
  async (look) => {
    try {
      await Promise.reject(new Error("x"));
    } catch {
      look();
    } finally {
      await null;
      look();
    }
  },
  (look) => new Promise<void>((resolve) => queueMicrotask(() => resolve(look()))),
  () => fromOutside(),
  async (look) => {
    class Mine extends Promise<number> {}
    await Mine.resolve(1).then(look);
    await new Mine((resolve) => resolve(2));
  },
  async (look) => {
    await using_(look);
  },
];

/** A promise of the host's, settled by the host in a later turn. */
function fromOutside(): Promise<void> {
  return sandbox.outside(() => turn());
}

async function using_(look: Look): Promise<number> {
  const inner = async (depth: number): Promise<number> => {
    look();
    if (depth === 0) return 0;
    const value = await inner(depth - 1);
    look();
    return value + 1;
  };
  return inner(4);
}

describe("executions inside executions", () => {
  it("[DET31] a run of its own inside another, and the outer one goes on as before", async () => {
    const outer = createExecution({ kind: "action" });
    const inner = createExecution({ startMs: 5, seed: "inner" });
    await sandbox.run(outer, async () => {
      const nested = sandbox.run(inner, async () => {
        expect([sandbox.current(), Date.now()]).toEqual([inner, 5]);
        await null;
        expect([sandbox.current(), Date.now()]).toEqual([inner, 5]);
        return Date.now();
      });
      expect(sandbox.current()).toBe(outer);
      expect(await nested).toBe(5);
      expect(sandbox.current()).toBe(outer);
      expect(Date.now()).toBeGreaterThan(startMs);
    });
  });

  it("[DET31] an inner failure is the inner one's", async () => {
    const outer = createExecution();
    const result = await sandbox.run(outer, async () => {
      const killed = runIn(sandbox, async () => setTimeout(() => {}, 0));
      const message = await killed.catch((error: Error) => error.message.slice(0, 20));
      return [message, sandbox.current() === outer, Date.now()];
    });
    expect(result).toEqual(["Can't use setTimeout", true, startMs]);
    expect(outer.failures).toEqual([]);
  });

  it("[DET31] callbacks of the host called from inside run inside", async () => {
    const execution = createExecution();
    let seen: unknown;
    const callback = () => {
      seen = [sandbox.current(), Date.now()];
    };
    await sandbox.run(execution, () => [1].forEach(callback));
    expect(seen).toEqual([execution, startMs]);
  });

  it("[DET31] a promise made inside and awaited outside goes on outside", async () => {
    let made: Promise<number> | undefined;
    const held = gate<number>();
    const running = runIn(sandbox, async () => {
      made = (async () => {
        await null;
        return Date.now();
      })();
      return held.opened;
    });
    expect(await made).toBe(startMs);
    expect(sandbox.current()).toBeUndefined();
    expect(Date.now()).not.toBe(startMs);
    held.open(1);
    expect(await running).toBe(1);
    expect(Date.now()).not.toBe(startMs);
  });
});

describe("the host's own async context", () => {
  it("[DET32] AsyncLocalStorage of the host passes through, inside and outside", async () => {
    const storage = new AsyncLocalStorage<string>();
    const read = async () => {
      const seen = [storage.getStore()];
      await null;
      seen.push(storage.getStore());
      await turn.call(null);
      seen.push(storage.getStore());
      return seen;
    };
    const query = async () => {
      const seen = [storage.getStore()];
      await null;
      seen.push(storage.getStore());
      return seen;
    };
    const [inQuery, inAction, outside] = await storage.run("request", () =>
      Promise.all([
        runIn(sandbox, query),
        runIn(sandbox, read, { kind: "action" }),
        storage.run("other", read),
      ]),
    );
    expect(inQuery).toEqual(["request", "request"]);
    expect(inAction).toEqual(["request", "request", "request"]);
    expect(outside).toEqual(["other", "other", "other"]);
    expect(storage.getStore()).toBeUndefined();
  });
});

describe("outcomes", () => {
  it("[DET33] are the handler's, whatever it returns or throws", async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
      then: (resolve: (value: number) => void) => resolve(7),
    } as PromiseLike<number>;
    expect(await runIn(sandbox, () => 1)).toBe(1);
    expect(await runIn(sandbox, () => undefined)).toBeUndefined();
    expect(await runIn(sandbox, () => Promise.resolve(2))).toBe(2);
    expect(await runIn(sandbox, () => thenable)).toBe(7);
    await expect(runIn(sandbox, () => Promise.reject(null))).rejects.toBeNull();
    const run = runIn(sandbox, () => {
      throw new TypeError("now");
    });
    await expect(run).rejects.toThrow(TypeError);
  });

  it("[DET33] of a thenable are found inside", async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
      then: (resolve: (value: number) => void) => resolve(Date.now()),
    } as PromiseLike<number>;
    expect(await runIn(sandbox, () => thenable)).toBe(startMs);
  });

  it("[DET33] wait for what must be drained, and fail with it", async () => {
    const draining = gate();
    let settled = false;
    const drain = () => draining.opened;
    const running = runIn(sandbox, () => "done", { drain }).finally(() => {
      settled = true;
    });
    await turn();
    expect(settled).toBe(false);
    draining.open();
    expect(await running).toBe("done");
    const failing = () => Promise.reject(new Error("drained badly"));
    await expect(runIn(sandbox, () => 1, { drain: failing })).rejects.toThrow("drained badly");
    expect(await runIn(sandbox, () => 1, { drain: () => undefined })).toBe(1);
  });
});
