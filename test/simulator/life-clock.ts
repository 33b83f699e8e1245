/** The clock of one life of a backend: the world's time, and wakes that the world calls when it likes. */
import type { Clock, Wake } from "../../src/shared/clock";

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
}

/** The time of a world, for all its backends. */
export interface WorldTime {
  nowMs: number;
}

export class LifeClock implements Clock {
  readonly #time: WorldTime;
  readonly #pending = new Set<PendingWake>();

  constructor(time: WorldTime) {
    this.#time = time;
  }

  now(): number {
    return this.#time.nowMs;
  }

  schedule(atMs: number, wake: Wake): () => void {
    const pending = { atMs, wake };
    this.#pending.add(pending);
    return () => void this.#pending.delete(pending);
  }

  /** A fork shares the time, but nobody wakes it: what it has scheduled waits for ever. */
  fork(): Clock {
    return new LifeClock(this.#time);
  }

  /** When the first wake is due. */
  get nextMs(): number | undefined {
    return this.#first?.atMs;
  }

  get isDue(): boolean {
    return (this.nextMs ?? Number.POSITIVE_INFINITY) <= this.#time.nowMs;
  }

  /** Calls the first wake, which is due; what it begins goes on by itself. */
  wake(): void {
    const first = this.#first as PendingWake;
    this.#pending.delete(first);
    // A wake rejects only into whoever drives the clock, and then tells of nothing but that.
    Promise.resolve(first.wake()).catch(() => {});
  }

  get #first(): PendingWake | undefined {
    let first: PendingWake | undefined;
    for (const pending of this.#pending) {
      if (first === undefined || pending.atMs < first.atMs) first = pending;
    }
    return first;
  }
}
