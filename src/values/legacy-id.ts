/**
 * The two forms ids had in Convex's early days, which only `db.normalizeId` still reads
 * (engine.md 4.3): 16 bytes in URL-safe base64, and 17 bytes in base62, shortened by a hash.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { byteLength, toByteArray } from "./base64";
import { INTERNAL_ID_LENGTH } from "./id";

const BASE64_LENGTH = 22;
const BASE62_BYTES = 17;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The internal id that a legacy id stands for, or `undefined` when `text` is none. A legacy id says
 * nothing of its table.
 */
export function legacyInternalId(text: string): Uint8Array | undefined {
  return text.length <= BASE64_LENGTH ? fromBase64(text) : fromBase62(text);
}

function fromBase64(text: string): Uint8Array | undefined {
  if (text.length !== BASE64_LENGTH || !/^[\w-]*$/.test(text)) return undefined;
  const padded = `${text}==`;
  const bytes = toByteArray(padded);
  // The last character carries four bits that no byte uses; only zeros are canonical.
  const isCanonical = "AQgw".includes(text.at(-1)!);
  return isCanonical && byteLength(padded) === INTERNAL_ID_LENGTH ? bytes : undefined;
}

function fromBase62(text: string): Uint8Array | undefined {
  if (text.length > 2 * BASE62_BYTES || !/^[0-9A-Za-z]*$/.test(text)) return undefined;
  let number = 0n;
  for (const digit of text) number = number * 62n + BigInt(BASE62.indexOf(digit));
  const hex = number.toString(16);
  if (Math.ceil(hex.length / 2) !== BASE62_BYTES) return undefined;
  const bytes = Uint8Array.from({ length: BASE62_BYTES }, (_, i) =>
    Number.parseInt(hex.padStart(2 * BASE62_BYTES, "0").slice(2 * i, 2 * i + 2), 16),
  );
  return sha256(bytes).slice(0, INTERNAL_ID_LENGTH);
}
