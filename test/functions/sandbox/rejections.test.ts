// Rejections nobody handles: they fail the function they come from, and only what is the host's is
// reported to the host.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sandbox } from "../../../src/functions/sandbox/sandbox";
import { createExecution, type ExecutionOptions, gate, runIn, turn } from "./harness";

const reported: unknown[] = [];
const others = process.listeners("unhandledRejection");
const listen = (reason: unknown) => void reported.push(reason);

beforeEach(() => {
  reported.length = 0;
  // Vitest's own listener would fail the run.
  for (const other of others) process.off("unhandledRejection", other);
  process.on("unhandledRejection", listen);
});

afterEach(async () => {
  await turn();
  process.off("unhandledRejection", listen);
  for (const other of others) process.on("unhandledRejection", other);
});

const boom = async () => {
  throw new Error("boom");
};
const lateBoom = async () => {
  await null;
  throw new Error("late boom");
};

const run = <T>(handler: () => T | PromiseLike<T>, options: ExecutionOptions = {}) =>
  runIn(sandbox, handler, options);

describe("unhandled rejections", () => {
  const leaves: [what: string, handler: () => unknown, message: string][] = [
    ["an async function not awaited", async () => void boom(), "boom"],
    [
      "one that rejects later",
      async () => {
        void lateBoom();
        await null;
        await null;
        return 1;
      },
      "late boom",
    ],
    ["Promise.reject", () => void Promise.reject(new Error("bare")), "bare"],
    ["new Promise", () => void new Promise((_, reject) => reject(new Error("made"))), "made"],
    [
      "a throwing then",
      async () => {
        void Promise.resolve().then(() => {
          throw new Error("then");
        });
        await null;
        await null;
      },
      "then",
    ],
    [
      "a rejection passed along",
      async () => {
        void boom()
          .then(() => 1)
          .finally(() => {});
        for (let i = 0; i < 6; i++) await null;
      },
      "boom",
    ],
    ["one of several of Promise.all", async () => void Promise.all([1, boom()]), "boom"],
  ];

  it.each(leaves)(
    "[DET40] of %s fail the function though its result was ready",
    async (_, handler, message) => {
      for (const kind of ["query", "mutation", "action"] as const) {
        const execution = createExecution({ kind });
        const outcome = sandbox.run(execution, handler);
        await expect(outcome).rejects.toThrow(message);
        expect(execution.failures).toHaveLength(1);
      }
      await turn();
      expect(reported).toEqual([]);
    },
  );

  it("[DET40] fail it at the end of the turn, though the handler waits on", async () => {
    const never = new Promise(() => {});
    const query = run(async () => {
      void boom();
      await never;
    });
    await expect(query).rejects.toThrow("boom");
    const action = run(
      async () => {
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
        setTimeout(boom, 1);
        await never;
      },
      { kind: "action" },
    );
    await expect(action).rejects.toThrow("boom");
    await turn();
    expect(reported).toEqual([]);
  });

  it("[DET40] with any reason", async () => {
    for (const reason of [undefined, null, 0, "text"]) {
      const failed = await run(() => void Promise.reject(reason)).then(
        () => "fulfilled",
        (error) => ["rejected", error],
      );
      expect(failed).toEqual(["rejected", reason]);
    }
  });

  it("[DET41] handled in time they change nothing", async () => {
    const handlers: (() => unknown)[] = [
      async () => {
        const failing = boom();
        await null;
        await failing.catch(() => {});
        return "fine";
      },
      async () => {
        const [outcome] = await Promise.allSettled([boom(), lateBoom()]);
        return outcome.status === "rejected" ? "fine" : "odd";
      },
      async () => {
        await Promise.all([boom(), lateBoom()]).catch(() => {});
        return "fine";
      },
      async () => {
        await Promise.race([Promise.resolve(1), lateBoom()]);
        return "fine";
      },
      async () => {
        try {
          return await boom();
        } catch {
          return "fine";
        }
      },
      async () => {
        const failing = boom();
        void (async () => {
          for (let i = 0; i < 5; i++) await null;
          await failing.catch(() => {});
        })();
        return "fine";
      },
      () => boom().catch(() => "fine"),
      async () => {
        async function* failing() {
          yield 1;
          throw new Error("generator");
        }
        try {
          for await (const _ of failing()) await null;
        } catch {
          return "fine";
        }
      },
    ];
    for (const handler of handlers) expect(await run(handler)).toBe("fine");
    await turn();
    expect(reported).toEqual([]);
  });

  it("[DET41] a handler that rejects is one rejection, reported to its caller alone", async () => {
    await expect(run(boom)).rejects.toThrow("boom");
    await expect(
      run(async () => {
        void lateBoom();
        await boom();
      }),
    ).rejects.toThrow("boom");
    await turn();
    expect(reported).toEqual([]);
  });

  it("[DET42] of the host's stay the host's, also while functions run", async () => {
    const suspended = gate();
    const running = run(() => suspended.opened);
    void Promise.reject(new Error("host"));
    const made = sandbox.outside(() => 0);
    await turn();
    expect(reported).toEqual([new Error("host")]);
    await run(() => void sandbox.outside(() => void lateBoom()));
    await turn();
    expect(reported).toEqual([new Error("host"), new Error("late boom")]);
    suspended.open();
    await running;
    expect(made).toBe(0);
  });

  it("[DET43] in a function that has ended hurt nobody while others run", async () => {
    const suspended = gate();
    const other = run(() => suspended.opened);
    const ended = gate();
    await run(() => {
      void ended.opened.then(boom);
    });
    ended.open();
    await turn();
    expect(reported).toEqual([]);
    suspended.open();
    await other;
  });

  it("[DET43] an outer function is not failed by an inner one's", async () => {
    const outer = createExecution({ kind: "action" });
    const result = await sandbox.run(outer, async () => {
      const inner = run(() => void boom());
      return inner.catch((error: Error) => `caught ${error.message}`);
    });
    expect(result).toBe("caught boom");
    expect(outer.failures).toEqual([]);
  });
});
