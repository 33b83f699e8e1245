/** The two encodings of documents as JSON, alone. */
import { describe, expect, it } from "vitest";
import { parseJson, printJson } from "../../src/snapshot/uniform-json";
import { valuesEqual } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import { forAll, value } from "../values/arbitrary";

const uniform = (text: string) => parseJson(text, "uniform");
const plain = (text: string) => parseJson(text, "plain");

describe("the uniform encoding", () => {
  it("[SNAP3] prints Int64 as integers and floats with a point or an exponent", () => {
    const values: [Value, string][] = [
      [1n, "1"],
      [1, "1.0"],
      [-0, "-0.0"],
      [0, "0.0"],
      [1.5, "1.5"],
      [1e21, "1e+21"],
      [5e-324, "5e-324"],
      [1e15, "1000000000000000.0"],
      [-(2n ** 63n), "-9223372036854775808"],
      [Number.NaN, '{"$float":"AAAAAAAA+H8="}'],
      [Number.NEGATIVE_INFINITY, '{"$float":"AAAAAAAA8P8="}'],
      [new Uint8Array([1, 2]).buffer, '{"$bytes":"AQI="}'],
      [{ a: [null, true, "x\n"] }, '{"a":[null,true,"x\\n"]}'],
    ];
    for (const [each, text] of values) {
      expect(printJson(each, "uniform")).toBe(text);
      expect(uniform(text)).toStrictEqual(each);
    }
  });

  it("[SNAP3] brings every value back, through text that is JSON", () => {
    forAll(value, (each) => {
      const text = printJson(each, "uniform");
      JSON.parse(text);
      expect(text).not.toContain("\n");
      expect(valuesEqual(uniform(text), each)).toBe(true);
    });
  });

  it("[SNAP3] reads what fits an Int64 as one, and everything else as a float", () => {
    expect(uniform("9223372036854775807")).toBe(2n ** 63n - 1n);
    expect(uniform("9223372036854775808")).toBe(2 ** 63);
    expect(uniform("-9223372036854775808")).toBe(-(2n ** 63n));
    expect(uniform("-0")).toBe(-0);
    expect(uniform("0")).toBe(0n);
    expect(uniform("1e2")).toBe(100);
    expect(uniform("[1,1.0,10E0]")).toEqual([1n, 1, 10]);
    expect(uniform('{"$integer":"AQAAAAAAAAA="}')).toBe(1n);
  });

  it("[SNAP3] takes no string or field name for a number", () => {
    const tricky = { "1": "i1", i2: "s", s: "1", a1: ["2", 3n, '"4'], "": "-5", "\\6": '7\\"' };
    const text = JSON.stringify({ ...tricky, a1: ["2", 0, '"4'] }).replace(",0,", ",3,");
    expect(uniform(text)).toEqual(tricky);
    expect(uniform(` { "a" : [ 1 , "1" , 1.0 ] } `)).toEqual({ a: [1n, "1", 1] });
  });

  it("[SNAP19] refuses what JSON does not allow, integers or not", () => {
    const wrong = [
      ...["", "{", "{1:2}", '{"a":01}', "[1,]", "1 2", "+1", "--1", "1-1", "'1'", "{a:1}", '"a'],
      ...[
        "[1 2]",
        "1.",
        ".1",
        "NaN",
        "Infinity",
        "0x1",
        "1e",
        '{"a":1,}',
        "i1",
        '["a" 1]',
        '"\u0001"',
      ],
    ];
    for (const text of wrong) {
      expect(() => uniform(text), text).toThrow();
      expect(() => plain(text), text).toThrow();
    }
  });

  it("[SNAP19] refuses values that Convex does not have", () => {
    expect(() => uniform("1e999")).toThrow("number out of range");
    expect(() => uniform('{"$x":1}')).toThrow("Field name $x starts with '$', which is reserved.");
    expect(() => uniform('{"$bytes":"AQI=","a":1}')).toThrow("Field name $bytes starts with '$'");
    expect(() => uniform('{"$commitTs":null}')).toThrow("Field name $commitTs starts with '$'");
    expect(() => uniform('{"$integer":5}')).toThrow("Malformed $integer");
    expect(() => uniform('{"$float":"AAAAAAAA8D8="}')).toThrow("should be encoded as a number");
    expect(() => uniform('{"é":1}')).toThrow("Field names can only contain non-control ASCII");
    expect(() => uniform("[".repeat(100) + "]".repeat(100))).toThrow("too nested");
    expect(() => uniform(`${"[".repeat(100)}1${"]".repeat(100)}`)).toThrow("too nested");
    expect(() => uniform("[".repeat(200_000))).toThrow();
  });
});

describe("the plain encoding", () => {
  it("[SNAP5] has floats only", () => {
    expect(plain('{"a":[1,1.5,-0.0,9007199254740993]}')).toEqual({
      a: [1, 1.5, -0, 9007199254740992],
    });
    expect(() => plain('{"$bytes":"AQI="}')).toThrow("starts with '$', which is reserved.");
    expect(() => plain('{"$integer":"AQAAAAAAAAA="}')).toThrow("starts with '$'");
    expect(() => plain("1e999")).toThrow("number out of range");
  });

  it("[SNAP27] says what it has no form for", () => {
    for (const each of [1n, new ArrayBuffer(1), Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => printJson({ a: [each] }, "plain")).toThrow("JSON has no form for");
    }
    expect(plain(printJson([1, -0, "x", null], "plain"))).toEqual([1, -0, "x", null]);
  });
});
