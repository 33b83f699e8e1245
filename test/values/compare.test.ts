import { compareValues as convexCompare } from "convex/values";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { compareValues, valuesEqual } from "../../src/values/compare";
import { compareUtf8, isWellFormed, utf8Length } from "../../src/values/utf8";
import type { Value } from "../../src/values/value";
import { forAll, text, value } from "./arbitrary";

const buffer = (...bytes: number[]) => Uint8Array.from(bytes).buffer;

/** Strictly ascending. */
function expectAscending(values: readonly (Value | undefined)[]): void {
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) {
      expect(Math.sign(compareValues(a, b))).toBe(Math.sign(i - j));
    }
  }
}

describe("the order of values", () => {
  it("[VAL1] goes by type first", () => {
    expectAscending([
      undefined,
      null,
      -(2n ** 63n),
      5n,
      Number.NEGATIVE_INFINITY,
      -1,
      Number.NaN,
      false,
      true,
      "",
      "z",
      buffer(),
      buffer(255),
      [],
      [[]],
      {},
      { a: 1 },
    ]);
  });

  it("[VAL2] puts -0 below 0 and NaN last among numbers", () => {
    expectAscending([
      Number.NEGATIVE_INFINITY,
      -1.5,
      -5e-324,
      -0,
      0,
      5e-324,
      1,
      Infinity,
      Number.NaN,
    ]);
    expect(valuesEqual(Number.NaN, Number.NaN)).toBe(true);
    expect(valuesEqual(-0, 0)).toBe(false);
    expect(valuesEqual(1, 1n)).toBe(false);
  });

  it("[VAL3] puts astral characters after every other one", () => {
    expectAscending(["", "a", "ab", "b", "é", "\uffff", "\u{1f600}", "\u{1f600}a", "\u{1f601}"]);
  });

  it("[VAL3] is the order of UTF-8 bytes", () => {
    forAll(fc.tuple(text, text), ([a, b]) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareUtf8(a, b))).toBe(expected);
    });
  });

  it("[VAL4] goes through arrays, bytes and sorted entries of objects", () => {
    expectAscending([[], [1], [1, 1], [2], ["a"]]);
    expectAscending([buffer(), buffer(0), buffer(0, 255), buffer(1), buffer(255)]);
    expectAscending([{}, { a: 1 }, { a: 1, b: 0 }, { a: 2 }, { b: 0 }]);
    expect(valuesEqual({ b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true);
    expect(compareValues({ "!": 0, 9: 1 }, { 9: 1, "!": 1 })).toBeLessThan(0);
  });

  it("[VAL5] agrees with Convex on any two values", () => {
    forAll(fc.tuple(value, value), ([a, b]) => {
      const expected = Math.sign(convexCompare(a as never, b as never));
      expect(Math.sign(compareValues(a, b))).toBe(expected);
      expect(valuesEqual(a, b)).toBe(expected === 0);
      expect(valuesEqual(a, structuredClone(a))).toBe(true);
    });
  });

  it("[VAL5] is total: antisymmetric and transitive", () => {
    forAll(fc.array(value, { minLength: 3, maxLength: 6 }), (values) => {
      const sorted = [...values].sort(compareValues);
      for (const [i, a] of sorted.entries()) {
        for (const b of sorted.slice(i)) {
          expect(compareValues(a, b)).toBeLessThanOrEqual(0);
          expect(compareValues(b, a)).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  it("[VAL23] takes the commit timestamp placeholder for the largest Int64", () => {
    expect(compareValues(commitTsPlaceholder, 2n ** 63n - 1n)).toBe(0);
    expectAscending([2n ** 63n - 2n, commitTsPlaceholder, Number.NEGATIVE_INFINITY]);
  });
});

describe("text", () => {
  it("[VAL15] is measured in UTF-8 bytes, whatever its length", () => {
    forAll(fc.tuple(text, fc.integer({ min: 0, max: 2000 })), ([part, times]) => {
      const long = part.repeat(times % (part.length > 4 ? 40 : 400));
      expect(utf8Length(long)).toBe(Buffer.byteLength(long));
    });
    for (const length of [23, 24, 25, 1365, 1366, 5000]) {
      expect(utf8Length("€".repeat(length))).toBe(3 * length);
    }
    for (const edge of [0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff]) {
      const character = String.fromCodePoint(edge);
      expect(utf8Length(character)).toBe(Buffer.byteLength(character));
    }
  });

  it("[VAL17] is well-formed unless a surrogate stands alone", () => {
    for (const sound of ["", "a", "é", "\u{1f600}", "\ufffd"])
      expect(isWellFormed(sound)).toBe(true);
    for (const broken of ["\ud83d", "a\ude00", "\ude00\ud83d"])
      expect(isWellFormed(broken)).toBe(false);
  });
});
