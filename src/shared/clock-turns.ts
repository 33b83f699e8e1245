/**
 * Turns of the event loop by the platform's real timers, also while fake ones are installed: for
 * whoever waits for something that happens outside the time that is faked.
 */

// Taken when this file is loaded, which fakes come after.
const { setTimeout: realTimeout, setImmediate: realImmediate } = globalThis;

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void realTimeout(resolve, 0));
}

/** As `nextTurn`, but without a timer's millisecond where the platform can. */
export function soonestTurn(): Promise<void> {
  if (realImmediate === undefined) return nextTurn();
  return new Promise((resolve) => void realImmediate(resolve));
}

/** The timers in force now, real or fake, for telling whether they were replaced. */
export function timersInForce(): unknown {
  return globalThis.setTimeout;
}
