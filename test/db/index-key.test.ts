// Index keys against the order of values they stand for.

import { describe, expect, it } from "vitest";
import { after, encodeKeyPart, keyPrefixes, partEnd } from "../../src/db/index-key";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { randomField, randomValue } from "../model/random-values";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

type Part = Value | undefined;

const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));
const keyOf = (parts: readonly Part[]) => parts.map(encodeKeyPart).join("");

function compareTuples(a: readonly Part[], b: readonly Part[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return Math.sign(order);
  }
  return 0;
}

function tuple(choices: Choices, length: number): Part[] {
  return Array.from({ length }, () => randomField(choices));
}

/** Another tuple that often agrees with the first one for a while. */
function related(choices: Choices, parts: readonly Part[]): Part[] {
  return parts.map((part) => (choices.chance(0.6) ? part : randomField(choices)));
}

describe("index keys", () => {
  it("[KEY1] of one value order as values do", async () => {
    await forEachSeed(seeds("key", 20), (choices) => {
      const values = Array.from({ length: 60 }, () => randomField(choices, 3));
      const keys = values.map(encodeKeyPart);
      for (const [i, a] of values.entries()) {
        for (const [j, b] of values.entries()) {
          const order = compareText(keys[i] as string, keys[j] as string);
          expect(order).toBe(Math.sign(compareValues(a, b)));
        }
      }
    });
  });

  it("[KEY1] of several values order field by field", async () => {
    await forEachSeed(seeds("tuple", 20), (choices) => {
      for (let i = 0; i < 300; i++) {
        const a = tuple(choices, 3);
        const b = related(choices, a);
        expect(compareText(keyOf(a), keyOf(b))).toBe(compareTuples(a, b));
      }
    });
  });

  it("[KEY2] start with the key of the first fields exactly when these are equal", async () => {
    await forEachSeed(seeds("prefix", 20), (choices) => {
      for (let i = 0; i < 300; i++) {
        const a = tuple(choices, 3);
        const prefix = keyOf(related(choices, a).slice(0, 1 + choices.below(3)));
        const key = keyOf(a);
        const isEqual = keyPrefixes(key).includes(prefix);
        expect(key >= prefix && key < after(prefix)).toBe(isEqual);
      }
    });
  });

  it("[KEY2] fall apart at the ends of their parts", async () => {
    await forEachSeed(seeds("parts", 20), (choices) => {
      for (let i = 0; i < 200; i++) {
        const parts = tuple(choices, 1 + choices.below(4));
        const key = keyOf(parts);
        const expected = parts.map((_, at) => keyOf(parts.slice(0, at + 1)));
        expect(keyPrefixes(key)).toEqual(expected);
        expect(partEnd(key, 0)).toBe(encodeKeyPart(parts[0]).length);
      }
    });
  });

  it("[KEY3] hold characters of one byte only", async () => {
    await forEachSeed(seeds("bytes", 10), (choices) => {
      for (let i = 0; i < 300; i++) {
        for (const char of encodeKeyPart(randomValue(choices))) {
          expect(char.charCodeAt(0)).toBeLessThan(0x100);
        }
      }
    });
    const long = encodeKeyPart("é\0".repeat(10_000));
    expect(long.length).toBe(2 + 40_000);
  });

  it("[KEY1] order the hard neighbours right", () => {
    const ascending: Part[] = [
      undefined,
      null,
      ...[-(2n ** 63n), -(2n ** 31n) - 1n, -32769n, -129n, -128n, -1n, 0n, 1n, 127n, 128n],
      ...[32768n, 2n ** 31n, 2n ** 63n - 1n],
      ...[Number.NEGATIVE_INFINITY, -1e300, -1, -5e-324, -0, 0, 5e-324, 1, 2, 10, 1e300],
      ...[Number.POSITIVE_INFINITY, Number.NaN, false, true],
      ...["", "\0", "\0\0", "\0a", "\x01", "a", "a\0", "a\0b", "aa", "b", "é", "\ufffd", "😀"],
      new ArrayBuffer(0),
      new Uint8Array([0]).buffer,
      new Uint8Array([0, 0]).buffer,
      new Uint8Array([255]).buffer,
      ...[[], [null], [null, null], [1n], [""], ["", ""], ["a"], [[]], [[], []], [{}]],
      ...[{}, { "": 1 }, { "": 1, a: 1 }, { a: 1 }, { a: 1, b: 0 }, { a: 2 }, { aa: 0 }, { b: 0 }],
    ];
    const keys = ascending.map(encodeKeyPart);
    expect([...keys].sort(compareText)).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("[KEY4] take every NaN for the one of Convex, and a pending timestamp for the last Int64", () => {
    const [odd] = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer);
    expect(encodeKeyPart(odd)).toBe(encodeKeyPart(Number.NaN));
    const pending = commitTsPlaceholder as unknown as Value;
    expect(encodeKeyPart(pending)).toBe(encodeKeyPart(2n ** 63n - 1n));
    expect(encodeKeyPart([pending])).toBe(encodeKeyPart([2n ** 63n - 1n]));
  });
});
