import { getDocumentSize as theirDocumentSize, getConvexSize as theirSize } from "convex/values";
import { describe, expect, it } from "vitest";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import {
  checkValueLimits,
  nestingOf,
  sizeProblem,
  unicodeProblem,
  valueLimitProblem,
} from "../../src/values/limits";
import { formatSize } from "../../src/values/print";
import { getConvexSize, getDocumentSize, valueSize } from "../../src/values/size";
import type { Value } from "../../src/values/value";
import { forAll, value } from "./arbitrary";

function nested(levels: number): Value {
  return levels === 0 ? null : [nested(levels - 1)];
}

function fields(count: number): Value {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
}

describe("sizes", () => {
  it.each<[Value | undefined, number]>([
    [undefined, 0],
    [null, 1],
    [true, 1],
    [1n, 9],
    [1, 9],
    ["aé€\u{1f600}", 2 + 10],
    [new ArrayBuffer(5), 7],
    [[], 2],
    [[1, "a"], 2 + 9 + 3],
    [{}, 2],
    [{ ab: null }, 2 + 3 + 1],
    [{ a: undefined }, 2],
    [commitTsPlaceholder, 9],
  ])("[VAL15] of %o", (measured, size) => {
    expect(getConvexSize(measured)).toBe(size);
    if (measured !== undefined) expect(valueSize(measured)).toBe(size);
  });

  it("[VAL15] agree with Convex", () => {
    forAll(value, (measured) => {
      expect(getConvexSize(measured)).toBe(theirSize(measured as never));
      expect(valueSize(measured)).toBe(theirSize(measured as never));
    });
  });

  it("[VAL15] of documents add the system fields that are not there", () => {
    const id = "j57000820c20a1g7104gm2rc1m70ynr8";
    for (const document of [
      {},
      { a: 1 },
      { _id: id },
      { _creationTime: 1 },
      { _id: id, _creationTime: 1 },
    ]) {
      expect(getDocumentSize(document)).toBe(theirDocumentSize(document as never));
    }
    expect(getDocumentSize({ _id: id, _creationTime: 1 })).toBe(2 + 38 + 23);
    expect(getDocumentSize({}, { customIdLength: 31 })).toBe(2 + 37 + 23);
  });

  it("[VAL15] of what is no value are errors", () => {
    expect(() => getConvexSize(new Date() as never)).toThrow("Unsupported value type: object");
    expect(() => getConvexSize((() => 1) as never)).toThrow("Unsupported value type: function");
  });
});

describe("limits", () => {
  it("[VAL16] leave values at the edge alone", () => {
    for (const edge of [nested(64), new Array(8192).fill(0), fields(1024), null]) {
      expect(valueLimitProblem(edge)).toBe(undefined);
    }
    expect(valueLimitProblem(nested(16), 16)).toBe(undefined);
  });

  it.each<[string, Value, string, string]>([
    [
      "levels",
      nested(65),
      "TooNestedError",
      "Value is too nested (nested 65 levels deep > maximum nesting 64)",
    ],
    [
      "many levels",
      nested(90),
      "TooNestedError",
      "Value is too nested (nested 65 levels deep > maximum nesting 64)",
    ],
    [
      "elements",
      { a: new Array(8193).fill(0) },
      "ArrayTooLong",
      "Array length is too long (8193 > maximum length 8192)",
    ],
    [
      "fields",
      [fields(1025)],
      "TooManyFieldsError",
      "Object has too many fields (1025 > maximum number 1024)",
    ],
    [
      "inner first",
      [[fields(1025)], new Array(8193).fill(0)],
      "TooManyFieldsError",
      "Object has too many fields (1025 > maximum number 1024)",
    ],
    [
      "bytes",
      new ArrayBuffer(32 * 1024 * 1024),
      "ValueTooLargeError",
      "Value is too large (32.00 MiB > maximum size 32 MiB)",
    ],
  ])("[VAL16] name the broken one: %s", (_, over, code, message) => {
    expect(valueLimitProblem(over)).toEqual({ code, message });
    expect(() => checkValueLimits(over)).toThrow(
      expect.objectContaining({ code, message, kind: "user" }),
    );
  });

  it("[VAL16] hold the size of documents at 1 MiB, inclusive", () => {
    expect(sizeProblem(1_048_576, 1_048_576)).toBe(undefined);
    expect(sizeProblem(1_090_519, 1_048_576)?.message).toBe(
      "Value is too large (1.04 MiB > maximum size 1 MiB)",
    );
  });

  it("[VAL16] count levels from none for a primitive", () => {
    expect(nestingOf(1)).toBe(0);
    expect(nestingOf(new ArrayBuffer(1))).toBe(0);
    expect(nestingOf(commitTsPlaceholder)).toBe(0);
    expect(nestingOf([])).toBe(1);
    expect(nestingOf({})).toBe(1);
    expect(nestingOf({ a: [], b: { c: [1] } })).toBe(3);
  });

  it("[VAL17] find unpaired surrogates anywhere", () => {
    expect(unicodeProblem({ a: ["ok", "\u{1f600}"] })).toBe(undefined);
    expect(unicodeProblem({ a: ["\ud83d!"] })).toBe("unexpected end of hex escape");
    expect(unicodeProblem(["a\ude00"])).toBe("lone leading surrogate in hex escape");
  });

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.50 KiB"],
    [1_048_576, "1 MiB"],
    [1_090_519, "1.04 MiB"],
    [16 * 2 ** 20, "16 MiB"],
    [3 * 2 ** 30, "3 GiB"],
  ])("[VAL19] print %i bytes as %s", (bytes, printed) => {
    expect(formatSize(bytes)).toBe(printed);
  });
});
