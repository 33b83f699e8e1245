/**
 * What files need hashes for: their names, permits for uploads, digests. One part, loaded with the
 * first file or upload URL.
 */
import { MeasuredBytes } from "./measured-bytes";
import { StorageKeys } from "./storage-keys";

export interface FileCryptography {
  readonly keys: StorageKeys;
  readonly measure: (chunks: AsyncIterable<Uint8Array>) => MeasuredBytes;
}

/** @param secret 32 secret bytes, the same as long as URLs shall hold */
export function createFileCryptography(secret: Uint8Array): FileCryptography {
  return { keys: new StorageKeys(secret), measure: (chunks) => new MeasuredBytes(chunks) };
}
