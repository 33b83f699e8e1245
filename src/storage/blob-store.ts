/**
 * The port behind which the bytes of files live. Which files exist is not its business: that is
 * rows of `_storage`, written in transactions. Implementations: `memory-blob-store.ts`, and
 * `durable-blob-store.ts` over the bytes of a persistence adapter.
 */

/** Bytes by id, the ids being the caller's. Immutable once put; an id is never used twice. */
export interface BlobStore {
  /**
   * Keeps everything `content` yields under `id`: durable when the promise resolves. When `content`
   * throws, or the store fails, nothing is kept and the promise rejects with that error.
   * The chunks stay the caller's: read them before asking for the next one.
   * Memory: a few chunks beyond what is kept.
   */
  put(id: string, content: AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * The bytes from `start` to before `end` (or to the last one), in chunks of whatever size, each
   * the receiver's own. The caller owes `0 <= start <= end`. What was deleted meanwhile ends in an
   * error.
   * @returns `undefined` when there is no such blob
   */
  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined;

  /** Forgets a blob. A read that has begun may end in an error. Unknown ids are fine. */
  delete(id: string): void | Promise<void>;

  /** A copy that lives in memory: later changes on either side are invisible to the other. */
  fork(): BlobStore;
}
