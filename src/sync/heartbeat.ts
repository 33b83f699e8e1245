/**
 * Tells clients that the server is alive: whoever has heard nothing for fifteen seconds gets a ping
 * (functions.md 9.4). One wake of the clock serves all connections of a backend.
 */
import type { Clock } from "../shared/clock";

/** Clients give up after sixty seconds of silence. */
export const PING_AFTER_MS = 15_000;

/** Somebody who wants to be looked after. */
export interface Pulse {
  readonly sentAtMs: number;
  /** Called when nothing was sent for long. Must not throw. */
  beat(): void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #pulses = new Set<Pulse>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(pulse: Pulse): void {
    this.#pulses.add(pulse);
    // The newest is never the first to be due.
    if (this.#cancel === undefined) this.#schedule(this.#clock.now() + PING_AFTER_MS);
  }

  remove(pulse: Pulse): void {
    this.#pulses.delete(pulse);
    if (this.#pulses.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(atMs: number): void {
    this.#cancel = this.#clock.schedule(atMs, () => this.#wake());
  }

  /** Cost: O(connections), at most as often as one of them is due. */
  #wake(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    let next = now + PING_AFTER_MS;
    for (const pulse of this.#pulses) {
      const dueMs = pulse.sentAtMs + PING_AFTER_MS;
      if (dueMs <= now) pulse.beat();
      else next = Math.min(next, dueMs);
    }
    if (this.#pulses.size > 0) this.#schedule(next);
  }
}
