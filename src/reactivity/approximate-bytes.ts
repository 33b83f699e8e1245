/**
 * How much memory a value takes, roughly: for bounding a cache, not for any limit of Convex
 * (`values/size.ts` counts those). Long arrays are judged by a sample, so it costs next to nothing.
 */
import type { Value } from "../values/value";

/** Items of an array that are looked at. */
const SAMPLE = 4;

/** Heap of an array or object by itself, and of each slot in it. */
const OBJECT_BYTES = 56;
const SLOT_BYTES = 8;

/** A rough number of bytes. Cost: O(fields), at most four items of every array. */
export function approximateBytes(value: Value | undefined): number {
  if (typeof value === "string") return SLOT_BYTES + value.length;
  if (typeof value !== "object" || value === null) return SLOT_BYTES;
  if (Array.isArray(value)) return OBJECT_BYTES + bytesOfItems(value);
  if (value instanceof ArrayBuffer) return OBJECT_BYTES + value.byteLength;
  let bytes = OBJECT_BYTES;
  for (const field in value) {
    bytes += approximateBytes((value as { readonly [name: string]: Value })[field]);
  }
  return bytes;
}

/** The mean of items spread over the array, times its length. */
function bytesOfItems(items: readonly Value[]): number {
  const step = Math.max(1, Math.floor(items.length / SAMPLE));
  let bytes = 0;
  let count = 0;
  for (let i = 0; i < items.length; i += step) {
    bytes += approximateBytes(items[i]);
    count++;
  }
  return count === 0 ? 0 : Math.ceil((bytes / count) * items.length);
}
