// The fast road (one pass, gives up easily) against the slow road (step by step, explains).

import { type Value, v } from "convex/values";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../src/functions/call-arguments";
import { parseResult } from "../../../src/functions/call-result";
import type { RegisteredFunction } from "../../../src/functions/registered-function";
import { REJECTED } from "../../../src/values/strict-copy";
import { functionWith } from "./functions";

/** JavaScript values: mostly Convex values, some that are not. */
const { value: anyValue } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<unknown>(null, true, false, undefined, NaN, -0, Infinity, 2n ** 63n),
    fc.double(),
    fc.string({ maxLength: 4 }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom<unknown>(new ArrayBuffer(2), new Date(0), "\ud800", "users/1", "posts/1"),
  ),
  value: fc.oneof(
    { maxDepth: 4 },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "B", "1", "$x", "é"), tie("value"), { maxKeys: 4 }),
  ),
}));

const anyArgs = fc.dictionary(fc.constantFrom("a", "b", "B", "1"), anyValue, { maxKeys: 4 });

const validators = [
  undefined,
  { a: v.optional(v.any()), b: v.optional(v.array(v.any())) },
  { a: v.optional(v.union(v.string(), v.number(), v.null())), b: v.optional(v.id("users")) },
  { a: v.optional(v.object({ a: v.any() })), B: v.optional(v.record(v.string(), v.any())) },
];

/** The function with its fast road closed. */
const slow = (fn: RegisteredFunction): RegisteredFunction => ({
  ...fn,
  ingestArgs: () => REJECTED,
  ingestReturns: () => REJECTED,
});

const outcome = (run: () => unknown): unknown => {
  try {
    return { value: run() };
  } catch (error) {
    return { error: (error as Error).message };
  }
};

/** Keys in order, which `toEqual` does not see. */
const keysOf = (value: unknown): string => JSON.stringify(value, (_, x) => printable(x));

const printable = (value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return value instanceof ArrayBuffer ? `${value.byteLength} bytes` : value;
};

describe("the two roads", () => {
  it.each(validators)("[ARG12] agree on arguments (%#)", (args) => {
    const fn = functionWith(args === undefined ? {} : { args });
    fc.assert(
      fc.property(anyArgs, (given) => {
        const fast = outcome(() => parseArguments(fn, given));
        expect(keysOf(fast)).toBe(keysOf(outcome(() => parseArguments(slow(fn), given))));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(validators)("[ARG12] agree on results (%#)", (fields) => {
    const fn = functionWith(
      fields === undefined ? {} : { returns: v.union(v.object(fields), v.any()) },
    );
    fc.assert(
      fc.property(anyValue, (returned) => {
        const fast = outcome(() => parseResult(fn, returned));
        expect(keysOf(fast)).toBe(keysOf(outcome(() => parseResult(slow(fn), returned))));
      }),
      { numRuns: 2000 },
    );
  });

  it("[ARG12] the fast road takes ordinary values", () => {
    const fn = functionWith({ args: { body: v.string(), at: v.number() } });
    const given = { body: "hi", at: 1 } satisfies Record<string, Value>;
    expect(fn.ingestArgs(given)).toEqual(given);
    expect(fn.ingestReturns({ ok: [1, null] })).toEqual({ ok: [1, null] });
  });
});
