// The interval index against a list of ranges that is searched from end to end.

import { describe, expect, it } from "vitest";
import { after, encodeKeyPart, keyPrefixes } from "../../src/db/index-key";
import { IntervalIndex, type PrefixedRange } from "../../src/reactivity/interval-index";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

const plan = { prefixesOf: (key: string) => ["", ...keyPrefixes(key)] };

interface Entry {
  readonly range: PrefixedRange;
  readonly member: number;
}

/** Keys of three fields, from few values of different lengths, so that ranges meet. */
function randomParts(choices: Choices, count: number): string[] {
  const letters = ["", "a", "aa", "b", "ba", "c".repeat(9)];
  return Array.from({ length: count }, () =>
    encodeKeyPart(choices.chance(0.6) ? choices.pick(letters) : choices.below(5)),
  );
}

function randomRange(choices: Choices): PrefixedRange {
  const prefix = randomParts(choices, choices.below(3)).join("");
  if (choices.chance(0.4)) return { prefix, lower: prefix, upper: after(prefix) };
  const bounds = [0, 1].map(() => prefix + randomParts(choices, 1 + choices.below(2)).join(""));
  const [lower, upper] = bounds.sort() as [string, string];
  return { prefix, lower, upper: choices.chance(0.5) ? after(upper) : upper };
}

function found(index: IntervalIndex<number>, key: string): number[] {
  const members = new Set<number>();
  index.collect(key, members);
  return [...members].sort((a, b) => a - b);
}

function foundNaively(entries: readonly Entry[], key: string): number[] {
  const hits = entries.filter(({ range }) => key >= range.lower && key < range.upper);
  return [...new Set(hits.map(({ member }) => member))].sort((a, b) => a - b);
}

describe("the interval index", () => {
  it("[IVL1] finds exactly the members whose ranges hold a key", async () => {
    await forEachSeed(seeds("intervals", 60), (choices) => {
      const index = new IntervalIndex<number>(plan);
      let entries: Entry[] = [];
      for (let step = 0; step < 120; step++) {
        if (entries.length > 0 && choices.chance(0.4)) {
          const gone = choices.pick(entries);
          entries = entries.filter((entry) => entry !== gone);
          index.remove(gone.range, gone.member);
        } else {
          const entry = { range: randomRange(choices), member: step };
          entries.push(entry);
          index.add(entry.range, entry.member);
        }
        index.checkInvariants();
        const key = randomParts(choices, 3).join("");
        expect(found(index, key)).toEqual(foundNaively(entries, key));
      }
      for (const { range, member } of entries) index.remove(range, member);
      index.checkInvariants();
      expect(index.isEmpty).toBe(true);
    });
  });

  it("[IVL1] includes the lower bound of a range and excludes the upper one", () => {
    const index = new IntervalIndex<string>(plan);
    index.add({ prefix: "", lower: "b", upper: "d" }, "range");
    const members = (key: string) => {
      const set = new Set<string>();
      index.collect(key, set);
      return set.size;
    };
    expect(["a", "b", "c", "d"].map(members)).toEqual([0, 1, 1, 0]);
  });

  it("[IVL2] holds a member's range once, however often it is added", () => {
    const range = { prefix: "", lower: "b", upper: "d" };
    const index = new IntervalIndex<number>(plan);
    index.add(range, 1);
    index.add(range, 1);
    index.add(range, 2);
    index.remove(range, 1);
    index.remove(range, 1);
    expect(found(index, "c")).toEqual([2]);
    index.remove(range, 2);
    expect(index.isEmpty).toBe(true);
  });

  it("[IVL2] ignores empty ranges", () => {
    const index = new IntervalIndex<number>(plan);
    index.add({ prefix: "", lower: "b", upper: "b" }, 1);
    expect(index.isEmpty).toBe(true);
  });

  it("[IVL3] stays shallow when ranges come in order", () => {
    const index = new IntervalIndex<number>(plan);
    const key = (n: number) => encodeKeyPart(n);
    const count = 20_000;
    for (let n = 0; n < count; n++) {
      index.add({ prefix: "", lower: key(n), upper: key(n + 1) }, n);
    }
    // A tree as deep as it is large would overflow the stack here.
    index.checkInvariants();
    expect(found(index, key(12_345))).toEqual([12_345]);
    for (let n = 0; n < count; n++) {
      index.remove({ prefix: "", lower: key(n), upper: key(n + 1) }, n);
    }
    expect(index.isEmpty).toBe(true);
  });
});
