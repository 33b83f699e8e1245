import * as theirs from "convex/values";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitTsPlaceholder, isCommitTsPlaceholder } from "../../src/values/commit-ts";
import { isConvexError } from "../../src/values/convex-error";
import * as ours from "../../src/values/index";
import { forAll, value } from "./arbitrary";

describe("invex/values", () => {
  it("[VAL25] exports the names of convex/values", () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    expect(Object.keys(ours.v).sort()).toEqual(Object.keys(theirs.v).sort());
    expect(Object.keys(ours.Base64).sort()).toEqual(Object.keys(theirs.Base64).sort());
  });
});

describe("Base64", () => {
  it("[VAL24] writes and reads what Convex does", () => {
    forAll(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = ours.Base64.fromByteArray(bytes);
      expect(text).toBe(theirs.Base64.fromByteArray(bytes));
      expect(ours.Base64.toByteArray(text)).toEqual(bytes);
      expect(ours.Base64.byteLength(text)).toBe(bytes.length);
      const urlSafe = ours.Base64.fromByteArrayUrlSafeNoPadding(bytes);
      expect(urlSafe).toBe(Buffer.from(bytes).toString("base64url"));
      const padded = urlSafe.padEnd(text.length, "=");
      expect(ours.Base64.toByteArray(padded)).toEqual(bytes);
    });
  });

  it("[VAL24] takes large inputs", () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i * 7);
    expect(ours.Base64.toByteArray(ours.Base64.fromByteArray(bytes))).toEqual(bytes);
  });

  it("[VAL24] refuses text of the wrong length, as Convex does", () => {
    for (const call of ["toByteArray", "byteLength"] as const) {
      expect(() => ours.Base64[call]("AAA")).toThrow(
        "Invalid string. Length must be a multiple of 4",
      );
    }
  });
});

describe("ConvexError", () => {
  it("[VAL22] shows its data as Convex's does", () => {
    const errors = fc.oneof(value, fc.string(), fc.constant("x".repeat(20_000)));
    forAll(errors, (data) => {
      const [mine, reference] = [new ours.ConvexError(data), new theirs.ConvexError(data as never)];
      expect(mine.message).toBe(reference.message);
      expect(mine.data).toBe(data);
      expect(mine.name).toBe("ConvexError");
      expect(mine).toBeInstanceOf(Error);
    });
  });

  it("[VAL22] is known by its brand, whichever package made it", () => {
    expect(isConvexError(new ours.ConvexError("x"))).toBe(true);
    expect(isConvexError(new theirs.ConvexError("x"))).toBe(true);
    expect(Symbol.for("ConvexError") in new ours.ConvexError("x")).toBe(true);
    for (const other of [new Error("x"), "x", null, undefined, {}]) {
      expect(isConvexError(other)).toBe(false);
    }
  });
});

describe("the commit timestamp placeholder", () => {
  it("[VAL23] refuses every use as a number or as JSON", () => {
    const unresolved = /^This commit timestamp is unresolved/;
    const placeholder = commitTsPlaceholder as never as number;
    expect(() => placeholder + 1).toThrow(unresolved);
    expect(() => Number(placeholder)).toThrow(unresolved);
    expect(() => placeholder.valueOf()).toThrow(unresolved);
    expect(() => JSON.stringify({ at: placeholder })).toThrow(unresolved);
    expect(String(placeholder)).toBe("[unresolved commit timestamp]");
    expect(`${placeholder}`).toBe("[unresolved commit timestamp]");
  });

  it("[VAL23] is told from other objects, in any package", () => {
    expect(isCommitTsPlaceholder(commitTsPlaceholder)).toBe(true);
    expect(isCommitTsPlaceholder(new theirs.CommitTsPlaceholder())).toBe(true);
    expect(isCommitTsPlaceholder(new Date())).toBe(false);
    expect(isCommitTsPlaceholder({})).toBe(false);
  });
});
