/**
 * The clock of a backend under test: the system clock, faked or not, that can also be moved forward
 * by hand. Moving it moves the backend's time only; the test's own stays.
 */
import { sandbox } from "../functions/sandbox/sandbox";
import type { Wake } from "../shared/clock";
import { userError } from "../shared/errors";
import type { ManualClock } from "../shared/manual-clock";
import { systemClock } from "../shared/system-clock";

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
  disarm: () => void;
}

export class TestClock implements ManualClock {
  readonly #system = systemClock();
  readonly #pending = new Set<PendingWake>();
  /** How far ahead of the system's clock it is. */
  #aheadMs: number;
  #isMoving = false;

  constructor(aheadMs = 0) {
    this.#aheadMs = aheadMs;
  }

  now(): number {
    return sandbox.outside(() => this.#system.now()) + this.#aheadMs;
  }

  schedule(atMs: number, wake: Wake): () => void {
    const pending: PendingWake = { atMs, wake, disarm: () => {} };
    this.#pending.add(pending);
    if (!this.#isMoving) this.#arm(pending);
    return () => {
      this.#pending.delete(pending);
      pending.disarm();
    };
  }

  nextWake(): number | undefined {
    return this.#earliest()?.atMs;
  }

  /** While it moves, nothing wakes by itself. */
  async advanceTo(atMs: number): Promise<void> {
    if (this.#isMoving) throw moving();
    this.#isMoving = true;
    for (const pending of this.#pending) pending.disarm();
    try {
      for (let next = this.#takeUntil(atMs); next !== undefined; next = this.#takeUntil(atMs)) {
        this.#moveTo(next.atMs);
        await next.wake();
      }
      this.#moveTo(atMs);
    } finally {
      this.#isMoving = false;
      for (const pending of this.#pending) this.#arm(pending);
    }
  }

  fork(): TestClock {
    return new TestClock(this.#aheadMs);
  }

  #moveTo(atMs: number): void {
    this.#aheadMs += Math.max(0, atMs - this.now());
  }

  #arm(pending: PendingWake): void {
    const fire = () => {
      if (this.#isMoving || !this.#pending.delete(pending)) return;
      return pending.wake();
    };
    const cancel = sandbox.outside(() => this.#system.schedule(pending.atMs - this.#aheadMs, fire));
    pending.disarm = () => sandbox.outside(cancel);
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

function moving(): Error {
  return userError(
    "ArgumentsInvalid",
    "The clock is already being moved. Await the first advance() before the next.",
  );
}
