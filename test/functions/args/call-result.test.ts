// Results: from what a handler returned to what its caller gets.

import { type Value as ConvexValue, convexToJson, v } from "convex/values";
import { describe, expect, it } from "vitest";
import { resolveValue } from "../../../src/db/resolve-commit-ts";
import { parseResult, resultFailure } from "../../../src/functions/call-result";
import { holdsPlaceholder } from "../../../src/functions/pending-value";
import { commitTsPlaceholder } from "../../../src/values/commit-ts";
import type { Value } from "../../../src/values/value";
import { functionWith, nested, thrownBy } from "./functions";

const anything = functionWith();
const failureOf = (run: () => unknown) => resultFailure(thrownBy(run));

describe("what handlers return", () => {
  it("[ARG9] nothing is null", () => {
    expect(parseResult(anything, undefined)).toEqual({ value: null, notableBytes: undefined });
    expect(parseResult(functionWith({ returns: v.null() }), undefined).value).toBe(null);
  });

  it("[ARG2] is copied, sorted, and loses what is undefined", () => {
    const returned = { b: { z: 1, y: undefined }, a: [1n] };
    const { value } = parseResult(anything, returned);
    expect(value).toEqual({ a: [1n], b: { z: 1 } });
    expect(Object.keys(value as object)).toEqual(["a", "b"]);
    expect((value as typeof returned).b).not.toBe(returned.b);
  });

  it("[ARG3] is refused by the encoder, as thrown by the handler", () => {
    const returned = [{ at: new Date(0) }];
    const { message } = thrownBy(() => convexToJson(returned as unknown as ConvexValue));
    const failure = failureOf(() => parseResult(anything, returned));
    expect(failure.text.startsWith(`Uncaught Error: ${message}\n`)).toBe(true);
  });

  it("[ARG10] may not be a query", () => {
    class Query {
      collect() {}
      take() {}
      unique() {}
      first() {}
    }
    const failure = failureOf(() => parseResult(anything, new Query()));
    expect(failure.text).toContain(
      "Uncaught Error: Return value is a Query. Results must be retrieved with `.collect()`, `.take(n), `.unique()`, or `.first()`.\n",
    );
  });

  it("[ARG11] must match the validator", () => {
    const fn = functionWith({ returns: v.object({ n: v.number() }) });
    expect(parseResult(fn, { n: 1 }).value).toEqual({ n: 1 });
    expect(failureOf(() => parseResult(fn, { n: "x" })).text).toBe(
      'ReturnsValidationError: Value does not match validator.\nPath: .n\nValue: "x"\nValidator: v.float64()\n',
    );
    expect(failureOf(() => parseResult(fn, undefined)).text).toContain(
      "ReturnsValidationError: Value does not match validator.\n\nValue: null\n",
    );
  });

  it("[ARG11] keeps the limits of values", () => {
    expect(parseResult(anything, nested(64)).value).toEqual(nested(64));
    expect(failureOf(() => parseResult(anything, nested(65))).text).toBe(
      "Function dir/m.js:f return value invalid: Value is too nested (nested 65 levels deep > maximum nesting 64)\n",
    );
    expect(failureOf(() => parseResult(anything, Array(8193).fill(0))).text).toContain(
      "Function dir/m.js:f return value invalid: Array length is too long",
    );
    expect(failureOf(() => parseResult(anything, "\udc00")).text).toContain(
      "Function dir/m.js:f failed. Could not parse return value as json: ",
    );
  });

  it("[ARG5] may have 16 MiB, to the byte", () => {
    const fits = "x".repeat(16 * 1024 * 1024 - 2);
    expect(parseResult(anything, fits).notableBytes).toBe(16 * 1024 * 1024);
    const strict = functionWith({ returns: v.null() });
    for (const fn of [anything, strict]) {
      expect(failureOf(() => parseResult(fn, `${fits}yy`)).text).toBe(
        "Function dir/m.js:f return value is too large (actual: 16.00 MiB, limit: 16 MiB)\n",
      );
    }
  });

  it("[ARG8] may hold the commit timestamp where that is allowed", () => {
    const returned = { at: commitTsPlaceholder };
    expect(parseResult(anything, returned, "allowed").value).toEqual(returned);
    expect(failureOf(() => parseResult(anything, returned)).text).toBe(
      "Function dir/m.js:f return value invalid: queries cannot return an unresolved commit timestamp\n",
    );
  });

  it("[ARG13] gets the commit timestamp after the commit", () => {
    const bytes = new ArrayBuffer(1);
    const value: Value = {
      a: [commitTsPlaceholder, 1, null],
      b: bytes,
      c: { d: commitTsPlaceholder },
    };
    expect(holdsPlaceholder(value)).toBe(true);
    const resolved = resolveValue(value, 7n);
    expect(resolved).toEqual({ a: [7n, 1, null], b: bytes, c: { d: 7n } });
    expect(holdsPlaceholder(resolved)).toBe(false);
  });
});
