// The forking map against plain copies.

import { describe, expect, it } from "vitest";
import { LayeredMap } from "../../src/db/layered-map";
import { type Choices, forEachSeed, seeds } from "../model/seeds";

const TOMBSTONE = -1;

interface Pair {
  readonly map: LayeredMap<number>;
  /** Tombstones included. */
  readonly model: Map<string, number>;
}

function check({ map, model }: Pair, ids: readonly string[]): void {
  for (const id of ids) expect(map.get(id)).toBe(model.get(id));
  const entries = [...map.entries()];
  expect(entries.length).toBe(model.size);
  expect(new Map(entries)).toEqual(model);
}

/** As the store uses it: ids are never used again, and an entry goes only as its tombstone does. */
function change(pair: Pair, choices: Choices, ids: string[]): void {
  const known = [...pair.model.keys()];
  const dice = choices.below(10);
  if (dice < 5 || known.length === 0) {
    ids.push(`id${ids.length}`);
    put(pair, ids.at(-1) as string, choices.below(100));
    return;
  }
  const id = choices.pick(known);
  if (dice < 8) {
    if (pair.model.get(id) !== TOMBSTONE) put(pair, id, choices.below(100));
  } else {
    put(pair, id, TOMBSTONE);
    pair.map.remove(id);
    if (pair.map.get(id) === undefined) pair.model.delete(id);
  }
}

function put({ map, model }: Pair, id: string, value: number): void {
  map.set(id, value);
  model.set(id, value);
}

describe("a layered map", () => {
  it("[LYR1] and all its forks hold what plain copies would", async () => {
    await forEachSeed(seeds("layers", 60), (choices) => {
      const ids: string[] = [];
      const pairs: Pair[] = [{ map: new LayeredMap(), model: new Map() }];
      for (let i = 0; i < 150; i++) {
        const pair = choices.pick(pairs);
        change(pair, choices, ids);
        if (choices.chance(0.08) && pairs.length < 8) {
          pairs.push({ map: pair.map.fork(), model: new Map(pair.model) });
        }
        if (choices.chance(0.1)) check(choices.pick(pairs), ids);
      }
      for (const pair of pairs) check(pair, ids);
    });
  });

  it("[LYR2] removes an entry only where no fork has it", () => {
    const map = new LayeredMap<number>();
    map.set("old", 1);
    const fork = map.fork();
    map.set("new", 2);
    map.remove("new");
    expect(map.get("new")).toBeUndefined();
    map.set("old", TOMBSTONE);
    map.remove("old");
    expect(map.get("old")).toBe(TOMBSTONE);
    expect(fork.get("old")).toBe(1);
  });

  it("[LYR3] stays shallow however often it is forked", () => {
    let map = new LayeredMap<number>();
    for (let i = 0; i < 4096; i++) {
      map.set(`id${i}`, i);
      map = map.fork();
    }
    // A get that misses asks every layer: count them through the entries of a probe.
    const asked: string[] = [];
    const get = Map.prototype.get;
    try {
      Map.prototype.get = function (this: Map<string, number>, key: string) {
        asked.push(key);
        return get.call(this, key);
      };
      map.get("missing");
    } finally {
      Map.prototype.get = get;
    }
    expect(asked.filter((key) => key === "missing").length).toBeLessThanOrEqual(14);
    expect(map.get("id0")).toBe(0);
  });
});
