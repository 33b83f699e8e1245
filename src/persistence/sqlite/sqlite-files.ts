/** The bytes of files in a SQLite file, in chunks: a row each, so that no file is ever whole in memory. */
import type { FileBytes } from "../persistence";
import { persistenceError } from "../persistence-error";
import type { SqliteHandle, SqliteStatement } from "./sqlite-handle";

const CHUNK_BYTES = 256 * 1024;

export class SqliteFiles implements FileBytes {
  readonly #insert: SqliteStatement;
  readonly #select: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #ids: SqliteStatement;

  constructor(db: SqliteHandle) {
    this.#insert = db.prepare("INSERT INTO invex_files (id, chunk, bytes) VALUES (?, ?, ?)");
    this.#select = db.prepare("SELECT bytes FROM invex_files WHERE id = ? AND chunk = ?");
    this.#remove = db.prepare("DELETE FROM invex_files WHERE id = ?");
    this.#ids = db.prepare("SELECT DISTINCT id FROM invex_files");
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      let chunk = 0;
      // Also the last one, which may be empty: a file without bytes is there too.
      for await (const bytes of inChunks(content)) {
        this.#write(id, chunk, bytes);
        chunk += 1;
      }
    } catch (error) {
      this.#remove.run(id);
      throw error;
    }
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    return this.#chunk(id, 0) === undefined ? undefined : this.#slices(id, start, end);
  }

  delete(id: string): void {
    this.#remove.run(id);
  }

  ids(): string[] {
    return (this.#ids.all() as { id: string }[]).map(({ id }) => id);
  }

  #write(id: string, chunk: number, bytes: Uint8Array): void {
    const { changes } = this.#insert.run(id, chunk, bytes);
    if (Number(changes) === 1) return;
    throw persistenceError("failed", `SQLite did not write chunk ${chunk} of file "${id}".`, {
      id,
    });
  }

  #chunk(id: string, chunk: number): Uint8Array | undefined {
    const [row] = this.#select.all(id, chunk) as { bytes: Uint8Array | ArrayBuffer }[];
    return row && bytesOf(row.bytes);
  }

  async *#slices(id: string, start: number, end: number) {
    for (let at = start; at < end; ) {
      const offset = at % CHUNK_BYTES;
      const bytes = this.#chunk(id, Math.floor(at / CHUNK_BYTES));
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

/** `libsql` gives buffers, the others views. */
function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}

/** `content` in chunks of one size, the last one shorter, possibly empty. */
async function* inChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const bytes of content) {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      chunk = new Uint8Array(CHUNK_BYTES);
      filled = 0;
    }
  }
  yield chunk.subarray(0, filled);
}
