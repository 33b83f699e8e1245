/**
 * The randomness port: one seeded stream of numbers and bytes, and streams split off it.
 *
 * Guarantees: the same seed and the same calls give the same values on every platform; streams made
 * by `fork()` are independent of their parent and of each other for every practical purpose.
 * Not for secrets: the generator (sfc32, 128 bits of state) is fast, not unpredictable. Keys and
 * tokens come from `crypto.getRandomValues`.
 */

/** A stream of pseudo-random values. Every call moves the stream on. */
export interface Random {
  /** A number in [0, 1) with 53 random bits. */
  next(): number;
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** `length` fresh bytes, owned by the caller. O(length), about 50 ns for the 14 bytes of an id. */
  bytes(length: number): Uint8Array;
  /** A new independent stream. Moves this one on, so two forks in a row differ. */
  fork(): Random;
}

/**
 * A reproducible stream.
 *
 * @param seed any string, the empty one too; strings that differ give streams that differ.
 * @example
 * createRandom("seed").uint32() === createRandom("seed").uint32() // true
 */
export function createRandom(seed: string): Random {
  return new Sfc32(...hashSeed(seed));
}

/** A stream nobody can repeat: its 128 bits of state come from the platform's secure generator. */
export function randomFromEntropy(): Random {
  const [a, b, c, d] = crypto.getRandomValues(new Uint32Array(4)) as unknown as State;
  return new Sfc32(a, b, c, d);
}

type State = [a: number, b: number, c: number, counter: number];

const warmUpRounds = 15;

class Sfc32 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(a: number, b: number, c: number, counter: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
    for (let round = 0; round < warmUpRounds; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let word = 0;
    for (let index = 0; index < length; index++) {
      word = (index & 3) === 0 ? this.uint32() : word >>> 8;
      bytes[index] = word;
    }
    return bytes;
  }

  /** Mixes what it draws, so that the child's state is no slice of the parent's output. */
  fork(): Random {
    return new Sfc32(
      scramble(this.uint32() ^ 0x9e3779b9),
      scramble(this.uint32() ^ 0x7f4a7c15),
      scramble(this.uint32() ^ 0xf39cc060),
      scramble(this.uint32() ^ 0x5ced9f3b),
    );
  }
}

/** Spreads every UTF-16 unit of the seed, and its length, over four differently keyed lanes. */
function hashSeed(seed: string): State {
  return [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a].map((lane) => {
    let hash = lane ^ seed.length;
    for (let index = 0; index < seed.length; index++) {
      hash = Math.imul(hash ^ seed.charCodeAt(index), 0xcc9e2d51);
      hash = ((hash << 13) | (hash >>> 19)) ^ lane;
    }
    return scramble(hash);
  }) as State;
}

/** A bijection of 32-bit integers in which every input bit flips about half of the output bits. */
function scramble(input: number): number {
  let mixed = Math.imul(input ^ (input >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
