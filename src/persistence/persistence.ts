/**
 * The port behind which a backend's data outlives its process: rows of text by (table, id), a few
 * named texts, and the bytes of files. What the rows mean is not an adapter's business; `conformance.ts`
 * holds every adapter to what is written here.
 */

/** Where a backend keeps its data. Given to `createBackend({ persistence })`. */
export interface Persistence {
  /**
   * Claims the store for one backend and reads what is needed to begin.
   * A second claim, by anybody, fails until the first store is closed or its process is gone.
   * @throws what `persistence-error.ts` makes: the store is taken, or is not one, or cannot be
   * written. Nothing has been changed then.
   */
  open(): PersistentStore | Promise<PersistentStore>;
}

/** A store that is claimed. */
export interface PersistentStore {
  /** The named texts, as the last whole `write` left them. A few dozen short ones. */
  readonly meta: ReadonlyMap<string, string>;
  /** Whether the rows of a table are read when it is first used, rather than when the backend begins. */
  readonly isLazy: boolean;
  /**
   * Most bytes of documents the backend may hold in memory: as Convex counts them, and 550 each for
   * what surrounds them. Beyond it, tables are not read and commits that let documents grow are
   * refused, while the backend goes on.
   * Absent: as many as there are.
   */
  readonly maxBytes?: number;

  /**
   * The rows of one table, in any order, in batches of any size. A backend asks for each table once,
   * before it writes to it, and reads to the end at once.
   * Cost: O(rows of the table). Memory: a batch.
   */
  rows(table: number): Iterable<readonly StoredRow[]>;

  /**
   * Durable, all of it or nothing, when it returns or its promise resolves; what durable means (a
   * crash of the process, of the machine) is the adapter's to say. Writes come one at a time, each
   * after the one before has ended. A throw or a rejection means that nobody knows what the store
   * holds: the backend writes no more and stops.
   */
  write(batch: WriteBatch): void | Promise<void>;

  /** The bytes of files. */
  readonly files: FileBytes;

  /** Gives up the claim. What was written stays. */
  close(): void | Promise<void>;
}

export interface StoredRow {
  readonly id: string;
  /** Any text without U+0000. */
  readonly text: string;
}

/** What one or more commits changed. */
export interface WriteBatch {
  /** At most one of each (table, id), in no order that matters. */
  readonly rows: readonly RowChange[];
  /** Named texts to be set. */
  readonly meta: readonly MetaChange[];
}

export interface RowChange {
  /** From 1 on, given by the backend and small. */
  readonly table: number;
  readonly id: string;
  readonly change: RowChangeKind;
  /** The row's text afterwards; absent for a deletion. */
  readonly text?: string;
}

/**
 * `insert`: there was no such row. `update`: there was one. `delete`: there was one. An adapter may
 * refuse (throw) when that is not so: then the store is not the one the backend knows.
 */
export type RowChangeKind = "insert" | "update" | "delete";

export interface MetaChange {
  readonly name: string;
  readonly text: string;
}

/** Bytes by id, the ids being the caller's. Immutable once put; an id is never used twice. */
export interface FileBytes {
  /**
   * Durable when the promise resolves. When `content` throws, or the store fails, nothing is kept
   * and the promise rejects with that error. Chunks stay the caller's.
   */
  put(id: string, content: AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * The bytes from `start` to before `end` (or to the last one), in chunks that are the receiver's
   * own. The caller owes `0 <= start <= end`. What was deleted meanwhile ends in an error.
   * @returns `undefined` when there are none of that id
   */
  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined;

  /** Unknown ids are fine. */
  delete(id: string): void | Promise<void>;

  /** All ids, those of puts that a crash interrupted among them: what no row names is deleted. */
  ids(): Iterable<string> | Promise<Iterable<string>>;
}
