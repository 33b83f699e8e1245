/** The id that ties a caller's error to the backend's log lines: `[Request ID: 3f9c21ab04d7e568]`. */
import type { Random } from "../shared/random";

/** A fresh request id: 16 hexadecimal digits. Takes two numbers from `random`. */
export function createRequestId(random: Random): string {
  const high = random.uint32();
  return printRequestId(high, random.uint32());
}

/** The request id that two 32-bit numbers make. */
export function printRequestId(high: number, low: number): string {
  return hexDigits(high) + hexDigits(low);
}

function hexDigits(word: number): string {
  return word.toString(16).padStart(8, "0");
}
