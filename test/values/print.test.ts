import { describe, expect, it } from "vitest";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { fieldNameProblem, isFieldName } from "../../src/values/field-name";
import { identifierProblem, isIdentifier } from "../../src/values/identifier";
import { printValidator, printValue } from "../../src/values/print";
import { v } from "../../src/values/v";
import { validatorToJson } from "../../src/values/validator";
import type { Value } from "../../src/values/value";

describe("printed values", () => {
  it.each<[Value, string]>([
    [null, "null"],
    [true, "true"],
    [1, "1.0"],
    [-0, "-0.0"],
    [0.5, "0.5"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e16"],
    [1.5e300, "1.5e300"],
    [-1.5e-7, "-1.5e-7"],
    [1e-4, "0.0001"],
    [9.99e-5, "9.99e-5"],
    [5e-324, "5e-324"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [123n, "123"],
    ["x", '"x"'],
    ["a\"b\\c'\n\t\r\0", `"a\\"b\\\\c'\\n\\t\\r\\0"`],
    ["\u0007\u007f\u200b\u00a0\ufeff", '"\\u{7}\\u{7f}\\u{200b}\\u{a0}\\u{feff}"'],
    ["é \u{1f600} 中", '"é \u{1f600} 中"'],
    ["e\u0301", '"e\\u{301}"'],
    [Uint8Array.of(1, 2, 3).buffer, 'b"AQID"'],
    [[], "[]"],
    [[1, "a"], '[1.0, "a"]'],
    [{}, "{}"],
    [{ b: [1n], a: null, c: undefined }, "{a: null, b: [1]}"],
    [{ 10: 1, "!": 2 }, "{!: 2.0, 10: 1.0}"],
    [commitTsPlaceholder, "9223372036854775807"],
  ])("[VAL18] %o as %s", (value, printed) => {
    expect(printValue(value)).toBe(printed);
  });
});

describe("printed validators", () => {
  it.each([
    [v.id("users"), 'v.id("users")'],
    [v.null(), "v.null()"],
    [v.number(), "v.float64()"],
    [v.float64(), "v.float64()"],
    [v.bigint(), "v.int64()"],
    [v.int64(), "v.int64()"],
    [v.commitTs(), "v.commitTs()"],
    [v.boolean(), "v.boolean()"],
    [v.string(), "v.string()"],
    [v.bytes(), "v.bytes()"],
    [v.any(), "v.any()"],
    [v.literal("x"), 'v.literal("x")'],
    [v.literal(1), "v.literal(1.0)"],
    [v.literal(1n), "v.literal(1)"],
    [v.literal(true), "v.literal(true)"],
    [v.array(v.string()), "v.array(v.string())"],
    [v.record(v.id("t"), v.null()), 'v.record(v.id("t"), v.null())'],
    [v.union(), "v.union()"],
    [v.union(v.null(), v.string()), "v.union(v.null(), v.string())"],
    [v.object({}), "v.object({})"],
    [
      v.object({ b: v.optional(v.number()), a: v.any() }),
      "v.object({a: v.any(), b: v.optional(v.float64())})",
    ],
  ])("[VLD17] number %# reads %s", (validator, printed) => {
    expect(printValidator(validatorToJson(validator))).toBe(printed);
  });
});

describe("names", () => {
  it.each([
    ["", "Identifier cannot be empty"],
    [
      "1a",
      "Invalid first character '1' in 1a: Identifiers must start with an alphabetic character or underscore",
    ],
    [
      "a-b",
      "Identifier a-b has invalid character '-': Identifiers can only contain alphanumeric characters or underscores",
    ],
    [
      "a'b",
      "Identifier a'b has invalid character '\\'': Identifiers can only contain alphanumeric characters or underscores",
    ],
    [
      "aé",
      "Identifier aé has invalid character 'é': Identifiers can only contain alphanumeric characters or underscores",
    ],
    ["a".repeat(65), "Identifier is too long (65 > maximum 64)"],
    ["___", "Identifier ___ cannot have exclusively underscores"],
  ])("[VAL20] %j is no identifier", (name, problem) => {
    expect(identifierProblem(name)).toBe(problem);
    expect(isIdentifier(name)).toBe(false);
  });

  it("[VAL20] letters, digits and underscores are", () => {
    for (const name of ["a", "_a", "Z9_", "_1", "a".repeat(64)])
      expect(isIdentifier(name)).toBe(true);
  });

  it.each([
    ["$a", "Field name $a starts with '$', which is reserved."],
    [
      "a\n",
      "Field name a\n has invalid character '\\n': Field names can only contain non-control ASCII characters",
    ],
    [
      "é",
      "Field name é has invalid character 'é': Field names can only contain non-control ASCII characters",
    ],
    ["n".repeat(1025), "Field name is too long (1025 > maximum 1024)"],
  ])("[VAL21] %j names no field", (name, problem) => {
    expect(fieldNameProblem(name)).toBe(problem);
    expect(isFieldName(name)).toBe(false);
  });

  it("[VAL21] printable ASCII does, the empty name included", () => {
    for (const name of ["", " ", "a b", "~", "a$", "_", "n".repeat(1024)]) {
      expect(fieldNameProblem(name)).toBe(undefined);
    }
  });
});
