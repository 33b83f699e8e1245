/**
 * The randomness that operations of a simulation are made from. Every draw is kept, so that a call
 * can be made again from the same draws, or from simpler ones: zero is the simplest.
 */
import { createRandom, type Random } from "../../shared/random";

/** Random choices for one call. The simplest outcome is 0, `false`, the first item. */
export interface SimulationRandom {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  /** `true` with that probability. */
  chance(probability: number): boolean;
  /** One of `items`, of which there is at least one. */
  pick<T>(items: readonly T[]): T;
}

export class Draws implements SimulationRandom {
  readonly #given: readonly number[] | undefined;
  readonly #fresh: Random;
  readonly #made: number[] = [];

  /** @param given what to draw again; zeros follow. Default: `seed` decides */
  constructor(seed: string, given?: readonly number[]) {
    this.#fresh = createRandom(seed);
    this.#given = given;
  }

  /** What was drawn so far. */
  get made(): readonly number[] {
    return this.#made;
  }

  next(): number {
    const drawn =
      this.#given === undefined ? this.#fresh.next() : (this.#given[this.#made.length] ?? 0);
    this.#made.push(drawn);
    return drawn;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() >= 1 - probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
