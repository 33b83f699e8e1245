// Structural sharing against a naive notion of it: equal is identical, everything is frozen, and the
// content is untouched.

import { describe, expect, it } from "vitest";
import { shareFrozen, thawedCopy } from "../../src/reactivity/share";
import { cloneValue } from "../../src/values/clone";
import { valuesEqual } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

function isDeeplyFrozen(value: Value | undefined): boolean {
  if (typeof value !== "object" || value === null || value instanceof ArrayBuffer) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

function hasFrozen(value: Value | undefined): boolean {
  if (typeof value !== "object" || value === null || value instanceof ArrayBuffer) return false;
  return Object.isFrozen(value) || Object.values(value).some(hasFrozen);
}

function randomValue(choices: Choices, depth: number): Value {
  const primitives = [null, true, 0, -0, Number.NaN, 1.5, 7n, "", "text"];
  const kind = depth === 0 ? 0 : choices.below(5);
  if (kind === 1) return choices.list(4, () => randomValue(choices, depth - 1));
  if (kind === 2) return randomObject(choices, depth);
  if (kind === 3) return new Uint8Array(choices.list(3, () => choices.below(3))).buffer;
  if (kind === 4) return choices.list(6, () => randomDocument(choices, depth - 1));
  return choices.pick(primitives);
}

function randomObject(choices: Choices, depth: number): Value {
  const object: Record<string, Value> = {};
  for (const field of ["__proto__", "a", "b", "toString"]) {
    if (!choices.chance(0.4)) continue;
    const value = randomValue(choices, depth - 1);
    Object.defineProperty(object, field, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

function randomDocument(choices: Choices, depth: number): Value {
  return { _id: `id${choices.below(6)}`, n: choices.below(2), x: randomValue(choices, depth) };
}

describe("structural sharing", () => {
  it("[SUB17] keeps content, freezes all of it, and answers the previous value when equal", async () => {
    await forEachSeed(seeds("share", 3_000), (choices) => {
      let previous: Value | undefined;
      let content: Value | undefined;
      for (let step = 0; step < 4; step++) {
        const next =
          content !== undefined && choices.chance(0.3) ? content : randomValue(choices, 4);
        const shared = shareFrozen(previous, cloneValue(next));
        expect(valuesEqual(shared, next)).toBe(true);
        expect(isDeeplyFrozen(shared)).toBe(true);
        const thawed = thawedCopy(shared);
        expect(valuesEqual(thawed, next)).toBe(true);
        expect(hasFrozen(thawed)).toBe(false);
        if (previous !== undefined && typeof next === "object" && valuesEqual(previous, next)) {
          expect(shared).toBe(previous);
        }
        previous = shared;
        content = next;
      }
    });
  });

  const list = (...ids: string[]): Value => ids.map((_id) => ({ _id, tags: [_id], n: 1 }));

  it.each([
    ["appended", ["a", "b", "c", "d"]],
    ["put in front", ["d", "a", "b", "c"]],
    ["put in between", ["a", "d", "b", "c"]],
    ["put in front, last dropped", ["d", "a", "b"]],
    ["removed", ["a", "c"]],
    ["removed in front, one appended", ["b", "c", "d"]],
    ["reversed", ["c", "b", "a"]],
    ["last moved to the front", ["c", "a", "b"]],
    ["first moved to the end", ["b", "c", "a"]],
    ["two put in front", ["d", "e", "a", "b", "c"]],
  ])("[SUB17] finds documents again by id: %s", (_, ids) => {
    const before = shareFrozen(undefined, list("a", "b", "c")) as { _id: string }[];
    const now = shareFrozen(before, list(...ids)) as { _id: string }[];
    expect(now).toEqual(list(...ids));
    for (const document of before) {
      const again = now.find(({ _id }) => _id === document._id);
      if (again !== undefined) expect(again).toBe(document);
    }
  });

  it("[SUB17] keeps what is equal inside what changed", () => {
    const before = shareFrozen(undefined, {
      page: [
        { _id: "a", tags: ["x"], n: 1 },
        { _id: "b", tags: ["y"], n: 1 },
      ],
      isDone: false,
    }) as { page: { tags: string[] }[] };
    const now = shareFrozen(before, {
      page: [
        { _id: "a", tags: ["x"], n: 2 },
        { _id: "b", tags: ["y"], n: 1 },
      ],
      isDone: true,
    }) as { page: { tags: string[] }[] };
    expect(now.page[0]).not.toBe(before.page[0]);
    expect(now.page[0]!.tags).toBe(before.page[0]!.tags);
    expect(now.page[1]).toBe(before.page[1]);
  });

  it("[SUB17] tells the two zeros apart, and one NaN from no other", () => {
    const zero = shareFrozen(undefined, { n: 0 });
    expect(shareFrozen(zero, { n: -0 })).not.toBe(zero);
    const nan = shareFrozen(undefined, { n: Number.NaN });
    expect(shareFrozen(nan, { n: Number.NaN })).toBe(nan);
    expect(Object.is(shareFrozen(0, -0), -0)).toBe(true);
  });

  it("[SUB17] compares bytes by content", () => {
    const bytes = (...content: number[]) => ({ b: new Uint8Array(content).buffer });
    const before = shareFrozen(undefined, bytes(1, 2));
    expect(shareFrozen(before, bytes(1, 2))).toBe(before);
    expect(shareFrozen(before, bytes(1, 3))).toEqual(bytes(1, 3));
  });
});
