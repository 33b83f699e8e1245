// Random Convex values, biased towards what orders and encodings get wrong: values that are equal or
// next to each other, prefixes of each other, empty, or full of NUL.

import type { Value } from "../../src/values/value";
import type { Choices } from "./seeds";

const NUMBERS = [
  ...[0, -0, 1, -1, 0.5, -0.5, 255, 256, 1e300, -1e300, 5e-324, -5e-324],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 53)],
];
const BIGINTS = [
  ...[0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 32767n, 32768n, -32768n, -32769n],
  ...[2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 53n],
  ...[2n ** 63n - 1n, -(2n ** 63n)],
];
const TEXTS = [
  ...["", "a", "aa", "ab", "b", "A", "_", "\0", "\0\0", "a\0", "a\0b", "\0a", "\x01", "\x7f"],
  ...["\x80", "ÿ", "\0ÿ", "é", "\ufffd", "\uffff", "😀", "😀a", "\u{10ffff}", "end"],
];
const NAMES = ["", "a", "aa", "b", "A", "_x", "~", "a b", "toString"];

/** A value of any type; arrays and objects nest up to `depth` deep. */
export function randomValue(choices: Choices, depth = 3): Value {
  const kinds = depth > 0 ? 9 : 6;
  switch (choices.below(kinds)) {
    case 0:
      return null;
    case 1:
      return choices.pick(BIGINTS);
    case 2:
      return choices.pick(NUMBERS);
    case 3:
      return choices.chance(0.5);
    case 4:
      return choices.pick(TEXTS);
    case 5:
      return new Uint8Array(choices.list(4, () => choices.pick([0, 1, 127, 128, 255]))).buffer;
    case 6:
      return choices.list(4, () => randomValue(choices, depth - 1));
    default:
      return randomObject(choices, depth - 1);
  }
}

/** An object with names as the engine keeps them: sorted. */
export function randomObject(choices: Choices, depth = 2): Record<string, Value> {
  const names = [...new Set(choices.list(4, () => choices.pick(NAMES)))].sort();
  return Object.fromEntries(names.map((name) => [name, randomValue(choices, depth)]));
}

/** As `randomValue`, or missing. */
export function randomField(choices: Choices, depth = 2): Value | undefined {
  return choices.chance(0.1) ? undefined : randomValue(choices, depth);
}
