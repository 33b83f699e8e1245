// Which values are large: the estimate must never let one through.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_TRANSFER_BYTES,
  notableSize,
  transferProblem,
} from "../../../src/functions/transfer-size";
import { commitTsPlaceholder } from "../../../src/values/commit-ts";
import { valueSize } from "../../../src/values/size";
import type { Value } from "../../../src/values/value";

const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Value>(null, true, 5n, NaN, commitTsPlaceholder, new ArrayBuffer(3)),
    fc.string({ unit: "grapheme", maxLength: 5 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 3 }),
  ),
}));

describe("sizes of calls", () => {
  it("[ARG5] are exact from 80 % of the limit on, whatever the value", () => {
    const most = Math.floor(0.8 * MAX_TRANSFER_BYTES);
    fc.assert(
      fc.property(values, fc.integer({ min: -2, max: 2 }), (value, difference) => {
        // Padded so that the whole comes to `most + difference` bytes.
        const padding = most + difference - valueSize([value]) - 2;
        const whole = [value, new ArrayBuffer(padding)];
        expect(valueSize(whole)).toBe(most + difference);
        expect(notableSize(whole)).toBe(difference > 0 ? most + difference : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it("[ARG5] are a problem above the limit", () => {
    expect(transferProblem(undefined)).toBeUndefined();
    expect(transferProblem(MAX_TRANSFER_BYTES)).toBeUndefined();
    expect(transferProblem(MAX_TRANSFER_BYTES + 1)).toBe(
      "too large (actual: 16.00 MiB, limit: 16 MiB)",
    );
  });
});
