import { describe, expect, it } from "vitest";
import { createRandom, type Random, randomFromEntropy } from "../../src/shared/random";

const take = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.uint32());

/** Pearson's chi-squared of byte counts against the uniform distribution (255 degrees of freedom). */
function chiSquared(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How many bits two words differ in, on average. */
function meanHamming(left: number[], right: number[]): number {
  const bits = left.map((word, index) => popCount((word ^ (right[index] ?? 0)) >>> 0));
  return bits.reduce((sum, count) => sum + count, 0) / bits.length;
}

function popCount(word: number): number {
  return word.toString(2).replaceAll("0", "").length;
}

describe("seeds", () => {
  it("[RND1] the same seed and calls give the same values", () => {
    const run = (seed: string) => {
      const random = createRandom(seed);
      return [random.next(), random.uint32(), [...random.bytes(14)], take(random.fork(), 3)];
    };
    expect(run("seed")).toEqual(run("seed"));
    expect(run("seed")).not.toEqual(run("seeds"));
  });

  it("[RND1] values do not change from release to release", () => {
    expect(take(createRandom(""), 2)).toEqual([1584710784, 4266401730]);
    expect(take(createRandom("invex"), 2)).toEqual([2417626550, 2400511069]);
  });

  it("[RND1] seeds that differ in one character, length or order give unrelated streams", () => {
    const seeds = [
      "",
      "a",
      "b",
      "aa",
      "ab",
      "ba",
      "A",
      "\u0000",
      "\u0000\u0000",
      "\u0100",
      "\u{1f600}",
    ];
    for (let number = 0; number < 200; number++) seeds.push(`seed-${number}`);
    const streams = seeds.map((seed) => take(createRandom(seed), 64));
    expect(new Set(streams.map(String)).size).toBe(seeds.length);
    for (let index = 1; index < streams.length; index++) {
      const distance = meanHamming(streams[index - 1] ?? [], streams[index] ?? []);
      expect(distance).toBeGreaterThan(13);
      expect(distance).toBeLessThan(19);
    }
  });

  it("[RND2] streams from entropy differ", () => {
    expect(take(randomFromEntropy(), 4)).not.toEqual(take(randomFromEntropy(), 4));
  });
});

describe("values", () => {
  it("[RND3] next() stays in [0, 1), uses 53 bits and is uniform", () => {
    const random = createRandom("next");
    const buckets = new Array<number>(16).fill(0);
    let sawLowBits = false;
    for (let draw = 0; draw < 32_000; draw++) {
      const value = random.next();
      if (value < 0 || value >= 1) expect.fail(`out of range: ${value}`);
      buckets[Math.floor(value * 16)]!++;
      sawLowBits ||= (value * 2 ** 53) % 2 === 1;
    }
    expect(sawLowBits).toBe(true);
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(250);
  });

  it("[RND3] uint32() gives whole numbers below 2^32", () => {
    const random = createRandom("uint32");
    for (const word of take(random, 10_000)) {
      if (!Number.isInteger(word) || word < 0 || word >= 2 ** 32) expect.fail(`got ${word}`);
    }
  });

  it("[RND4] bytes() gives the length asked for, fresh each time, and uniform", () => {
    const random = createRandom("bytes");
    for (const length of [0, 1, 3, 4, 5, 14, 16, 33]) {
      expect(random.bytes(length)).toHaveLength(length);
    }
    const first = random.bytes(14);
    const second = random.bytes(14);
    expect(first.buffer).not.toBe(second.buffer);
    expect([...first]).not.toEqual([...second]);
    expect(chiSquared(random.bytes(256 * 1000))).toBeLessThan(360); // p is about 1e-5
  });
});

describe("fork", () => {
  it("[RND5] parent, children and siblings are unrelated, and forking is reproducible", () => {
    const parent = createRandom("family");
    const family = [parent.fork(), parent.fork(), parent.fork().fork(), parent];
    const streams = family.map((random) => take(random, 512));
    for (let left = 0; left < streams.length; left++) {
      for (let right = left + 1; right < streams.length; right++) {
        const distance = meanHamming(streams[left] ?? [], streams[right] ?? []);
        expect(Math.abs(distance - 16)).toBeLessThan(0.7);
      }
    }
    expect(take(createRandom("family").fork(), 512)).toEqual(streams[0]);
  });

  it("[RND5] the first draws of many children are uniform", () => {
    const parent = createRandom("children");
    const bytes = new Uint8Array(4 * 20_000);
    for (let child = 0; child < 20_000; child++) bytes.set(parent.fork().bytes(4), child * 4);
    expect(chiSquared(bytes)).toBeLessThan(360);
  });

  it("[RND5] what a child draws does not move its parent", () => {
    const left = createRandom("still");
    const right = createRandom("still");
    take(left.fork(), 100);
    right.fork();
    expect(take(left, 8)).toEqual(take(right, 8));
  });
});
