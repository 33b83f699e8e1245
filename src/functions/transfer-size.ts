/** How large the arguments and the result of a call may be (engine.md 7.2), and how large they are. */
import { formatSize } from "../values/print";
import { valueSize } from "../values/size";
import type { Value } from "../values/value";

/** Largest arguments and largest result of a call, in bytes. */
export const MAX_TRANSFER_BYTES = 16 * 1024 * 1024;

/** From here on Convex warns. */
const NOTABLE_BYTES = 0.8 * MAX_TRANSFER_BYTES;

/**
 * The size of a canonical value in bytes if it is worth a warning, else `undefined`. An estimate
 * that counts no characters answers for nearly all values, in a quarter of the time: it is never
 * below the true size, since no UTF-16 unit takes more than three bytes.
 */
export function notableSize(value: Value): number | undefined {
  if (sizeBound(value) <= NOTABLE_BYTES) return undefined;
  const bytes = valueSize(value);
  return bytes <= NOTABLE_BYTES ? undefined : bytes;
}

/** What is wrong with `bytes`, as the end of Convex's sentence, or nothing. */
export function transferProblem(bytes: number | undefined): string | undefined {
  if (bytes === undefined || bytes <= MAX_TRANSFER_BYTES) return undefined;
  return `too large (actual: ${formatSize(bytes)}, limit: ${formatSize(MAX_TRANSFER_BYTES)})`;
}

function sizeBound(value: Value): number {
  if (typeof value === "string") return 2 + 3 * value.length;
  if (typeof value !== "object" || value === null) return 9;
  if (Array.isArray(value)) {
    let bound = 2;
    for (let i = 0; i < value.length; i++) bound += sizeBound(value[i]!);
    return bound;
  }
  if (value instanceof ArrayBuffer) return 2 + value.byteLength;
  let bound = 9;
  for (const key in value) {
    bound += 3 * key.length + 1 + sizeBound((value as Record<string, Value>)[key]!);
  }
  return bound;
}
