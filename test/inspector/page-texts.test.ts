// What the page reads and prints: values, validators, conditions, times.

import fc from "fast-check";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { type Condition, splitConditions } from "../../src/inspector/page/condition";
import { readValue } from "../../src/inspector/page/read-value";
import { distanceText } from "../../src/inspector/page/time-text";
import { sampleText, typeText } from "../../src/inspector/page/validator-text";
import { printText } from "../../src/inspector/page/value-text";
import { validatorToJson } from "../../src/values/validator-to-json";

describe("values", () => {
  it.each([
    ["{ a: 1, 'b': \"two\", c: [1n, -2n, ], }", { a: 1, b: "two", c: [1n, -2n] }],
    [
      "[NaN, Infinity, -Infinity, -0, .5, 1e3, 0x10]",
      [Number.NaN, 1 / 0, -1 / 0, -0, 0.5, 1000, 16],
    ],
    [
      "// a comment\n{ /* another */ ok: true, no: false, nil: null }",
      { ok: true, no: false, nil: null },
    ],
    ["'it\\'s \\u0041\\n'", "it's A\n"],
    ['bytes("AQI=")', new Uint8Array([1, 2]).buffer],
  ])("[INS22] are read as people write them: %s", (text, value) => {
    expect(readValue(text)).toEqual(value);
  });

  it.each([
    ["{ a: }", 'Expected a value at line 1, column 6; there found "}".'],
    ["[1, 2", 'Expected "]" at line 1, column 6; there it ends.'],
    ["{\n  a 1 }", 'Expected ":" at line 2, column 5; there found "1 }".'],
    ["1 2", 'Expected nothing more at line 1, column 3; there found "2".'],
    ["undefined", 'Expected a value at line 1, column 1; there found "undefined".'],
    ['"open', 'Expected " at line 1, column 6; there it ends.'],
  ])("[INS22] that are none say where: %s", (text, problem) => {
    expect(() => readValue(text)).toThrow(problem);
  });

  it("[INS22] are read again as they were printed", () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: "binary" }),
        fc.double(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array().map((bytes) => bytes.slice().buffer),
        fc.array(tie("value")),
        fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom("", "  "), (any, indent) => {
        expect(readValue(printText(any as never, indent))).toEqual(any);
      }),
      { seed: 22 },
    );
  });
});

describe("validators", () => {
  const args = v.object({
    body: v.string(),
    channel: v.id("channels"),
    kind: v.union(v.literal("a"), v.literal(1)),
    tags: v.optional(v.array(v.union(v.string(), v.null()))),
    more: v.record(v.string(), v.int64()),
  });

  it("[INS22] are shown as types, and begun with", () => {
    const json = validatorToJson(args);
    expect(typeText(json)).toBe(
      '{ body: string, channel: Id<"channels">, kind: "a" | 1, tags?: (string | null)[], more: Record<string, int64> }',
    );
    expect(readValue(sampleText(json))).toEqual({ body: "", channel: "", kind: "a", more: {} });
  });
});

describe("conditions", () => {
  const on = (field: string, op: Condition["op"]): Condition => ({ field, op, value: 1 });

  it.each([
    [[on("b", "eq")], []],
    [
      [on("a", "eq"), on("b", "gt"), on("b", "lte"), on("c", "eq")],
      [0, 1, 2],
    ],
    [[on("a", "gt"), on("b", "eq")], [0]],
    [[on("a", "neq"), on("a", "contains")], []],
    [
      [on("b", "eq"), on("a", "eq"), on("c", "lt")],
      [1, 0, 2],
    ],
    [[on("a", "gt"), on("a", "gte")], [0]],
  ])("[INS23] are the index's as far as it can answer them", (conditions, byIndex) => {
    const { range, filters } = splitConditions(conditions, ["a", "b", "c", "_creationTime"]);
    expect(range).toEqual(byIndex.map((i) => conditions[i]));
    expect(new Set([...range, ...filters])).toEqual(new Set(conditions));
  });
});

describe("times", () => {
  it("[INS12] are told from now", () => {
    expect(distanceText(185_000, 0)).toBe("in 3 min");
    expect(distanceText(0, 7_300_000)).toBe("2 h ago");
    expect(distanceText(100, 0)).toBe("now");
  });
});
