// Seeds of property tests: fixed ones that always run, and more on demand. A failure names its seed,
// so that `SEED=name npx vitest run <file>` repeats exactly that run.

import { createRandom, type Random } from "../../src/shared/random";

/** `count` seeds under a common name, or just the one that the environment asks for. */
export function seeds(name: string, count: number): string[] {
  const only = process.env["SEED"];
  if (only !== undefined) return [only];
  return Array.from({ length: count }, (_, i) => `${name}-${i}`);
}

/** Random choices for test programs. */
export class Choices {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = createRandom(seed);
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** An array of up to `limit` - 1 items. */
  list<T>(limit: number, make: () => T): T[] {
    return Array.from({ length: this.below(limit) }, make);
  }
}

/** Runs `body` for every seed; a failure says which seed it was. */
export async function forEachSeed(
  all: readonly string[],
  body: (choices: Choices, seed: string) => void | Promise<void>,
): Promise<void> {
  for (const seed of all) {
    try {
      await body(new Choices(seed), seed);
    } catch (error) {
      (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
      throw error;
    }
  }
}
