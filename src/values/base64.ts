/**
 * Base64 as Convex writes bytes on the wire: standard alphabet, padded. The reader also takes the
 * URL-safe alphabet and, like Convex's, does not look for foreign characters (they count as zero
 * bits). Pure JavaScript, so it behaves the same on every platform.
 */
import { userError } from "../shared/errors";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;
const CHUNK = 0x2000;

const codeOf = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const sixBitsOf = readerTable();

function readerTable(): Uint8Array {
  const table = new Uint8Array(128);
  codeOf.forEach((code, sixBits) => {
    table[code] = sixBits;
  });
  table["-".charCodeAt(0)] = 62;
  table["_".charCodeAt(0)] = 63;
  return table;
}

/** How many bytes `base64` decodes to. Throws unless its length is a multiple of 4. */
export function byteLength(base64: string): number {
  if (base64.length % 4 > 0) {
    throw userError("ValueInvalid", "Invalid string. Length must be a multiple of 4");
  }
  const padding = base64.indexOf("=");
  const characters = padding === -1 ? base64.length : padding;
  return Math.floor((characters * 3) / 4);
}

/** Decodes padded base64, standard or URL-safe. Throws unless its length is a multiple of 4. */
export function toByteArray(base64: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength(base64));
  let out = 0;
  for (let i = 0; out < bytes.length; i += 4) {
    const triple =
      (sixBitsAt(base64, i) << 18) |
      (sixBitsAt(base64, i + 1) << 12) |
      (sixBitsAt(base64, i + 2) << 6) |
      sixBitsAt(base64, i + 3);
    // Writes past the end of a typed array are dropped, which trims the padding.
    bytes[out++] = triple >> 16;
    bytes[out++] = triple >> 8;
    bytes[out++] = triple;
  }
  return bytes;
}

function sixBitsAt(base64: string, i: number): number {
  return sixBitsOf[base64.charCodeAt(i)] ?? 0;
}

/** Encodes bytes as padded standard base64. */
export function fromByteArray(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let out = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const triple = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    codes[out++] = codeOf[triple >> 18]!;
    codes[out++] = codeOf[(triple >> 12) & 63]!;
    codes[out++] = codeOf[(triple >> 6) & 63]!;
    codes[out++] = codeOf[triple & 63]!;
  }
  const extra = bytes.length % 3;
  if (extra === 1) codes.fill(PAD, -2);
  if (extra === 2) codes.fill(PAD, -1);
  return textOf(codes);
}

/** Encodes bytes as base64 fit for a URL: `-` and `_`, no padding. */
export function fromByteArrayUrlSafeNoPadding(bytes: Uint8Array): string {
  return fromByteArray(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function textOf(codes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < codes.length; i += CHUNK) {
    // `apply` on the bytes themselves: spreading them first takes six times as long.
    text += String.fromCharCode.apply(null, codes.subarray(i, i + CHUNK) as unknown as number[]);
  }
  return text;
}
