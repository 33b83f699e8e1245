/** The bytes of files in a SQLite file, in chunks: a row each, so that no file is ever whole in memory. */
import { fileSlices, inFileChunks } from "../file-chunks";
import type { FileBytes } from "../persistence";
import { persistenceError } from "../persistence-error";
import type { SqliteHandle, SqliteStatement } from "./sqlite-handle";

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
      for await (const bytes of inFileChunks(content)) {
        this.#write(id, chunk, bytes);
        chunk += 1;
      }
    } catch (error) {
      this.#remove.run(id);
      throw error;
    }
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const isThere = () => this.#chunk(id, 0) !== undefined;
    if (!isThere()) return undefined;
    return fileSlices(id, [start, end], { chunk: (number) => this.#chunk(id, number), isThere });
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
}

/** `libsql` gives buffers, the others views. */
function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}
