/** The bytes of files in rows of one size each, so that no file is ever whole in memory. */
import { fileSlices, inFileChunks } from "./file-chunks";
import type { FileBytes } from "./persistence";

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
      for await (const bytes of inFileChunks(content, this.#chunkBytes)) {
        this.#rows.insert(id, chunk, bytes);
        chunk += 1;
      }
    } catch (error) {
      this.#rows.remove(id);
      throw error;
    }
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const isThere = () => this.#chunk(id, 0) !== undefined;
    if (!isThere()) return undefined;
    const chunk = (number: number) => this.#chunk(id, number);
    return fileSlices(id, [start, end], { chunkBytes: this.#chunkBytes, chunk, isThere });
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
}
