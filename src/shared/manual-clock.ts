/**
 * A clock that stands still until it is told to move: for tests, simulations and reproducible runs.
 *
 * Time never moves by itself, not even for a wake that is due: who advances the clock runs what is
 * due. It moves from wake to wake in order of time and waits for what each began, so several
 * backends may share one clock. `backend.advance()` is the usual way to drive it.
 */

import type { Clock, Wake } from "./clock";
import { userError } from "./errors";

/** A {@link Clock} driven by hand. */
export interface ManualClock extends Clock {
  /** When the earliest pending wake is due; `undefined` when nothing is pending. O(pending wakes). */
  nextWake(): number | undefined;

  /**
   * Moves time to `atMs`. Every wake due on the way is called at its own time, earliest first, ties
   * in the order they were asked for, each to the end of its promise, wakes asked for meanwhile
   * included. A wake that throws or rejects ends the move there, with its error.
   *
   * @throws InvexError `ArgumentsInvalid` when `atMs` lies in the past or is not finite, and when the
   * clock is already being moved: await the first move before the next.
   */
  advanceTo(atMs: number): Promise<void>;
}

/**
 * A clock that only moves when told to.
 *
 * @param start where it begins: milliseconds since the epoch, a `Date`, or a date string. Default:
 * 2025-01-01T00:00:00Z, always the same so that runs can be repeated.
 * @throws InvexError `ArgumentsInvalid` when `start` is no date.
 * @example
 * const backend = createBackend({ modules, clock: manualClock("2025-06-01T12:00:00Z") });
 * const report = await backend.advance({ days: 3 });
 */
export function manualClock(start: number | Date | string = Date.UTC(2025, 0, 1)): ManualClock {
  return new SteppedClock(startMs(start));
}

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
}

class SteppedClock implements ManualClock {
  #now: number;
  #moving = false;
  /** In the order they were asked for. A backend has one wake pending at most: a scan is enough. */
  readonly #pending = new Set<PendingWake>();

  constructor(nowMs: number) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now;
  }

  schedule(atMs: number, wake: Wake): () => void {
    const pending = { atMs, wake };
    this.#pending.add(pending);
    return () => {
      this.#pending.delete(pending);
    };
  }

  fork(): ManualClock {
    return new SteppedClock(this.#now);
  }

  nextWake(): number | undefined {
    return this.#earliest()?.atMs;
  }

  async advanceTo(atMs: number): Promise<void> {
    this.#checkMove(atMs);
    this.#moving = true;
    try {
      for (let next = this.#takeUntil(atMs); next !== undefined; next = this.#takeUntil(atMs)) {
        this.#now = Math.max(this.#now, next.atMs);
        await next.wake();
      }
      this.#now = atMs;
    } finally {
      this.#moving = false;
    }
  }

  #checkMove(atMs: number): void {
    if (this.#moving) {
      throw userError(
        "ArgumentsInvalid",
        "The clock is already being moved. Await the first advance() before the next; a function that runs as a job cannot move the clock it waits for.",
      );
    }
    if (Number.isFinite(atMs) && atMs >= this.#now) return;
    throw userError(
      "ArgumentsInvalid",
      `A manual clock at ${this.#now} cannot move to ${atMs}: time goes forward only.`,
      { now: this.#now, to: atMs },
    );
  }

  #takeUntil(atMs: number): PendingWake | undefined {
    const next = this.#earliest();
    if (next === undefined || next.atMs > atMs) return undefined;
    this.#pending.delete(next);
    return next;
  }

  #earliest(): PendingWake | undefined {
    let earliest: PendingWake | undefined;
    for (const pending of this.#pending) {
      if (earliest === undefined || pending.atMs < earliest.atMs) earliest = pending;
    }
    return earliest;
  }
}

function startMs(start: number | Date | string): number {
  const ms = typeof start === "number" ? start : new Date(start).getTime();
  if (Number.isFinite(ms)) return ms;
  throw userError("ArgumentsInvalid", `A manual clock cannot start at ${String(start)}: no date.`, {
    start,
  });
}
