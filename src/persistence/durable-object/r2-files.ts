/**
 * The bytes of files in an R2 bucket, one object a file; which there are is known in the Durable
 * Object's own database, so nothing lists the bucket. An entry comes before the bytes and goes after
 * them: what a crash leaves in between has an entry, and is deleted at the next start.
 */
import { inFileChunks } from "../file-chunks";
import type { FileBytes } from "../persistence";
import { persistenceError } from "../persistence-error";
import type { DurableSql } from "./durable-storage";

/** The part of Cloudflare's `R2Bucket` in use. */
export interface R2BucketLike {
  put(key: string, content: Uint8Array): Promise<unknown>;
  get(
    key: string,
    options: { readonly range: { readonly offset: number; readonly length: number } },
  ): Promise<{ readonly body?: ReadableStream<Uint8Array> } | null>;
  delete(key: string): Promise<void>;
  createMultipartUpload(key: string): Promise<R2UploadLike>;
}

export interface R2UploadLike {
  uploadPart(partNumber: number, content: Uint8Array): Promise<R2PartLike>;
  complete(parts: R2PartLike[]): Promise<unknown>;
  abort(): Promise<void>;
}

export interface R2PartLike {
  readonly partNumber: number;
  readonly etag: string;
}

/** Where files are kept other than in the object: what {@link r2Files} returns. */
export interface FileBucket {
  open(sql: DurableSql, prefix: string): FileBytes;
}

/** R2 wants parts of one size, at least 5 MiB; the last may be smaller. */
const PART_BYTES = 5 * 1024 * 1024;

/**
 * Keeps files in `bucket`, below a prefix of each object's own: its id, and a slash. For apps whose
 * files outgrow the object's 10 GB, or the price of its storage. Cost: 5 MiB of memory an upload.
 *
 * @example
 * export const Room = durableBackend((env: Env) => ({ schema, modules, files: r2Files(env.FILES) }));
 */
export function r2Files(bucket: R2BucketLike): FileBucket {
  return { open: (sql, prefix) => new R2Files(bucket, sql, prefix) };
}

class R2Files implements FileBytes {
  readonly #bucket: R2BucketLike;
  readonly #sql: DurableSql;
  readonly #prefix: string;

  constructor(bucket: R2BucketLike, sql: DurableSql, prefix: string) {
    this.#bucket = bucket;
    this.#sql = sql;
    this.#prefix = prefix;
    // `size` is -1 until the bytes are there.
    sql.exec(
      "CREATE TABLE IF NOT EXISTS invex_r2_files (id TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID",
    );
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#sql.exec("INSERT INTO invex_r2_files (id, size) VALUES (?, -1)", id);
    try {
      const size = await this.#upload(this.#key(id), content);
      this.#sql.exec("UPDATE invex_r2_files SET size = ? WHERE id = ?", size, id);
    } catch (error) {
      await this.delete(id);
      throw error;
    }
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const [row] = this.#sql
      .exec("SELECT size FROM invex_r2_files WHERE id = ? AND size >= 0", id)
      .toArray() as { size: number }[];
    return row && this.#slices(id, start, Math.min(end, row.size));
  }

  async delete(id: string): Promise<void> {
    await this.#bucket.delete(this.#key(id));
    this.#sql.exec("DELETE FROM invex_r2_files WHERE id = ?", id);
  }

  ids(): string[] {
    const rows = this.#sql.exec("SELECT id FROM invex_r2_files").toArray() as { id: string }[];
    return rows.map(({ id }) => id);
  }

  #key(id: string): string {
    return `${this.#prefix}${id}`;
  }

  /** @returns how many bytes there were */
  async #upload(key: string, content: AsyncIterable<Uint8Array>): Promise<number> {
    const parts = inFileChunks(content, PART_BYTES);
    const { value: first = new Uint8Array() } = await parts.next();
    if (first.length === PART_BYTES) return this.#uploadParts(key, first, parts);
    await this.#bucket.put(key, first);
    return first.length;
  }

  async #uploadParts(
    key: string,
    first: Uint8Array,
    rest: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const upload = await this.#bucket.createMultipartUpload(key);
    try {
      const parts = [await upload.uploadPart(1, first)];
      let size = first.length;
      for await (const part of rest) {
        if (part.length === 0) break;
        parts.push(await upload.uploadPart(parts.length + 1, part));
        size += part.length;
      }
      await upload.complete(parts);
      return size;
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  async *#slices(id: string, start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (start >= end) return;
    const range = { offset: start, length: end - start };
    const found = await this.#bucket.get(this.#key(id), { range });
    const body = found?.body;
    if (body == null) {
      throw persistenceError("failed", `File "${id}" was deleted while it was read.`, { id });
    }
    const reader = body.getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        yield next.value as Uint8Array<ArrayBuffer>;
      }
    } finally {
      await reader.cancel();
    }
  }
}
