/** The bytes of files in an IndexedDB database, a record a chunk. Which files there are is in memory. */
import { fileSlices, inFileChunks } from "../file-chunks";
import type { FileBytes } from "../persistence";
import { persistenceError } from "../persistence-error";
import type { IndexedDbAccess } from "./indexeddb-access";

export class IndexedDbFiles implements FileBytes {
  readonly #access: IndexedDbAccess;
  /** Those that are whole, and what crashes have left. */
  readonly #ids: Set<string>;

  constructor(access: IndexedDbAccess, ids: Set<string>) {
    this.#access = access;
    this.#ids = ids;
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      let chunk = 0;
      for await (const bytes of inFileChunks(content)) {
        await this.#access.write(["invex_files"], (tx) => [
          tx.objectStore("invex_files").add(bytes, [id, chunk]),
        ]);
        chunk += 1;
      }
    } catch (error) {
      // What cannot be removed now is found at the next start.
      await this.#remove(id).catch(() => undefined);
      throw error;
    }
    this.#ids.add(id);
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const isThere = () => this.#ids.has(id);
    if (!isThere()) return undefined;
    return fileSlices(id, [start, end], { chunk: (number) => this.#chunk(id, number), isThere });
  }

  async delete(id: string): Promise<void> {
    if (this.#ids.delete(id)) await this.#remove(id);
  }

  ids(): string[] {
    return [...this.#ids];
  }

  #remove(id: string): Promise<void> {
    // An array is greater than any number: up to it lie all chunks.
    const all = IDBKeyRange.bound([id, 0], [id, []]);
    return this.#access.write(["invex_files"], (tx) => [tx.objectStore("invex_files").delete(all)]);
  }

  async #chunk(id: string, number: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#access.read((database) => database.get("invex_files", [id, number]));
    if (bytes === undefined || bytes instanceof Uint8Array) return bytes;
    throw persistenceError(
      "damaged",
      `The data cannot be read: chunk ${number} of file "${id}" is not bytes. Nothing was changed.`,
      { id },
    );
  }
}
