/** Passes bytes on and knows, once they are through, how many they were and their SHA-256. */
import { sha256 } from "@noble/hashes/sha2.js";
import { fromByteArray } from "../values/base64";

export class MeasuredBytes implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterable<Uint8Array>;
  // Incremental, which Web Crypto is not: it would need the whole file in one piece.
  readonly #hash = sha256.create();
  #size = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#chunks) {
      this.#hash.update(chunk);
      this.#size += chunk.length;
      yield chunk;
    }
  }

  /** @returns the digest in base64, and the number of bytes */
  end(): { sha256: string; size: number } {
    return { sha256: fromByteArray(this.#hash.digest()), size: this.#size };
  }
}
