/**
 * Which past versions of the store somebody still reads. Writers ask it whether they may overwrite
 * in place, and what may be forgotten.
 */
import { must } from "../shared/assert";
import type { Timestamp } from "./timestamp";

/** A right to read the store as it was after commit `ts`. Release it when done. */
export interface Snapshot {
  readonly ts: Timestamp;
  /** Further calls do nothing. */
  release(): void;
}

interface Held {
  readonly seq: number;
  count: number;
}

export class LiveSnapshots {
  /** Ascending by `seq`; only few distinct ones are ever alive. */
  readonly #held: Held[] = [];
  readonly #onOldestReleased: () => void;

  /** @param onOldestReleased called when history may have become unreachable */
  constructor(onOldestReleased: () => void) {
    this.#onOldestReleased = onOldestReleased;
  }

  /** `ts` is the newest version, or one that is still held by somebody else. Cost: O(1). */
  acquire(ts: Timestamp): Snapshot {
    return new HeldSnapshot(ts, this, this.#hold(ts.seq));
  }

  /** For the snapshots handed out: one right less to read what `held` holds. */
  release(held: Held): void {
    held.count -= 1;
    if (held.count > 0) return;
    const position = this.#held.indexOf(held);
    if (position === this.#held.length - 1) this.#held.pop();
    else this.#held.splice(position, 1);
    if (position === 0) this.#onOldestReleased();
  }

  /** Whether anybody reads a version `v` with `from <= v <= to`. */
  hasWithin(from: number, to: number): boolean {
    for (let i = this.#held.length - 1; i >= 0; i--) {
      const { seq } = must(this.#held[i]);
      if (seq < from) return false;
      if (seq <= to) return true;
    }
    return false;
  }

  /** The oldest version anybody reads, or `undefined` when nobody reads any. */
  get oldest(): number | undefined {
    return this.#held[0]?.seq;
  }

  #hold(seq: number): Held {
    let position = this.#held.length;
    while (position > 0 && must(this.#held[position - 1]).seq > seq) position -= 1;
    const held = this.#held[position - 1];
    if (held?.seq === seq) {
      held.count += 1;
      return held;
    }
    const added = { seq, count: 1 };
    if (position === this.#held.length) this.#held.push(added);
    else this.#held.splice(position, 0, added);
    return added;
  }
}

class HeldSnapshot implements Snapshot {
  readonly ts: Timestamp;
  readonly #live: LiveSnapshots;
  #held: Held | undefined;

  constructor(ts: Timestamp, live: LiveSnapshots, held: Held) {
    this.ts = ts;
    this.#live = live;
    this.#held = held;
  }

  release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#live.release(held);
  }
}
