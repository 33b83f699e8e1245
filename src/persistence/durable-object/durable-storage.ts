/**
 * What is asked of a Durable Object with SQLite storage: the part of Cloudflare's
 * `DurableObjectState` in use, so that nothing of theirs is imported.
 */

export interface DurableContext {
  readonly id: { readonly name?: string | undefined; toString(): string };
  readonly storage: DurableStorage;
  /** Throws everything in memory away; the object begins anew with its next event. */
  abort(reason?: string): void;
}

export interface DurableStorage {
  readonly sql: DurableSql;
  transactionSync<T>(body: () => T): T;
}

export interface DurableSql {
  /** At most 100 bindings a statement. */
  exec(query: string, ...bindings: SqlValue[]): DurableCursor;
}

export interface DurableCursor {
  /** Rows as objects by column. */
  toArray(): unknown[];
  /** Rows as arrays, read as they are asked for. */
  raw(): Iterable<unknown[]>;
  /** Correct once the cursor has been read to its end. */
  readonly rowsWritten: number;
}

/** No `bigint`, which throws, and no booleans, which become texts. */
export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;

/** A statement's limit. */
export const MAX_BINDINGS = 100;

/** Of the 2 MB a row may hold, what one value of ours takes at most. */
export const MAX_VALUE_BYTES = 1_800_000;

/** `items` in slices of at most `size`. */
export function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/**
 * `text` in parts that fit a value each. Never cut between the halves of a pair, which mean nothing
 * alone.
 */
export function textParts(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + PART_UNITS, text.length);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last < 0xdc00 && end < text.length) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/** UTF-16 units a part: at most three bytes each. */
const PART_UNITS = MAX_VALUE_BYTES / 3;
