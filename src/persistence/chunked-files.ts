/** The bytes of files in rows of one size each, so that no file is ever whole in memory. */
import type { FileBytes } from "./persistence";
import { persistenceError } from "./persistence-error";

/** Where the rows are. Everything is synchronous. */
export interface ChunkRows {
  /** @throws when it cannot be written */
  insert(id: string, chunk: number, bytes: Uint8Array): void;
  find(id: string, chunk: number): Uint8Array | ArrayBuffer | undefined;
  /** All chunks of a file; unknown ids are fine. */
  remove(id: string): void;
  ids(): string[];
}

export class ChunkedFiles implements FileBytes {
  readonly #rows: ChunkRows;
  readonly #chunkBytes: number;

  constructor(rows: ChunkRows, chunkBytes: number) {
    this.#rows = rows;
    this.#chunkBytes = chunkBytes;
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      let chunk = 0;
      // Also the last one, which may be empty: a file without bytes is there too.
      for await (const bytes of inChunks(content, this.#chunkBytes)) {
        this.#rows.insert(id, chunk, bytes);
        chunk += 1;
      }
    } catch (error) {
      this.#rows.remove(id);
      throw error;
    }
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    return this.#chunk(id, 0) === undefined ? undefined : this.#slices(id, start, end);
  }

  delete(id: string): void {
    this.#rows.remove(id);
  }

  ids(): string[] {
    return this.#rows.ids();
  }

  #chunk(id: string, chunk: number): Uint8Array | undefined {
    const bytes = this.#rows.find(id, chunk);
    return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  }

  async *#slices(id: string, start: number, end: number) {
    for (let at = start; at < end; ) {
      const offset = at % this.#chunkBytes;
      const bytes = this.#chunk(id, Math.floor(at / this.#chunkBytes));
      if (bytes === undefined) {
        if (this.#chunk(id, 0) !== undefined) return;
        throw persistenceError("failed", `File "${id}" was deleted while it was read.`, { id });
      }
      // A copy: libraries may give views of memory of their own.
      const slice = new Uint8Array(bytes.subarray(offset, offset + end - at));
      if (slice.length === 0) return;
      yield slice;
      at += slice.length;
    }
  }
}

/** `content` in chunks of one size, the last one shorter, possibly empty. Each is the receiver's own. */
export async function* inChunks(
  content: AsyncIterable<Uint8Array>,
  chunkBytes: number,
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
  yield chunk.subarray(0, filled);
}
