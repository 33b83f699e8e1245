/**
 * The host's clock. It looks up `Date.now` and `setTimeout` at each call, so timers faked before or
 * after it was made work; it survives delays longer than `setTimeout` can hold, machine sleep, and
 * a wall clock that jumps; and no timer of its own keeps a process alive.
 *
 * When the host's timers are swapped while wakes are pending (a test installs fake timers), the next
 * call of any method moves them to the new ones. From inside a sandbox that swaps them for functions,
 * call it through `outsideClock`.
 */

import type { Clock, Wake } from "./clock";

/** The longest delay `setTimeout` takes; anything above fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Real timers do not count the time a machine sleeps, so a long wait is cut into pieces: after
 * waking up, a wake is at most this late. Faked timers never sleep and get one piece, because each
 * piece is a step of `vi.runAllTimers`, which gives up after 10,000.
 */
const pieceMs = 60_000;

/** A clock on the host's `Date` and timers. Each call makes one of its own. */
export function systemClock(): Clock {
  return new SystemClock();
}

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
  disarm: () => void;
}

class SystemClock implements Clock {
  readonly #pending = new Set<PendingWake>();
  #armedWith: unknown;

  now(): number {
    this.#followHost();
    return globalThis.Date.now();
  }

  schedule(atMs: number, wake: Wake): () => void {
    this.#followHost();
    const pending: PendingWake = { atMs, wake, disarm: () => {} };
    this.#pending.add(pending);
    this.#arm(pending);
    return () => {
      this.#pending.delete(pending);
      pending.disarm();
    };
  }

  /** Moves every pending wake over when somebody replaced the host's timers. */
  #followHost(): void {
    if (this.#armedWith === globalThis.setTimeout) return;
    this.#armedWith = globalThis.setTimeout;
    for (const pending of this.#pending) {
      pending.disarm();
      this.#arm(pending);
    }
  }

  #arm(pending: PendingWake): void {
    const remainingMs = Math.max(0, Math.ceil(pending.atMs - globalThis.Date.now()));
    const timer = globalThis.setTimeout(
      () => this.#fire(pending),
      Math.min(remainingMs, longestPieceMs()),
    );
    unref(timer);
    // The one that goes with this setTimeout: a faked clearTimeout refuses real timers.
    const clear = globalThis.clearTimeout;
    pending.disarm = () => clear(timer);
  }

  /** A timer may come early: a piece of the wait, a fraction of a millisecond, a clock set back. */
  #fire(pending: PendingWake): void {
    if (!this.#pending.has(pending)) return;
    if (globalThis.Date.now() < pending.atMs) {
      this.#arm(pending);
      return;
    }
    this.#pending.delete(pending);
    void pending.wake();
  }
}

function longestPieceMs(): number {
  // Fake timers of sinon's kind (vitest, jest) mark the functions they replace.
  return "clock" in globalThis.setTimeout ? longestTimerMs : pieceMs;
}

function unref(timer: unknown): void {
  const handle = timer as { unref?: () => void } | number;
  if (typeof handle === "object") handle.unref?.();
}
