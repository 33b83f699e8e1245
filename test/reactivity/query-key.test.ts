// Keys of queries: equal for equal questions, and for no others.

import { describe, expect, it } from "vitest";
import { callKey, identityKey, journaledKey } from "../../src/reactivity/query-key";
import { canonicalCopy } from "../../src/values/canonical";
import { valuesEqual } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { ask } from "./reactive-store";

function randomValue(choices: Choices, depth: number): Value {
  const texts = ["", "s0:", "a", "b", "n1,", "}", "]s1:a", "é"];
  const primitives = [null, true, false, 0, -0, 1, Number.NaN, 1n, -1n, ...texts];
  const kind = depth === 0 ? 0 : choices.below(4);
  if (kind === 1) return choices.list(4, () => randomValue(choices, depth - 1));
  if (kind === 2) {
    const names = choices.list(4, () => choices.pick(["a", "b", "ab", "10", "9", ""]));
    return Object.fromEntries(names.map((name) => [name, randomValue(choices, depth - 1)]));
  }
  if (kind === 3) return new Uint8Array(choices.list(4, () => choices.below(256))).buffer;
  return choices.pick(primitives);
}

describe("keys of queries", () => {
  it("[CACHE9] are equal exactly for equal arguments", async () => {
    await forEachSeed(seeds("keys", 200), (choices) => {
      const args = Array.from({ length: 25 }, () => canonicalCopy(randomValue(choices, 3)));
      const keys = args.map((value) => callKey(ask("m:f", value as Record<string, Value>)));
      for (const [i, a] of args.entries()) {
        for (const [j, b] of args.entries()) expect(keys[i] === keys[j]).toBe(valuesEqual(a, b));
      }
    });
  });

  it("[CACHE9] tell apart everything else that is asked", () => {
    const base = ask("m:f", { a: 1 });
    const calls = [
      base,
      { ...base, path: "m:g" },
      { ...base, componentPath: "m" },
      { ...base, componentPath: "m:f", path: "" },
      { ...base, visibility: "public" as const },
      { ...base, visibility: "internal" as const },
    ].map(callKey);
    const keys = calls.flatMap((call) =>
      [undefined, "", "a", "a!"].flatMap((journal) =>
        [undefined, { key: "" }, { key: "a" }].map(
          (identity) => journaledKey(call, journal) + identityKey(identity),
        ),
      ),
    );
    expect(new Set([...calls, ...keys]).size).toBe(calls.length + keys.length);
  });
});
