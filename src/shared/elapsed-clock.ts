/**
 * How long something took in the real world: for reports to people, never for anything that the
 * engine decides. Runs on when a backend's own clock stands still.
 */

/** Milliseconds, with fractions, since a moment that never changes. */
export function elapsedMs(): number {
  return globalThis.performance.now();
}
