// The parts that searches are made of, each against the plainest thing that does the same.

import { describe, expect, it } from "vitest";
import { lengthOfNorm, normOf } from "../../../src/db/search/bm25";
import { Slots } from "../../../src/db/search/slots";
import { TopHits } from "../../../src/db/search/top-hits";
import { dot, paddedLength, writeUnitVector } from "../../../src/db/search/unit-vector";
import { forEachSeed, seeds } from "../../model/seeds";

describe("the best few", () => {
  it("[SRCH17] are those that sorting everything puts first", async () => {
    await forEachSeed(seeds("top", 50), (choices) => {
      const limit = choices.below(12);
      const items = choices.list(60, () => choices.below(1000));
      const distinct = [...new Set(items)];
      const top = new TopHits<number>(limit, (a, b) => a > b);
      for (const [i, item] of distinct.entries()) {
        top.offer(item);
        const best = distinct
          .slice(0, i + 1)
          .sort((a, b) => b - a)
          .slice(0, limit);
        expect(top.sorted()).toEqual(best);
        expect(top.worst).toBe(best.length < limit ? undefined : best.at(-1));
      }
    });
  });
});

describe("slots", () => {
  it("[SRCH18] are given to one document at a time, densely, on every fork", async () => {
    await forEachSeed(seeds("slots", 15), (choices) => {
      const worlds = [{ slots: new Slots(), model: new Map<string, number>(), most: 0 }];
      let next = 0;
      for (let step = 0; step < 120; step++) {
        const world = choices.pick(worlds);
        const { slots, model } = world;
        if (choices.chance(0.6) || model.size === 0) {
          const id = `d${next++}`;
          model.set(id, slots.take(id));
        } else {
          const id = choices.pick([...model.keys()]);
          expect(slots.release(id)).toBe(model.get(id));
          model.delete(id);
        }
        world.most = Math.max(world.most, model.size);
        expect(new Set(model.values()).size).toBe(model.size);
        expect(Math.max(-1, ...model.values())).toBeLessThan(world.most);
        for (let i = 0; i < next; i++) expect(slots.of(`d${i}`)).toBe(model.get(`d${i}`));
        if (choices.chance(0.05)) {
          worlds.push({ slots: slots.fork(), model: new Map(model), most: world.most });
        }
      }
    });
  });
});

describe("lengths", () => {
  it("[SRCH2] are exact up to 40 words and rounded down beyond, by an eighth at most", () => {
    for (let length = 0; length <= 40; length++) expect(lengthOfNorm(normOf(length))).toBe(length);
    for (let length = 41; length < 600_000; length += 1 + (length >> 5)) {
      const rounded = lengthOfNorm(normOf(length));
      expect(rounded).toBeLessThanOrEqual(length);
      expect(rounded).toBeGreaterThan(length * 0.875);
      expect(normOf(rounded)).toBe(normOf(length));
      expect(lengthOfNorm(normOf(length) + 1)).toBeGreaterThan(length);
    }
  });
});

describe("unit vectors", () => {
  it("[VEC1] have length one and the cosine as their dot product, in any number of dimensions", async () => {
    await forEachSeed(seeds("unit", 60), (choices) => {
      const dimensions = 2 + choices.below(40);
      const vector = () => Array.from({ length: dimensions }, () => choices.below(2001) / 1000 - 1);
      const [a, b] = [vector(), vector()];
      const stride = paddedLength(dimensions);
      const stored = new Float32Array(3 * stride);
      const target = new Float64Array(stride);
      writeUnitVector(a, stored, stride);
      writeUnitVector(b, target, 0);
      const cosine =
        a.reduce((sum, part, i) => sum + part * (b[i] as number), 0) /
        (Math.hypot(...a) * Math.hypot(...b));
      expect(dot(stored, stride, target)).toBeCloseTo(cosine, 6);
      expect(Math.hypot(...stored)).toBeCloseTo(1, 6);
    });
  });
});
