// Index keys read back.

import { describe, expect, it } from "vitest";
import { after as cutAbove, encodeKeyPart } from "../../src/db/index-key";
import { decodeKey } from "../../src/db/key-values";
import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { randomField } from "../model/random-values";
import { forEachSeed, seeds } from "../model/seeds";

type Part = Value | undefined;

const keyOf = (parts: readonly Part[]) => parts.map(encodeKeyPart).join("");

function expectSame(actual: readonly Part[], expected: readonly Part[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(compareValues(actual[i], value)).toBe(0);
}

describe("index keys read back", () => {
  it("[EXP2] are the values they were made of, whole or cut above", async () => {
    await forEachSeed(seeds("read-back", 40), (choices) => {
      for (let i = 0; i < 200; i++) {
        const parts = Array.from({ length: choices.below(5) }, () => randomField(choices, 3));
        const whole = decodeKey(keyOf(parts));
        expectSame(whole.values, parts);
        expect(whole.isAfter).toBe(false);
        const cut = decodeKey(cutAbove(keyOf(parts)));
        expectSame(cut.values, parts);
        expect(cut.isAfter).toBe(true);
      }
    });
  });

  it("[EXP2] tell a cut from a number that ends in 0xff", () => {
    for (const value of [255n, -1n, -257n, 65535n, 2 ** 53 + 254, -1.5, Number.MAX_VALUE]) {
      expect(decodeKey(encodeKeyPart(value))).toEqual({ values: [value], isAfter: false });
      expect(decodeKey(cutAbove(encodeKeyPart(value)))).toEqual({ values: [value], isAfter: true });
    }
  });
});
