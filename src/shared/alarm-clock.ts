/**
 * A clock for platforms that offer one durable alarm and dislike timers (Durable Objects): the
 * earliest pending wake goes out as the alarm, and the platform's alarm comes back in through `fire`.
 *
 * It holds nothing durable: after an eviction whoever asks for wakes asks again.
 */

import type { Clock, Wake } from "./clock";

/** What the platform owes: its time, and one alarm that replaces the one before. */
export interface AlarmPlatform {
  now(): number;
  /** Sets the alarm, or clears it with `undefined`. Must not throw and not call back at once. */
  setAlarm(atMs: number | undefined): void;
}

export interface AlarmClock extends Clock {
  /**
   * To be called when the alarm goes off: calls every wake that is due and sets the next alarm.
   * Early and repeated alarms are harmless.
   *
   * @returns settles when what the wakes began has ended; rejects with the first of their errors.
   */
  fire(): Promise<void>;
}

/** A clock on one alarm. Cost of a call: O(pending wakes), of which a backend has one at most. */
export function alarmClock(platform: AlarmPlatform): AlarmClock {
  return new OneAlarmClock(platform);
}

interface PendingWake {
  readonly atMs: number;
  readonly wake: Wake;
}

class OneAlarmClock implements AlarmClock {
  readonly #platform: AlarmPlatform;
  readonly #pending = new Set<PendingWake>();
  #alarmMs: number | undefined;

  constructor(platform: AlarmPlatform) {
    this.#platform = platform;
  }

  now(): number {
    return this.#platform.now();
  }

  schedule(atMs: number, wake: Wake): () => void {
    const pending = { atMs, wake };
    this.#pending.add(pending);
    this.#setAlarm();
    return () => {
      if (this.#pending.delete(pending)) this.#setAlarm();
    };
  }

  async fire(): Promise<void> {
    this.#alarmMs = undefined; // the platform's alarm is spent
    const nowMs = this.now();
    const due = [...this.#pending].filter((pending) => pending.atMs <= nowMs);
    for (const pending of due) this.#pending.delete(pending);
    due.sort((left, right) => left.atMs - right.atMs);
    try {
      await Promise.all(due.map((pending) => pending.wake()));
    } finally {
      this.#setAlarm();
    }
  }

  /** Tells the platform only about changes: setting an alarm is a billed write. */
  #setAlarm(): void {
    let earliestMs: number | undefined;
    for (const { atMs } of this.#pending) {
      if (earliestMs === undefined || atMs < earliestMs) earliestMs = atMs;
    }
    if (earliestMs === this.#alarmMs) return;
    this.#alarmMs = earliestMs;
    this.#platform.setAlarm(earliestMs);
  }
}
