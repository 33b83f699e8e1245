/** The id that ties a caller's error to the backend's log lines: `[Request ID: 3f9c21ab04d7e568]`. */
import type { Random } from "../shared/random";

/** A fresh request id: 16 hexadecimal digits. Takes two numbers from `random`. */
export function createRequestId(random: Random): string {
  return hexDigits(random.uint32()) + hexDigits(random.uint32());
}

/** Looked up, not formatted: an id is made for every call. */
const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hexDigits(word: number): string {
  return (
    (HEX_BYTES[word >>> 24] as string) +
    (HEX_BYTES[(word >>> 16) & 0xff] as string) +
    (HEX_BYTES[(word >>> 8) & 0xff] as string) +
    (HEX_BYTES[word & 0xff] as string)
  );
}
