/**
 * Blobs that outlive the process, as a `BlobStore`: the bytes are a persistence adapter's. A fork
 * lives in memory above them; what it may still read is copied for it before it is deleted below.
 */
import type { BlobStore } from "./blob-store";
import { MemoryBlobStore } from "./memory-blob-store";

/** What an adapter offers (`persistence/persistence.ts`): a `BlobStore` that cannot fork. */
export type DurableBytes = Omit<BlobStore, "fork">;

export class DurableBlobStore implements BlobStore {
  readonly #bytes: DurableBytes;
  readonly #forks = new Set<WeakRef<ForkedBlobStore>>();

  constructor(bytes: DurableBytes) {
    this.#bytes = bytes;
  }

  put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#bytes.put(id, content);
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    return this.#bytes.read(id, start, end);
  }

  async delete(id: string): Promise<void> {
    for (const reference of this.#forks) {
      const fork = reference.deref();
      if (fork === undefined) this.#forks.delete(reference);
      else await fork.keep(id);
    }
    await this.#bytes.delete(id);
  }

  fork(): BlobStore {
    return new ForkedBlobStore(this);
  }

  /** To be called for every fork, and every fork of one. */
  register(fork: ForkedBlobStore): void {
    this.#forks.add(new WeakRef(fork));
  }
}

class ForkedBlobStore implements BlobStore {
  readonly #base: DurableBlobStore;
  readonly #own: MemoryBlobStore;
  readonly #deleted: Set<string>;

  constructor(base: DurableBlobStore, own = new MemoryBlobStore(), deleted = new Set<string>()) {
    this.#base = base;
    this.#own = own;
    this.#deleted = deleted;
    base.register(this);
  }

  put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#own.put(id, content);
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#deleted.has(id)) return undefined;
    return this.#own.read(id, start, end) ?? this.#base.read(id, start, end);
  }

  delete(id: string): void {
    this.#own.delete(id);
    this.#deleted.add(id);
  }

  fork(): BlobStore {
    return new ForkedBlobStore(this.#base, this.#own.fork(), new Set(this.#deleted));
  }

  /** Copies what is about to go from below. */
  async keep(id: string): Promise<void> {
    if (this.#deleted.has(id) || this.#own.read(id, 0, 0) !== undefined) return;
    const content = this.#base.read(id, 0, Number.MAX_SAFE_INTEGER);
    if (content !== undefined) await this.#own.put(id, content);
  }
}
