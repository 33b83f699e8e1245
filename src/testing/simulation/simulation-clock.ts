/**
 * The clock of a simulation: a manual clock whose due wakes can also be called one by one and not
 * waited for, so that what they begin runs beside everything else.
 */
import type { Wake } from "../../shared/clock";
import { type ManualClock, manualClock } from "../../shared/manual-clock";

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
}

export class SimulationClock implements ManualClock {
  #now = manualClock().now();
  readonly #pending = new Set<PendingWake>();

  now(): number {
    return this.#now;
  }

  schedule(atMs: number, wake: Wake): () => void {
    const pending = { atMs, wake };
    this.#pending.add(pending);
    return () => void this.#pending.delete(pending);
  }

  nextWake(): number | undefined {
    return this.#earliest()?.atMs;
  }

  async advanceTo(atMs: number): Promise<void> {
    for (let next = this.#take(atMs); next !== undefined; next = this.#take(atMs)) {
      this.passTo(next.atMs);
      await next.wake();
    }
    this.passTo(atMs);
  }

  /** Copies stand alone: nobody drives them. */
  fork(): ManualClock {
    return manualClock(this.#now);
  }

  /** Moves time without waking anybody. */
  passTo(atMs: number): void {
    this.#now = Math.max(this.#now, atMs);
  }

  /** Whether a wake is due. */
  get isDue(): boolean {
    return (this.nextWake() ?? Number.POSITIVE_INFINITY) <= this.#now;
  }

  /** Calls the first wake that is due; what it begins goes on by itself. */
  wakeFirst(): void {
    const pending = this.#take(this.#now);
    // A wake rejects only into whoever drives the clock, and then tells of nothing but that.
    Promise.resolve(pending?.wake()).catch(() => {});
  }

  #take(atMs: number): PendingWake | undefined {
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
