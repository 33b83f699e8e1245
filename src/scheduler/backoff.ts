/** How long to wait before trying again what failed for reasons of the engine's own. */
import type { Random } from "../shared/random";

const INITIAL_MS = 500;
const MAX_MS = 2 * 3_600_000;

/**
 * The delay before retry number `attempt` (from 0), in milliseconds: doubles from 500 ms to 2 hours,
 * with up to half of it taken off at random so that jobs that failed together do not retry together.
 */
export function backoffMs(attempt: number, random: Random): number {
  const fullMs = Math.min(MAX_MS, INITIAL_MS * 2 ** Math.min(attempt, 30));
  return Math.ceil(fullMs * (1 - random.next() / 2));
}
