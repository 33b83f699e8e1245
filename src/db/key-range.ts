/** Half-open intervals of index keys, and the few operations the engine needs on them. */

/** All keys `k` with `lower <= k < upper`. */
export interface KeyRange {
  readonly lower: string;
  readonly upper: string;
}

/** Above every key: a key's first character is a tag below 0xff. */
export const TOP = "\xff";

/** Every key of an index. */
export const ALL_KEYS: KeyRange = { lower: "", upper: TOP };

export function isInRange(key: string, range: KeyRange): boolean {
  return key >= range.lower && key < range.upper;
}

/**
 * The same set of keys as disjoint, non-adjacent ranges in ascending order.
 * Empty ranges vanish. Cost: O(n log n).
 */
export function mergeRanges(ranges: readonly KeyRange[]): KeyRange[] {
  const sorted = ranges
    .filter((range) => range.lower < range.upper)
    .sort((a, b) => (a.lower < b.lower ? -1 : Number(a.lower > b.lower)));
  const merged: KeyRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last === undefined || range.lower > last.upper) merged.push(range);
    else if (range.upper > last.upper)
      merged[merged.length - 1] = { lower: last.lower, upper: range.upper };
  }
  return merged;
}
