/**
 * The files of one backend: their bytes, their URLs and what becomes of bytes whose row does not.
 *
 * A row of `_storage` is what makes a file exist. Bytes are kept before the row is written and
 * deleted after the commit that removed it, so a row always has its bytes; bytes without a row are
 * nobody's and are deleted as soon as that is certain.
 */
import type { CommitRecord } from "../db/commit-record";
import type { Transaction } from "../db/transaction";
import { userError } from "../shared/errors";
import type { Late } from "../shared/late";
import type { Random } from "../shared/random";
import type { BlobStore } from "./blob-store";
import type { FileCryptography } from "./file-cryptography";
import { blobIdOf, type FileFacts, rowOf, STORAGE } from "./file-row";
import type { UploadPermit } from "./storage-keys";

export interface FilesOptions {
  readonly blobs: BlobStore;
  readonly random: Random;
  /** Loaded by the first file or upload URL. */
  readonly cryptography: Late<FileCryptography>;
  /** Where the backend is reached, without a slash at the end. */
  readonly origin: string;
  /** Told of bytes that could not be deleted. */
  readonly onError: (error: unknown) => void;
}

/** Bytes to be kept, and what is said of them. */
export interface NewContent {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly contentType: string | undefined;
  /** Base64; refused when it is not the bytes' own. */
  readonly sha256?: string | undefined;
  /** The UUID of a file that has had one elsewhere. Default: a new one. */
  readonly storageId?: string | undefined;
}

export class Files {
  readonly #options: FilesOptions;
  /** Files kept on behalf of transactions that have not ended. */
  readonly #undecided = new WeakMap<Transaction, string[]>();
  #holds = 0;
  /** Bytes to be deleted when nobody holds them any more. */
  readonly #held: string[] = [];

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /**
   * Keeps bytes. The caller owes them a row, or a `discard`.
   * @throws InvexError `StorageInvalid` when the digest is another; whatever `chunks` throws. Nothing
   * is kept then.
   */
  async keep(content: NewContent): Promise<FileFacts> {
    const { chunks, contentType, sha256: expected, storageId } = content;
    const { blobs, random, cryptography } = this.#options;
    const { keys, measure } = await cryptography.ready();
    // Never under a UUID from elsewhere: a file of the same one may be there, or may be imported again.
    const blobId = keys.newUuid(random);
    const measured = measure(chunks);
    await blobs.put(blobId, measured);
    const { sha256, size } = measured.end();
    if (expected !== undefined && expected !== sha256) {
      await this.discard(blobId);
      throw userError(
        "StorageInvalid",
        `Sha256 mismatch. Expected: ${expected} Actual: ${sha256}`,
        {
          expected,
          actual: sha256,
        },
      );
    }
    const facts = { sha256, size, contentType };
    return storageId === undefined
      ? { storageId: blobId, ...facts }
      : { storageId, blobId, ...facts };
  }

  /** Bytes that were kept for `tx` are deleted if it ends without a row for them. */
  keptFor(tx: Transaction, blobId: string): void {
    const kept = this.#undecided.get(tx);
    if (kept === undefined) this.#undecided.set(tx, [blobId]);
    else kept.push(blobId);
  }

  /** To be called when a transaction has ended; `record` is what it committed, if anything. */
  transactionEnded(tx: Transaction, record: CommitRecord | undefined): void {
    const kept = this.#undecided.get(tx);
    if (kept === undefined) return;
    this.#undecided.delete(tx);
    const written = new Set<string>();
    for (const { table, after } of record?.changes ?? []) {
      if (table.name === STORAGE && after !== undefined) written.add(blobIdOf(rowOf(after)));
    }
    for (const blobId of kept) if (!written.has(blobId)) void this.discard(blobId);
  }

  /** To be called for every published commit: deletes the bytes of files that are no more. */
  onCommit({ changes }: CommitRecord): void {
    for (const { table, before, after } of changes) {
      if (table.name !== STORAGE || before === undefined) continue;
      const old = blobIdOf(rowOf(before));
      if (after !== undefined && blobIdOf(rowOf(after)) === old) continue;
      if (this.#holds === 0) void this.discard(old);
      else this.#held.push(old);
    }
  }

  /** Deletes what a crash left behind: those of `stored` that no row names. */
  async sweep(stored: Iterable<string>, named: ReadonlySet<string>): Promise<void> {
    for (const id of stored) if (!named.has(id)) await this.discard(id);
  }

  /**
   * Keeps the bytes of files that are deleted from now on, for whoever reads an older version.
   * @returns lets go of them; further calls do nothing
   */
  hold(): () => void {
    this.#holds += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      if (this.#holds === 0) for (const blobId of this.#held.splice(0)) void this.discard(blobId);
    };
  }

  /** Deletes bytes without a row. Never rejects. */
  async discard(blobId: string): Promise<void> {
    const { blobs, onError } = this.#options;
    try {
      await blobs.delete(blobId);
    } catch (error) {
      onError(error);
    }
  }

  /** The bytes from `start` to before `end`; `undefined` when they were deleted meanwhile. */
  read(
    file: FileFacts,
    start = 0,
    end = file.size,
  ): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    return this.#options.blobs.read(blobIdOf(file), start, end);
  }

  /** A whole file; `null` when it was deleted meanwhile. */
  async blob(file: FileFacts): Promise<Blob | null> {
    const chunks = this.read(file);
    if (chunks === undefined) return null;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return new Blob(parts, { type: file.contentType ?? "" });
  }

  /** The public URL of a file of `component`. */
  urlOf(component: string, storageId: string): string {
    const owner = component === "" ? "" : `?component=${encodeURIComponent(component)}`;
    return `${this.#options.origin}/api/storage/${storageId}${owner}`;
  }

  /** Where to POST files to, for an hour. */
  async uploadUrl(component: string, nowMs: number): Promise<string> {
    const { keys } = await this.#options.cryptography.ready();
    const token = keys.uploadToken(component, nowMs);
    return `${this.#options.origin}/api/storage/upload?token=${token}`;
  }

  /** Reads what {@link uploadUrl} put into a URL. */
  async permitOf(token: string, nowMs: number): Promise<UploadPermit> {
    const { keys } = await this.#options.cryptography.ready();
    return keys.readUploadToken(token, nowMs);
  }

  /** An independent copy, in memory, that knows the same URLs. */
  fork(random: Random): Files {
    return new Files({ ...this.#options, blobs: this.#options.blobs.fork(), random });
  }
}
