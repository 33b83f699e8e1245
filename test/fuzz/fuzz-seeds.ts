// Seeds of fuzzers: a few in CI, `INVEX_FUZZ=100` a hundred times as many. A failure names its seed;
// `SEED=name npx vitest run <file>` repeats just that one.

import { seeds } from "../model/seeds";

const times = Number(process.env.INVEX_FUZZ ?? 1);

/** `count` seeds, or as many times more as the environment asks for. */
export function fuzzSeeds(name: string, count: number): string[] {
  return seeds(name, Math.max(1, Math.round(count * times)));
}
