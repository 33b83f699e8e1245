/** Where modules come from: maps, tests that define functions, folders, and none given. */
import { queryGeneric as query } from "convex/server";
import { convexTest } from "invex/testing";
import { describe, expect, it, vi } from "vitest";
import { internal } from "./app/convex/_generated/api";
import schema from "./app/convex/schema";
import { modules } from "./app/modules";
import { named } from "./suites/target";

const answer = query({ args: {}, handler: async () => 42 });

describe("modules", () => {
  it("[TST20] may be tests, with dots in their names", async () => {
    const t = convexTest(schema, {
      ...modules,
      "./convex/answer.test.ts": async () => ({ answer }),
      "./convex/deep/er.spec.helpers.ts": async () => ({ answer }),
    });
    expect(await t.query(named("answer.test:answer"))).toBe(42);
    expect(await t.query(named("deep/er.spec.helpers:answer"))).toBe(42);
    expect(await t.query(internal.notes.count)).toBe(0);
  });

  it("[TST20] the last key for a module counts, and what is no source does not", async () => {
    const t = convexTest(undefined, {
      "./_generated/api.js": async () => ({}),
      "./a.js": async () => ({}),
      "./a.ts": async () => ({ answer }),
      "./a.css": async () => ({}),
      "./a.d.ts": async () => ({}),
    });
    expect(await t.query(named("a:answer"))).toBe(42);
  });

  it("[TST20] are loaded when they are called, crons when time is moved", async () => {
    const loaded: string[] = [];
    const noting = Object.fromEntries(
      Object.entries(modules).map(([key, load]) => [
        key,
        () => {
          loaded.push(key);
          return load();
        },
      ]),
    );
    const t = convexTest(schema, noting);
    await t.query(internal.notes.count);
    expect(loaded.filter((key) => !key.includes("_generated"))).toEqual(["./convex/notes.ts"]);
    await t.advance(0);
    expect(loaded).toContain("./convex/crons.ts");
  });

  it("[TST20] default to the project's convex folder, and are missed clearly", () => {
    vi.spyOn(process, "cwd").mockReturnValue("/nowhere/at/all");
    expect(() => convexTest(schema)).toThrow("found no `convex` folder");
    vi.restoreAllMocks();
  });

  it("[TST20] a handle may be written by hand", async () => {
    const t = convexTest(schema, modules);
    expect(await t.query(named("function://;notes:count"))).toBe(0);
  });
});
