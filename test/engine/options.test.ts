// What createBackend says of options that are wrong: the option, and what it should be.

import { createBackend, isInvexError } from "invex";
import { describe, expect, it } from "vitest";

// biome-ignore lint/suspicious/noExplicitAny: bad input has no type
type Untyped = any;

function refusal(options: Untyped): string {
  try {
    createBackend(options);
  } catch (error) {
    if (isInvexError(error) && error.code === "OptionsInvalid") return error.message;
    throw error;
  }
  throw new Error("the options were taken");
}

describe("options", () => {
  it.each<[Untyped, string]>([
    [undefined, "createBackend: its options: expected object, received undefined"],
    [{}, "createBackend: option `modules`: expected object, received undefined"],
    [{ modules: [] }, "createBackend: option `modules`: expected object, received array"],
    [{ modules: "./convex" }, 'expected object, received a path: write modulesFrom("./convex")'],
    [{ modules: {}, sead: "x" }, 'createBackend: its options: unrecognized key: "sead"'],
    [{ modules: {}, seed: 1 }, "createBackend: option `seed`: expected string, received 1"],
    [{ modules: {}, env: { A: null } }, "createBackend: option `env.A`: expected string"],
    [{ modules: {}, env: { "a b": 1 } }, 'createBackend: option `env["a b"]`: expected string'],
    [{ modules: {}, limits: { bytesRead: -1 } }, "option `limits.bytesRead`: expected a whole"],
    [{ modules: {}, limits: { bites: 1 } }, 'option `limits`: unrecognized key: "bites"'],
    [{ modules: {}, determinism: "on" }, 'option `determinism`: expected "enforce" or "off"'],
    [{ modules: {}, clock: {} }, "option `clock`: expected a clock: manualClock(), or"],
    [{ modules: {}, redactErrors: 1 }, "option `redactErrors`: expected boolean, received 1"],
    [{ modules: {}, onLog: "x" }, 'option `onLog`: expected function, received "x"'],
    [{ modules: {}, url: "x.com" }, "option `url`: expected a URL that begins with http:// or"],
    [{ modules: {}, url: "ftp://x.com" }, "option `url`: expected a URL"],
    [{ modules: {}, adminKey: "" }, "option `adminKey`: expected a key"],
    [{ modules: {}, fetch: {} }, "option `fetch`: expected function, received object"],
    [
      { modules: {}, components: { a: { modules: {}, components: { b: { modules: 1 } } } } },
      "option `components.a.components.b.modules`: expected object, received 1",
    ],
  ])("[BAD4] %j are refused by name", (options, text) => {
    expect(refusal(options)).toContain(text);
  });

  it("[BAD4] `undefined` is as good as left out", () => {
    const left = { seed: undefined, env: undefined, limits: { bytesRead: undefined } };
    expect(() => createBackend({ modules: {}, ...left } as Untyped)).not.toThrow();
  });
});
