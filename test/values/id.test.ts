import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeId, encodeId, isIdOfTable, tryTableNumber } from "../../src/values/id";
import { legacyInternalId } from "../../src/values/legacy-id";
import { forAll } from "./arbitrary";

const counting = Uint8Array.from({ length: 16 }, (_, i) => i);
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

const internalId = fc.uint8Array({ minLength: 16, maxLength: 16 });
const tableNumber = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.integer({ min: 1, max: 40_000 }),
  fc.constantFrom(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 2 ** 28, 2 ** 32 - 1),
);

/** The format written down naively: one big number, cut into bytes and into groups of five bits. */
function naiveEncode(table: number, id: Uint8Array): string {
  const bytes = [...naiveVInt(table), ...id];
  let low = 0;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 256;
    high = (high + low) % 256;
  }
  const bits = [...bytes, low, high].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}

function naiveVInt(table: number): number[] {
  return table < 128 ? [table] : [(table % 128) + 128, ...naiveVInt(Math.floor(table / 128))];
}

/** Tries the one table number and internal id that `text` can stand for, and encodes them again. */
function naiveTable(text: string): number | undefined {
  if (![...text].every((character) => ALPHABET.includes(character))) return undefined;
  const bits = [...text].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, "0")).join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  const end = bytes.findIndex((byte) => byte < 128) + 1;
  if (end === 0 || end > 5 || bytes.length < end + 18) return undefined;
  const table = bytes.slice(0, end).reduceRight((sum, byte) => sum * 128 + (byte % 128), 0);
  if (table === 0 || table > 2 ** 32 - 1) return undefined;
  return naiveEncode(table, Uint8Array.from(bytes.slice(end, end + 16))) === text
    ? table
    : undefined;
}

describe("ids", () => {
  it.each([
    [1, counting, "040020g30g2gc1r81450p30d1r7qke8"],
    [10_001, counting, "j57000820c20a1g7104gm2rc1m70ynr8"],
    [16_384, counting, "g2002001081g81860w40j2gb1g6gw3vs74"],
    [10_001, new Uint8Array(16), "j5700000000000000000000000001qv0"],
    [10_001, new Uint8Array(16).fill(255), "j57fzzzzzzzzzzzzzzzzzzzzzzzzzkyr"],
  ])("[ID1] of table %i", (table, bytes, id) => {
    expect(encodeId(table, bytes)).toBe(id);
    expect(decodeId(id)).toEqual({ tableNumber: table, internalId: bytes });
    expect(tryTableNumber(id)).toBe(table);
  });

  it("[ID1] are what a naive encoder writes", () => {
    forAll(fc.tuple(tableNumber, internalId), ([table, bytes]) => {
      expect(encodeId(table, bytes)).toBe(naiveEncode(table, bytes));
    });
  });

  it.each([
    [1, 31],
    [127, 31],
    [128, 32],
    [16_383, 32],
    [16_384, 34],
    [2_097_151, 34],
    [2_097_152, 36],
    [2 ** 32 - 1, 37],
  ])("[ID1] of table %i have %i characters", (table, length) => {
    expect(encodeId(table, counting)).toHaveLength(length);
  });

  it("[ID2] decode to what was encoded", () => {
    forAll(fc.tuple(tableNumber, internalId), ([table, bytes]) => {
      const id = encodeId(table, bytes);
      expect(decodeId(id)).toEqual({ tableNumber: table, internalId: bytes });
      expect(isIdOfTable(id, table)).toBe(true);
      expect(isIdOfTable(id, table + 1)).toBe(false);
    });
  });

  it("[ID2] decoded twice do not overwrite each other", () => {
    const first = decodeId(encodeId(10_001, counting));
    decodeId(encodeId(10_002, new Uint8Array(16).fill(9)));
    expect(first.internalId).toEqual(counting);
  });

  it("[ID3] are refused when a character is changed, added, dropped or swapped", () => {
    const edit = fc.record({
      table: tableNumber,
      bytes: internalId,
      at: fc.nat({ max: 36 }),
      with: fc.oneof(
        fc.constantFrom(...ALPHABET, "", "i", "L", "O", "U", "é", " ", "00", "\u{1f600}"),
      ),
    });
    forAll(edit, ({ table, bytes, at, with: replacement }) => {
      const id = encodeId(table, bytes);
      const edited = id.slice(0, at) + replacement + id.slice(at + 1);
      expect(tryTableNumber(edited)).toBe(naiveTable(edited));
      const swapped = id.slice(0, at) + (id[at + 1] ?? "") + (id[at] ?? "") + id.slice(at + 2);
      expect(tryTableNumber(swapped)).toBe(naiveTable(swapped));
    });
  });

  it("[ID3] are refused as any other text is", () => {
    const characters = fc.constantFrom(...ALPHABET);
    forAll(fc.string({ unit: characters, minLength: 28, maxLength: 40 }), (text) => {
      expect(tryTableNumber(text)).toBe(naiveTable(text));
    });
    for (const text of ["", "users", "J57000820C20A1G7104GM2RC1M70YNR8", "é".repeat(32)]) {
      expect(tryTableNumber(text)).toBe(undefined);
    }
  });

  it("[ID3] have one spelling: no leftover bits, no padded table number", () => {
    const id = encodeId(1, counting);
    const last = ALPHABET[ALPHABET.indexOf(id[30]!) + 1]!;
    expect(tryTableNumber(id.slice(0, 30) + last)).toBe(undefined);
    const overlong = spell([0x81, 0, ...counting]);
    expect(overlong).toHaveLength(32);
    expect(tryTableNumber(overlong)).toBe(undefined);
    expect(() => decodeId(overlong)).toThrow("Unable to decode ID: Invalid ID length 32");
    expect(tryTableNumber(spell([0x81, 0x80, 0, ...counting]))).toBe(undefined);
  });

  /** Any bytes with a right checksum. */
  function spell(bytes: number[]): string {
    let low = 0;
    let high = 0;
    for (const byte of bytes) {
      low = (low + byte) & 255;
      high = (high + low) & 255;
    }
    const bits = [...bytes, low, high].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return (bits.match(/.{1,5}/g) ?? [])
      .map((group) => ALPHABET[Number.parseInt(group.padEnd(5, "0"), 2)])
      .join("");
  }

  it.each([
    ["", "Invalid ID length 0"],
    ["x".repeat(30), "Invalid ID length 30"],
    ["x".repeat(38), "Invalid ID length 38"],
    ["é".repeat(20), "Invalid ID length 40"],
    ["é".repeat(16), "ID wasn't valid base32"],
    ["i".repeat(32), "ID wasn't valid base32"],
    ["J57000820c20a1g7104gm2rc1m70ynr8", "ID wasn't valid base32"],
    ["0".repeat(32), "Invalid table number"],
    ["z".repeat(32), "Invalid table number"],
    ["g2002001081g81860w40j2gb1g6gw3vs", "Invalid ID length 32"],
    ["j57000820c20a1g7104gm2rc1m70ynr9", "Invalid ID version 51769 (expected 51768)"],
    ["j57000820c20a1g7104gm2rc1m70ynr80", "Invalid ID length 33"],
  ])("[ID4] %j fails to decode", (id, problem) => {
    if (!problem.includes("version")) {
      expect(() => decodeId(id)).toThrow(`Unable to decode ID: ${problem}`);
    } else {
      expect(() => decodeId(id)).toThrow(
        /^Unable to decode ID: Invalid ID version \d+ \(expected \d+\)$/,
      );
    }
    expect(tryTableNumber(id)).toBe(undefined);
  });

  it("[ID5] of one table order as their bytes", () => {
    forAll(fc.tuple(tableNumber, internalId, internalId), ([table, a, b]) => {
      const [x, y] = [encodeId(table, a), encodeId(table, b)];
      expect(Math.sign(Buffer.compare(a, b))).toBe(x < y ? -1 : Number(x > y));
    });
  });
});

describe("legacy ids", () => {
  it("[ID6] of 22 characters are 16 bytes in URL-safe base64", () => {
    forAll(internalId, (bytes) => {
      expect(legacyInternalId(Buffer.from(bytes).toString("base64url"))).toEqual(bytes);
    });
  });

  it("[ID6] of more are 17 bytes in base62, hashed", () => {
    const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    forAll(
      fc.uint8Array({ minLength: 17, maxLength: 17 }).filter(([first]) => first! > 10),
      (bytes) => {
        let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
        let text = "";
        for (; number > 0n; number /= 62n) text = digits[Number(number % 62n)] + text;
        const hash = createHash("sha256").update(bytes).digest();
        expect(legacyInternalId(text)).toEqual(Uint8Array.from(hash.subarray(0, 16)));
      },
    );
  });

  it.each([
    "",
    "x",
    "not an id",
    "-".repeat(21),
    "+".repeat(22),
    `${"A".repeat(21)}B`,
    "é".repeat(22),
    "a".repeat(30),
    "a".repeat(9999),
    "0".repeat(23),
  ])("[ID6] %j is none", (text) => {
    expect(legacyInternalId(text)).toBe(undefined);
  });
});
