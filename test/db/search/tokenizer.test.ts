// What counts as a word, in many scripts, against a tokenizer that goes letter by letter.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenize } from "../../../src/db/search/tokenizer";
import { naiveWords } from "./naive-search";

describe("words", () => {
  it.each([
    ["Hello, World!", ["hello", "world"]],
    ["don't e-mail me@x.org", ["don", "t", "e", "mail", "me", "x", "org"]],
    ["snake_case 3.14", ["snake", "case", "3", "14"]],
    ["Crème BRÛLÉE naïve", ["crème", "brûlée", "naïve"]],
    ["cafe\u0301", ["cafe"]],
    ["ΟΔΥΣΣΕΥΣ ὀδυσσεύς", ["οδυσσευσ", "ὀδυσσεύς"]],
    ["İstanbul ISI", ["i̇stanbul", "isi"]],
    ["straße STRASSE", ["straße", "strasse"]],
    ["春眠不覺曉，處處聞啼鳥", ["春眠不覺曉", "處處聞啼鳥"]],
    ["東京 とうきょう ﾄｳｷｮｳ", ["東京", "とうきょう", "ﾄｳｷｮｳ"]],
    ["שלום עולם", ["שלום", "עולם"]],
    ["مرحبا بالعالم ١٢٣", ["مرحبا", "بالعالم", "١٢٣"]],
    ["नमस्ते", ["नमस", "ते"]],
    ["👍🏽 ok 👨‍👩‍👧 1️⃣", ["ok", "1"]],
    ["𝒜𝒷 ½ x² Ⅷ", ["𝒜𝒷", "½", "x²", "ⅷ"]],
    ["a\ud800b \udc00", ["a", "b"]],
    ["", []],
    [" \n\t.,;—…\u200b\ufeff", []],
  ])("[SRCH4] of %j", (text, words) => {
    expect(tokenize(text)).toEqual(words);
  });

  it("[SRCH4] of 32 UTF-8 bytes and more are left out", () => {
    expect(tokenize(`${"a".repeat(31)} ${"b".repeat(32)}`)).toEqual(["a".repeat(31)]);
    expect(tokenize(`${"é".repeat(15)} ${"é".repeat(16)}`)).toEqual(["é".repeat(15)]);
    expect(tokenize(`${"語".repeat(10)} ${"語".repeat(11)}`)).toEqual(["語".repeat(10)]);
    expect(tokenize(`${"𝒜".repeat(7)} ${"𝒜".repeat(8)}`)).toEqual(["𝒜".repeat(7)]);
  });

  it("[SRCH4] of any text at all are those found letter by letter", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(text, (each) => {
        expect(tokenize(each)).toEqual(naiveWords(each));
      }),
      { seed: 9, numRuns: 150 },
    );
  });

  it("[SRCH4] of a megabyte come in one go", () => {
    expect(tokenize("word ".repeat(200_000))).toHaveLength(200_000);
    expect(tokenize("x".repeat(1_000_000))).toEqual([]);
    expect(tokenize("語，".repeat(300_000))).toHaveLength(300_000);
  });
});
