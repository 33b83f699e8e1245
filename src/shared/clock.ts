/**
 * The clock port: what time it is, and a call when a time has come.
 *
 * Implementations: `systemClock` (the host's, also faked), `manualClock` (tests drive it),
 * `alarmClock` (platforms that offer one durable alarm). Nothing else in Invex reads the host's
 * clock or arms its timers.
 */

/**
 * Called once when its time has come. A promise it returns settles when the work it began has ended;
 * clocks that step through time wait for it before they move on.
 */
export type Wake = () => void | Promise<void>;

export interface Clock {
  /** Milliseconds since the Unix epoch. May stand still, and on some hosts go back. */
  now(): number;

  /**
   * Asks for one call of `wake`, at the first moment with `now() >= atMs`, never before and never
   * inside this call. A time already past means as soon as the clock can.
   *
   * The caller owes a `wake` that does not throw, and one that rejects only for clocks it knows to
   * be driven (see `ManualClock.advanceTo`). Cost: O(log n) at worst in the wakes now pending.
   *
   * @returns cancels the call; harmless after it and twice.
   */
  schedule(atMs: number, wake: Wake): () => void;

  /** A copy that begins at the same time and goes its own way. Clocks that cannot are shared. */
  fork?(): Clock;
}
