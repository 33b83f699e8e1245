/**
 * Timestamps as the sync protocol writes them: base64 of eight bytes, little-endian, nanoseconds
 * since the epoch (functions.md 9.1). Clients take them for opaque and ordered.
 */
import { fromByteArray } from "../values/base64";

/** Before everything: where a fresh connection starts. */
export const ZERO_TIMESTAMP = "AAAAAAAAAAA=";

/** @param ns fits 64 bits without a sign */
export function encodeTimestamp(ns: bigint): string {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, ns, true);
  return fromByteArray(new Uint8Array(bytes.buffer));
}
