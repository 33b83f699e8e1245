/** The recent commits, as long as somebody may have to compare his reads with them. */
import type { CommitRecord } from "./commit-record";

export class CommitLog {
  #records: CommitRecord[] = [];
  /** Documents changed by the records kept. */
  #changes = 0;
  /** Sequence number of the first record kept. */
  #firstSeq: number;

  constructor(latestSeq: number) {
    this.#firstSeq = latestSeq + 1;
  }

  /** Records follow each other without a gap. */
  append(record: CommitRecord): void {
    this.#records.push(record);
    this.#changes += record.changes.length;
  }

  /** Commits after `seq`, oldest first; `undefined` when some of them are forgotten. Cost: O(result). */
  since(seq: number): readonly CommitRecord[] | undefined {
    const skip = seq + 1 - this.#firstSeq;
    if (skip < 0) return undefined;
    return skip >= this.#records.length ? NONE : this.#records.slice(skip);
  }

  /**
   * Forgets commits up to `seq`, except the newest `REMEMBERED_COMMITS` as long as they changed no
   * more than `REMEMBERED_CHANGES` documents. In batches, so that it is O(1) a commit and a change.
   */
  trim(seq: number): void {
    const unneeded = Math.min(seq + 1 - this.#firstSeq, this.#records.length);
    const excess = Math.max(this.#records.length - REMEMBERED_COMMITS, 0);
    let count = Math.min(unneeded, excess < TRIM_BATCH ? 0 : excess);
    if (this.#changes > 2 * REMEMBERED_CHANGES) {
      let left = this.#changes;
      for (let i = 0; i < unneeded && left > REMEMBERED_CHANGES; i++) {
        left -= this.#records[i]?.changes.length ?? 0;
        count = Math.max(count, i + 1);
      }
    }
    if (count === 0) return;
    for (const { changes } of this.#records.splice(0, count)) this.#changes -= changes.length;
    this.#firstSeq += count;
  }
}

/** Remembered, at least, for whoever compares old reads with them: beyond, reading anew is cheaper. */
const REMEMBERED_COMMITS = 256;
const REMEMBERED_CHANGES = 512;

const NONE: readonly CommitRecord[] = [];
const TRIM_BATCH = 64;
