/** A text as a text index sees it: which words, how often each, how many in all. */
import { encodeKeyPart } from "../index-key";
import { tokenize } from "./tokenizer";

export interface WordCounts {
  /** Occurrences by {@link wordKey}. */
  readonly counts: ReadonlyMap<string, number>;
  /** Words in all, repetitions included. */
  readonly length: number;
}

/** A word as indexes have it: ordered by its UTF-8 bytes, and never the beginning of another one. */
export function wordKey(word: string): string {
  return encodeKeyPart(word);
}

/** What the keys of all words that begin with `prefix` begin with. */
export function wordKeyPrefix(prefix: string): string {
  return encodeKeyPart(prefix).slice(0, -1);
}

/** Cost: O(length of the text). */
export function countWords(text: string): WordCounts {
  const words = tokenize(text);
  const counts = new Map<string, number>();
  for (const word of words) {
    const key = wordKey(word);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { counts, length: words.length };
}
