import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Cursor,
  CursorKey,
  decodeCursor,
  END_POSITION,
  encodeCursor,
  queryFingerprint,
} from "../../src/db/cursor";
import { encodeKeyPart } from "../../src/db/index-key";
import { isInvexError } from "../../src/shared/errors";
import { createRandom } from "../../src/shared/random";

const secret = (seed: string) => createRandom(seed).bytes(32);
const key = new CursorKey(secret("here"), "here");
const foreignKey = new CursorKey(secret("there"), "there");
const fingerprint = queryFingerprint("messages by_channel asc");

const byteText = (maxLength: number) =>
  fc
    .uint8Array({ maxLength })
    .map((bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

const cursors: fc.Arbitrary<Cursor> = fc.record({
  position: byteText(300),
  fingerprint: byteText(255),
});

/** The text of the error that refuses `text`; fails the test when it is accepted. */
function refusal(text: string, by = key): string {
  try {
    decodeCursor(text, by);
  } catch (error) {
    if (isInvexError(error) && error.code === "CursorInvalid") return error.message;
    throw error;
  }
  return expect.fail(`accepted ${JSON.stringify(text)}`);
}

describe("cursors", () => {
  it("[CUR1] come back as they were written", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(decodeCursor(encodeCursor(cursor, key), key)).toEqual(cursor);
      }),
      { seed: 1 },
    );
    const end = { position: END_POSITION, fingerprint };
    expect(decodeCursor(encodeCursor(end, key), key)).toEqual(end);
  });

  it("[CUR1] hold positions of any length", () => {
    const long = { position: "\u00ff".repeat(2_000_000), fingerprint: "" };
    expect(decodeCursor(encodeCursor(long, key), key).position).toHaveLength(2_000_000);
  });

  it("[CUR2] are deterministic: equal content, equal string, over restarts too", () => {
    const again = new CursorKey(secret("here"), "renamed");
    fc.assert(
      fc.property(cursors, cursors, (left, right) => {
        const isEqual = left.position === right.position && left.fingerprint === right.fingerprint;
        expect(encodeCursor(left, key)).toBe(encodeCursor(left, again));
        expect(encodeCursor(left, key) === encodeCursor(right, key)).toBe(isEqual);
      }),
      { seed: 2 },
    );
  });

  it("[CUR2] do not change from release to release", () => {
    expect(encodeCursor({ position: "\x10abc\x00", fingerprint }, key)).toBe(
      "AbcXcHrHM2s9ttvhTnFRi62fhOErsc94tc7hv8u6BjkfpYjhV3Mj9CUyhxplyg==",
    );
  });

  it("[CUR3] show nothing of the position or the query", () => {
    const sameLength = (position: string) => encodeCursor({ position, fingerprint }, key);
    const plain = sameLength("a".repeat(96));
    const shifted = sameLength(`${"a".repeat(95)}b`);
    const common = [...plain].filter((character, at) => character === shifted[at]).length;
    // The version and the key's id (8 of 145 bytes) and chance (a 64th) are all they share.
    expect(common).toBeLessThan(plain.length / 5);
    expect(atob(plain)).not.toContain("aaa");
    expect(atob(plain)).not.toContain(fingerprint);
  });

  it("[CUR4] with any one bit flipped are refused", () => {
    const good = encodeCursor({ position: encodeKeyPart("general"), fingerprint }, key);
    const bytes = Uint8Array.from(atob(good), (character) => character.charCodeAt(0));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bad = bytes.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      refusal(btoa(String.fromCharCode(...bad)));
    }
  });

  it("[CUR4] with any character replaced, added or missing are refused", () => {
    const characters = fc.constantFrom(..."ABCabc019+/=-_ \n%é\u0000\u{1f600}");
    fc.assert(
      fc.property(
        cursors,
        fc.nat(),
        fc.constantFrom("replace", "insert", "delete", "cut"),
        characters,
        (cursor, where, change, character) => {
          const good = encodeCursor(cursor, key);
          const at = where % good.length;
          const bad = edited(good, at, change, character);
          if (bad !== good) refusal(bad);
        },
      ),
      { seed: 3, numRuns: 3_000 },
    );
  });

  it("[CUR4] made of two good ones are refused", () => {
    const one = encodeCursor({ position: "\x10one\x00", fingerprint }, key);
    const two = encodeCursor({ position: "\x10two\x00", fingerprint }, key);
    let spliced = 0;
    for (let at = 4; at < one.length; at += 4) {
      const text = one.slice(0, at) + two.slice(at);
      if (text === one || text === two) continue;
      refusal(text);
      spliced++;
    }
    expect(spliced).toBeGreaterThan(5);
  });

  it("[CUR4] of other software, and noise, are refused", () => {
    const others = [
      "",
      "=",
      "====",
      "AAAA",
      "_end_cursor",
      '["a",1]',
      "null",
      "\u{1f600}",
      "ABCD".repeat(50),
    ];
    for (const text of others) expect(refusal(text)).toBe("Failed to parse cursor");
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), byteText(200).map(btoa)), (text) => {
        expect(refusal(text)).toBe("Failed to parse cursor");
      }),
      { seed: 4, numRuns: 2_000 },
    );
  });

  it("[CUR5] of another backend are refused with its own text", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        const foreign = encodeCursor(cursor, foreignKey);
        expect(refusal(foreign)).toBe('Key is invalid for instance "here"');
      }),
      { seed: 5 },
    );
  });

  it("[CUR6] fingerprints tell descriptions apart, in any script", () => {
    const texts = ["", "a", "b", "é", "日本", "\u{1f600}", "a".repeat(10_000), "a".repeat(10_001)];
    expect(new Set(texts.map(queryFingerprint)).size).toBe(texts.length);
    expect(queryFingerprint("日本")).toBe(queryFingerprint("日本"));
    for (const text of texts) expect(queryFingerprint(text)).toMatch(/^[\0-\xff]{16}$/);
  });

  it("[CUR6] a position that is no index key is a bug, not a cursor", () => {
    expect(() => encodeCursor({ position: "\u0100", fingerprint }, key)).toThrow("one byte");
    expect(() => new CursorKey(new Uint8Array(16), "short")).toThrow("32 bytes");
  });
});

function edited(text: string, at: number, change: string, character: string): string {
  const before = text.slice(0, at);
  if (change === "cut") return before;
  if (change === "insert") return before + character + text.slice(at);
  return before + (change === "replace" ? character : "") + text.slice(at + 1);
}
