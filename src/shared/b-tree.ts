/**
 * The one door to `sorted-btree`, which is CommonJS with a `default` export: depending on the loader
 * (Node, bundlers, vitest) the default import is the class or the module around it.
 */
import type SortedBTree from "sorted-btree";
import imported from "sorted-btree";
import { bulkLoad } from "sorted-btree/extended/bulkLoad.js";

type BTreeClass = typeof SortedBTree;

const module = imported as BTreeClass & { readonly default?: BTreeClass };

/** An ordered map from strings, compared with `<`, whose `clone()` is O(1) and copies on write. */
export type OrderedMap<V> = SortedBTree<string, V>;

const BTree: BTreeClass = module.default ?? module;

/** 64 to 128 entries a node were the fastest for gets and ranges alike (DESIGN 5). */
const NODE_SIZE = 64;

/** The order of every tree here: by UTF-16 code unit, which for index keys is by byte. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** @param entries sorted by key, each once: then loading is linear; absent for an empty map */
export function createOrderedMap<V>(entries: readonly [string, V][] = []): OrderedMap<V> {
  if (entries.length === 0) return new BTree<string, V>(undefined, compareKeys, NODE_SIZE);
  const keys = entries.map(([key]) => key);
  const values = entries.map(([, value]) => value);
  // The tree's own constructor inserts one after another: three times the work.
  return bulkLoad(keys, values, NODE_SIZE, compareKeys);
}
