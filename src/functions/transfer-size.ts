/** How large the arguments and the result of a call may be (engine.md 7.2), and how large they are. */
import { formatSize } from "../values/print";
import { valueSize } from "../values/size";
import type { Value } from "../values/value";

/** Largest arguments and largest result of a call, in bytes. */
export const MAX_TRANSFER_BYTES = 16 * 1024 * 1024;

/** From here on Convex warns. */
const NOTABLE_BYTES = 0.8 * MAX_TRANSFER_BYTES;

/**
 * The size of a canonical value in bytes if it is worth a warning, else `undefined`.
 * @param atMost what the size does not exceed, if that is known (`ingestedBytes`): the value need
 *   not be walked
 */
export function notableSize(value: Value, atMost = Number.POSITIVE_INFINITY): number | undefined {
  if (atMost <= NOTABLE_BYTES) return undefined;
  const bytes = valueSize(value);
  return bytes <= NOTABLE_BYTES ? undefined : bytes;
}

/** What is wrong with `bytes`, as the end of Convex's sentence, or nothing. */
export function transferProblem(bytes: number | undefined): string | undefined {
  if (bytes === undefined || bytes <= MAX_TRANSFER_BYTES) return undefined;
  return `too large (actual: ${formatSize(bytes)}, limit: ${formatSize(MAX_TRANSFER_BYTES)})`;
}
