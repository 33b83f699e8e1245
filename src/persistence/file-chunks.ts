/** Files as chunks of one size, the last one shorter, possibly empty: so it is clear where a file ends. */
import { persistenceError } from "./persistence-error";

/** A size that suits most stores. */
export const USUAL_CHUNK_BYTES = 256 * 1024;

/** `content` in chunks, each in memory of its own. At least one: a file without bytes is there too. */
export async function* inFileChunks(
  content: AsyncIterable<Uint8Array>,
  chunkBytes = USUAL_CHUNK_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  for await (const bytes of content) {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + chunkBytes - filled);
      chunk.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < chunkBytes) continue;
      yield chunk;
      chunk = new Uint8Array(chunkBytes);
      filled = 0;
    }
  }
  yield chunk.slice(0, filled);
}

/** Where chunks come from. */
export interface ChunkSource {
  /** Default: `USUAL_CHUNK_BYTES`. */
  readonly chunkBytes?: number;
  /** @returns `undefined` when there is none of that number */
  chunk(number: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Whether the file is still there. */
  isThere(): boolean;
}

/**
 * The bytes from `start` to before `end` or to the last one, in memory of their own.
 * @throws InvexError `PersistenceFailed` when the file goes meanwhile
 */
export async function* fileSlices(
  id: string,
  [start, end]: readonly [start: number, end: number],
  source: ChunkSource,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { chunkBytes = USUAL_CHUNK_BYTES } = source;
  for (let at = start; at < end; ) {
    const offset = at % chunkBytes;
    const bytes = await source.chunk(Math.floor(at / chunkBytes));
    if (bytes === undefined) {
      if (source.isThere()) return;
      throw persistenceError("failed", `File "${id}" was deleted while it was read.`, { id });
    }
    // A copy: libraries may give views of memory of their own.
    const slice = new Uint8Array(bytes.subarray(offset, offset + end - at));
    if (slice.length === 0) return;
    yield slice;
    at += slice.length;
  }
}
