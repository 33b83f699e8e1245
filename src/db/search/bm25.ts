/**
 * The relevance of a document to words: Okapi BM25 (Robertson and others 1994) with Lucene's
 * parameters and its one-byte lengths (engine.md 9.1). Pure arithmetic.
 */

const K1 = 1.2;
const B = 0.75;

/** How many different lengths there are once they are rounded. */
const NORM_COUNT = 256;

/** What the collection as a whole says: the same for all words and documents of one search. */
export interface CollectionStatistics {
  /** Documents that have a text, words in it or not. */
  readonly documentCount: number;
  /** Words in all of them, repetitions included. */
  readonly wordCount: number;
}

/** A length in words, rounded down to one of 256: exact up to 40, then within an eighth. */
export function normOf(length: number): number {
  let low = 0;
  let high = NORM_COUNT - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lengthOfNorm(middle) <= length) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The least length that has this norm: small ones as they are, above that a four-bit float. */
export function lengthOfNorm(norm: number): number {
  const FREE = 24;
  if (norm < FREE) return norm;
  const bits = norm - FREE;
  const shift = (bits >> 3) - 1;
  return FREE + (shift < 0 ? bits : ((bits & 7) | 8) * 2 ** shift);
}

/**
 * What a word is worth when every occurrence counts in full: rare words more than common ones.
 * @param matching documents that have the word
 */
export function wordWeight(matching: number, { documentCount }: CollectionStatistics): number {
  const idf = Math.log(1 + (documentCount - matching + 0.5) / (matching + 0.5));
  return idf * (K1 + 1);
}

/**
 * By norm, what the number of occurrences is measured against: a document with `f` of them gets the
 * share `f / (f + damping)` of the word's weight. Grows with the document's length.
 */
export function dampingByNorm({ documentCount, wordCount }: CollectionStatistics): Float64Array {
  // Without a word in the whole collection there is nothing to be measured.
  const averageLength = wordCount / documentCount || 1;
  return Float64Array.from(
    { length: NORM_COUNT },
    (_, norm) => K1 * (1 - B + (B * lengthOfNorm(norm)) / averageLength),
  );
}
