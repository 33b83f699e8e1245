/** Blobs in memory: blocks of a fixed size, shared between forks and never written again. */
import { LayeredMap } from "../db/layered-map";
import type { BlobStore } from "./blob-store";

const BLOCK_BYTES = 64 * 1024;

type Blocks = readonly Uint8Array<ArrayBuffer>[];

/** A deleted blob, as long as a fork may still know it. */
const DELETED: Blocks = [];

export class MemoryBlobStore implements BlobStore {
  readonly #blobs: LayeredMap<Blocks>;

  constructor(blobs = new LayeredMap<Blocks>()) {
    this.#blobs = blobs;
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const writer = new BlockWriter();
    for await (const chunk of content) writer.append(chunk);
    this.#blobs.set(id, writer.end());
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const blocks = this.#blobs.get(id);
    return blocks === undefined || blocks === DELETED ? undefined : slices(blocks, start, end);
  }

  delete(id: string): void {
    if (this.#blobs.get(id) === undefined) return;
    this.#blobs.set(id, DELETED);
    this.#blobs.remove(id);
  }

  fork(): MemoryBlobStore {
    return new MemoryBlobStore(this.#blobs.fork());
  }
}

/** Gathers chunks of any size in whole blocks, so that a thousand tiny ones cost what they hold. */
class BlockWriter {
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  #block = new Uint8Array(BLOCK_BYTES);
  #filled = 0;

  append(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + BLOCK_BYTES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === BLOCK_BYTES) this.#next();
    }
  }

  end(): Blocks {
    if (this.#filled > 0) this.#blocks.push(this.#block.slice(0, this.#filled));
    return this.#blocks;
  }

  #next(): void {
    this.#blocks.push(this.#block);
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#filled = 0;
  }
}

/** Copies, because whoever reads may write into what it got. */
async function* slices(blocks: Blocks, start: number, end: number) {
  for (let at = start; at < end; ) {
    const offset = at % BLOCK_BYTES;
    const block = blocks[Math.floor(at / BLOCK_BYTES)];
    const slice = block?.slice(offset, offset + end - at);
    if (slice === undefined || slice.length === 0) return;
    yield slice;
    at += slice.length;
  }
}
