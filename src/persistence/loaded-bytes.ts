/**
 * How many bytes of documents a backend holds in memory, about, and how many it may. The bound is
 * there to be met early, with a clear error, where the platform would just end the process.
 */
import type { InvexError } from "../shared/errors";
import { persistenceError } from "./persistence-error";

/** What a document takes beside its own bytes: cell, keys in a few indexes. Measured: 530 to 580. */
const BYTES_AROUND = 550;

/** @param size as Convex counts it */
export function loadedSize(size: number): number {
  return size + BYTES_AROUND;
}

export class LoadedBytes {
  readonly #max: number;
  #bytes = 0;

  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max;
  }

  get isBounded(): boolean {
    return this.#max !== Number.POSITIVE_INFINITY;
  }

  /** More, or with a negative number fewer, are held. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** @throws InvexError `PersistenceFailed` when `bytes` of a table are too many beside the rest */
  mustHaveRoomFor(table: string, bytes: number): void {
    if (this.#bytes + bytes <= this.#max) return;
    throw persistenceError(
      "full",
      `Table "${table}" cannot be loaded: this backend may hold ${this.#max} bytes of documents in memory, has ${this.#bytes} and would have more than that with it. Split the data over several backends, keep less of it, or raise the bound if there is memory.`,
      { table, maxBytes: this.#max },
    );
  }

  /** Why a commit that lets documents grow by `bytes` cannot be, if it cannot. */
  refusalOf(bytes: number): InvexError | undefined {
    if (bytes <= 0 || this.#bytes + bytes <= this.#max) return undefined;
    return persistenceError(
      "full",
      `This backend is full: it holds ${this.#bytes} bytes of documents and may hold ${this.#max}, so nothing can be added. What is there can still be changed and deleted. Split the data over several backends, keep less of it, or raise the bound if there is memory.`,
      { maxBytes: this.#max },
    );
  }
}
