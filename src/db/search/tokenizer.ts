/**
 * Text as words, the same way for documents and queries (engine.md 9.1): runs of letters and digits
 * of any script, lower-cased. No stemming, no stop words, no folding of accents, no normalisation.
 * A script that writes without spaces gives one word a run. Never throws; lone surrogates separate.
 */
import { utf8Length } from "../../values/utf8";

/** Words of this many UTF-8 bytes or more are left out. */
const TOO_LONG_BYTES = 32;

/** UTF-8 takes at most this many bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

// The same classes as Rust's `char::is_alphanumeric`.
const WORDS = /[\p{Alphabetic}\p{N}]+/gu;

/**
 * The words of `text` in order, repetitions included. Cost: O(length).
 *
 * @example tokenize("Hello, wörld!") // ["hello", "wörld"]
 */
export function tokenize(text: string): string[] {
  const words: string[] = [];
  for (const word of text.match(WORDS) ?? []) {
    if (!isTooLong(word)) words.push(lower(word));
  }
  return words;
}

function isTooLong(word: string): boolean {
  if (word.length * MAX_BYTES_PER_UNIT < TOO_LONG_BYTES) return false;
  return word.length >= TOO_LONG_BYTES || utf8Length(word) >= TOO_LONG_BYTES;
}

/** Letter by letter: `toLowerCase` alone makes a sigma at the end of a word another letter. */
function lower(word: string): string {
  return word.includes("Σ") ? word.replaceAll("Σ", "σ").toLowerCase() : word.toLowerCase();
}
