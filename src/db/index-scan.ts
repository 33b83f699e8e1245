/**
 * Rows of an index range, pulled one by one. Fetches ahead in chunks (rows of a fetched chunk do not
 * see later writes of the same transaction, rows beyond it do: engine.md 5.6), but charges and
 * records only what was pulled, so an early end leaves the rest unread (law 2).
 */
import { must } from "../shared/assert";
import { userError } from "../shared/errors";
import type { DocumentVersion } from "./document";
import { keepFrom } from "./document-cell";
import { after } from "./index-key";
import type { IndexPlan } from "./index-plan";
import type { KeyRange } from "./key-range";
import type { ReadRange } from "./read-set";
import type { Rows } from "./table-store";
import type { Transaction } from "./transaction";

const CHUNK = 100;
const MAX_CHUNK = 1024;

/** A source of documents in a fixed order. */
export interface Source {
  /**
   * The next row, or `undefined` when there is none.
   * @param wanted rows the caller will still pull at most, if it knows
   */
  next(wanted: number | undefined): DocumentVersion | undefined;
}

export interface ScanOptions {
  readonly index: IndexPlan;
  readonly range: KeyRange;
  /** See `CompiledRange`. */
  readonly prefix: string;
  readonly reversed: boolean;
}

/** Hard stops of a page (engine.md 5.7); none while an end cursor is given. */
export interface ScanBudget {
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
}

export class IndexScan implements Source {
  readonly #tx: Transaction;
  readonly #options: ScanOptions;
  readonly #budget: ScanBudget | undefined;
  #rows: Rows = { keys: [], versions: [] };
  #position = 0;
  #isHeld = false;
  /** Nothing is left to fetch. */
  #isFetched = false;
  #consumed: ReadRange | undefined;
  /** Keys of the rows pulled, in order, when asked for. */
  readonly pulledKeys: string[] | undefined;
  #lastKey: string | undefined;
  #hasSeenEnd = false;
  #rowsFetched = 0;
  #bytesPulled = 0;

  /** @param page keep the keys of pulled rows, and stop at the budget if there is one */
  constructor(tx: Transaction, options: ScanOptions, page?: { budget: ScanBudget | undefined }) {
    this.#tx = tx;
    this.#options = options;
    this.#budget = page?.budget;
    this.pulledKeys = page && [];
  }

  /** Whether the scan has observed that nothing is left. */
  get hasSeenEnd(): boolean {
    return this.#hasSeenEnd;
  }

  get lastKey(): string | undefined {
    return this.#lastKey;
  }

  get rowsFetched(): number {
    return this.#rowsFetched;
  }

  get bytesPulled(): number {
    return this.#bytesPulled;
  }

  next(wanted: number | undefined): DocumentVersion | undefined {
    if (this.#budget?.bytes !== undefined && this.#bytesPulled >= this.#budget.bytes) {
      throw pageIsFull();
    }
    if (this.#position >= this.#rows.versions.length) {
      if (!this.#isFetched) this.#fetch(wanted);
      if (this.#position >= this.#rows.versions.length) return this.#end();
    }
    return this.#pull();
  }

  /** To be called before commits may happen between one `next` and another. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    keepFrom(this.#rows, this.#position);
  }

  #pull(): DocumentVersion {
    const version = must(this.#rows.versions[this.#position]);
    const key = must(this.#rows.keys[this.#position]);
    this.#tx.chargeRow(this.#options.index.table, version);
    this.#position += 1;
    this.#lastKey = key;
    this.#record(key);
    this.#bytesPulled += version.size;
    this.pulledKeys?.push(key);
    return version;
  }

  #end(): undefined {
    this.#hasSeenEnd = true;
    this.#record(undefined);
    return undefined;
  }

  #record(edge: string | undefined): void {
    if (this.#consumed !== undefined) {
      this.#consumed.extendTo(edge);
      return;
    }
    const { index, range, prefix, reversed } = this.#options;
    this.#consumed = this.#tx.consume(index, range, prefix, reversed, edge);
  }

  #fetch(wanted: number | undefined): void {
    const { index, reversed } = this.#options;
    const rows: Rows = { keys: [], versions: [] };
    const limit = this.#chunkSize(wanted);
    const sawEnd = this.#tx.peekRows(index, this.#unfetched(), reversed, limit, rows);
    // Under a maximum of rows Convex does not look behind a full chunk, so neither do we: a page of
    // exactly that many rows is cut, although nothing follows (engine.md 5.7).
    this.#isFetched = sawEnd && (this.#budget?.rows === undefined || rows.keys.length < limit);
    this.#rows = rows;
    this.#position = 0;
    this.#isHeld = false;
    this.#rowsFetched += rows.keys.length;
  }

  #chunkSize(wanted: number | undefined): number {
    const size = Math.min(Math.max(wanted ?? CHUNK, 1), MAX_CHUNK);
    if (this.#budget?.rows === undefined) return size;
    const left = this.#budget.rows - this.#rowsFetched;
    if (left <= 0) throw pageIsFull();
    return Math.min(size, left);
  }

  #unfetched(): KeyRange {
    const { range, reversed } = this.#options;
    if (this.#lastKey === undefined) return range;
    return reversed
      ? { lower: range.lower, upper: this.#lastKey }
      : { lower: after(this.#lastKey), upper: range.upper };
  }
}

/** Ends a page early; `pagination.ts` turns it into `SplitRequired`. */
function pageIsFull(): Error {
  return userError("PaginationLimit", "The page has read as much as it may.");
}
