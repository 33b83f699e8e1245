// Arguments: from what a caller gives to what a handler gets.

import { convexToJson, type Value, v } from "convex/values";
import { describe, expect, it } from "vitest";
import { parseArgumentList, parseArguments } from "../../../src/functions/call-arguments";
import { commitTsPlaceholder } from "../../../src/values/commit-ts";
import { functionWith, nested, thrownBy } from "./functions";

const anything = functionWith();
const send = functionWith({ args: { body: v.string(), n: v.optional(v.number()) } });

describe("what callers give", () => {
  it("[ARG1] nothing means no arguments", () => {
    expect(parseArguments(functionWith({ args: {} }), undefined).args).toEqual({});
    expect(parseArguments(anything, undefined)).toEqual({ args: {}, notableBytes: undefined });
  });

  it.each([
    [null, "null"],
    [5, "5"],
    ["text", "text"],
    [[1, 2], "1,2"],
    [new Date(0), String(new Date(0))],
    [new Map(), "[object Map]"],
    [Object.assign(Object.create(Date.prototype), {}), "[object Object]"],
  ])("[ARG1] %o is no object", (given, printed) => {
    const error = thrownBy(() => parseArguments(anything, given));
    expect(error.message).toBe(
      `The arguments to a Convex function must be an object. Received: ${printed}`,
    );
    expect(error.code).not.toBe("ArgumentsInvalid");
  });

  it("[ARG2] are copied, sorted, and lose what is undefined", () => {
    const given = { b: [{ z: 1, y: undefined, a: 2 }], a: undefined, B: new ArrayBuffer(2) };
    const { args } = parseArguments(anything, given);
    expect(args).toEqual({ B: new ArrayBuffer(2), b: [{ a: 2, z: 1 }] });
    expect(Object.keys(args)).toEqual(["B", "b"]);
    expect(args.b).not.toBe(given.b);
    expect(args.B).not.toBe(given.B);
    const validated = functionWith({ args: { b: v.optional(v.any()), a: v.number() } });
    expect(Object.keys(parseArguments(validated, { b: undefined, a: 1 }).args)).toEqual(["a"]);
  });

  it.each<[string, object]>([
    ["undefined in an array", { a: [1, undefined] }],
    ["a Date", { a: new Date(0) }],
    ["a Set", { a: { b: new Set([1]) } }],
    ["a function", { f: () => 1 }],
    ["a bigint out of range", { n: 2n ** 63n }],
    ["a reserved field name", { a: { $x: 1 } }],
    ["a field name of other characters", { ä: 1 }],
  ])("[ARG3] %s is the encoder's business", (_, given) => {
    const theirs = thrownBy(() => convexToJson(given as Value));
    const ours = thrownBy(() => parseArguments(anything, given));
    expect(ours.message).toBe(theirs.message);
    expect(ours.code).not.toBe("ArgumentsInvalid");
  });

  it("[ARG4] may nest 63 levels", () => {
    expect(parseArguments(anything, { a: nested(62) }).args).toEqual({ a: nested(62) });
    const error = thrownBy(() => parseArguments(anything, { a: nested(63) }));
    expect(error.message).toBe(
      "Invalid arguments for dir/m.js:f: Value is too nested (nested 65 levels deep > maximum nesting 64)",
    );
    expect(error.code).toBe("ArgumentsInvalid");
  });

  it("[ARG4] keep the other limits of values", () => {
    const messageOf = (given: object) => thrownBy(() => parseArguments(anything, given)).message;
    expect(messageOf({ a: Array(8193).fill(0) })).toBe(
      "Invalid arguments for dir/m.js:f: Array length is too long (8193 > maximum length 8192)",
    );
    const fields = Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`f${i}`, 0]));
    expect(messageOf(fields)).toBe(
      "Invalid arguments for dir/m.js:f: Object has too many fields (1025 > maximum number 1024)",
    );
    expect(messageOf({ a: "\ud800" })).toContain("Invalid arguments for dir/m.js:f: ");
  });

  it("[ARG5] may have 16 MiB, to the byte", () => {
    const mib = 1024 * 1024;
    // An array around an object with one field "a" of one string: 2 + 2 + 2 + 2 bytes.
    const fits = { a: "x".repeat(16 * mib - 8) };
    expect(parseArguments(anything, fits).notableBytes).toBe(16 * mib);
    const error = thrownBy(() => parseArguments(anything, { a: `${fits.a}y` }));
    expect(error.message).toMatch(
      /^Arguments for dir\/m\.js:f are too large \(actual: 16\.00 MiB, limit: 16 MiB\)$/,
    );
    expect(thrownBy(() => parseArguments(send, { body: 1, a: "x".repeat(17 * mib) })).message).toBe(
      "Arguments for dir/m.js:f are too large (actual: 17.00 MiB, limit: 16 MiB)",
    );
  });

  it("[ARG6] must match the validator", () => {
    const messageOf = (given: object) => thrownBy(() => parseArguments(send, given)).message;
    expect(messageOf({})).toBe(
      "ArgumentValidationError: Object is missing the required field `body`. Consider wrapping the field validator in `v.optional(...)` if this is expected.\n\nObject: {}\nValidator: v.object({body: v.string(), n: v.optional(v.float64())})",
    );
    expect(messageOf({ body: "x", extra: 1 })).toContain(
      "ArgumentValidationError: Object contains extra field `extra` that is not in the validator.",
    );
    expect(messageOf({ body: 1 })).toBe(
      "ArgumentValidationError: Value does not match validator.\nPath: .body\nValue: 1.0\nValidator: v.string()",
    );
    expect(parseArguments(send, { n: 1, body: "x" }).args).toEqual({ body: "x", n: 1 });
  });

  it("[ARG6] ids are of the function's own tables", () => {
    const get = functionWith({ args: { id: v.id("users") } });
    expect(parseArguments(get, { id: "users/1" }).args).toEqual({ id: "users/1" });
    expect(thrownBy(() => parseArguments(get, { id: "posts/1" })).message).toBe(
      'ArgumentValidationError: Found ID "posts/1" from table `posts`, which does not match the table name in validator `v.id("users")`.Path: .id',
    );
  });

  it("[ARG8] a pending commit timestamp passes only where it is allowed", () => {
    const given = { at: [commitTsPlaceholder] };
    for (const fn of [anything, functionWith({ args: { at: v.array(v.commitTs()) } })]) {
      expect(parseArguments(fn, given, "allowed").args).toEqual(given);
      expect(thrownBy(() => parseArguments(fn, given)).message).toBe(
        "Invalid arguments for dir/m.js:f: Field name $commitTs starts with '$', which is reserved.",
      );
      expect(parseArguments(fn, { at: [5n] }).args).toEqual({ at: [5n] });
    }
  });
});

describe("what a wire brings", () => {
  it("[ARG7] is a list of one object", () => {
    expect(parseArgumentList(send, [{ body: "x" }]).args).toEqual({ body: "x" });
    const messageOf = (list: Value[]) => thrownBy(() => parseArgumentList(send, list)).message;
    expect(messageOf([])).toBe(
      "Expected to receive a single object as the function's argument. Instead received 0 arguments: []",
    );
    expect(messageOf([{ body: "x" }, 1])).toBe(
      'Expected to receive a single object as the function\'s argument. Instead received 2 arguments: [{body: "x"}, 1.0]',
    );
    expect(messageOf(["x"])).toBe(
      'Expected to receive an object as the function\'s argument. Instead received: "x"',
    );
    expect(messageOf([[]])).toContain("Instead received: []");
    expect(messageOf([null])).toContain("Instead received: null");
  });

  it("[ARG7] is checked like everything else", () => {
    expect(thrownBy(() => parseArgumentList(send, [{ body: 1 }])).message).toContain(
      "ArgumentValidationError: ",
    );
    expect(
      thrownBy(() => parseArgumentList(anything, [{ a: nested(63) as Value }])).message,
    ).toContain("Value is too nested");
  });
});
