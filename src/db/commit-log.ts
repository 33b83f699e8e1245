/** The recent commits, as long as somebody may have to compare his reads with them. */
import type { CommitRecord } from "./commit-record";

export class CommitLog {
  #records: CommitRecord[] = [];
  /** Sequence number of the first record kept. */
  #firstSeq: number;

  constructor(latestSeq: number) {
    this.#firstSeq = latestSeq + 1;
  }

  /** Records follow each other without a gap. */
  append(record: CommitRecord): void {
    this.#records.push(record);
  }

  /** Commits after `seq`, oldest first; `undefined` when some of them are forgotten. Cost: O(result). */
  since(seq: number): readonly CommitRecord[] | undefined {
    const skip = seq + 1 - this.#firstSeq;
    if (skip < 0) return undefined;
    return skip >= this.#records.length ? NONE : this.#records.slice(skip);
  }

  /** Forgets commits up to `seq`; in batches, so that it is O(1) a commit. */
  trim(seq: number): void {
    const excess = seq + 1 - this.#firstSeq;
    if (excess < TRIM_BATCH) return;
    this.#records.splice(0, excess);
    this.#firstSeq += excess;
  }
}

const NONE: readonly CommitRecord[] = [];
const TRIM_BATCH = 64;
