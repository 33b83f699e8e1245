// Text search by reading every document and following the definition, with nothing shared with the
// engine: the oracle of search tests.

import type { Document } from "../../../src/db/document";
import { compareValues } from "../../../src/values/compare";
import type { Value } from "../../../src/values/value";

export interface NaiveQuery {
  readonly field: string;
  readonly text: string;
  readonly filters: readonly (readonly [field: string, value: Value | undefined])[];
}

export interface NaiveHit {
  readonly document: Document;
  readonly score: number;
}

const utf8 = new TextEncoder();

/** Letter by letter. */
export function naiveWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  for (const letter of [...text, " "]) {
    if (/^[\p{Alphabetic}\p{N}]$/u.test(letter)) word += letter;
    else {
      const lower = [...word].map((each) => each.toLowerCase()).join("");
      if (word !== "" && utf8.encode(word).length < 32) words.push(lower);
      word = "";
    }
  }
  return words;
}

export function fieldOf(document: Document, field: string): Value | undefined {
  return document[field];
}

function passes(document: Document, { filters }: NaiveQuery): boolean {
  return filters.every(([field, value]) => compareValues(fieldOf(document, field), value) === 0);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The words to look for, and what each is worth beside its rarity. */
function candidates(texts: readonly string[][], query: NaiveQuery): Map<string, number> {
  const used = naiveWords(query.text).slice(0, 16);
  const known = new Set(texts.flat());
  const found = new Map(used.filter((word) => known.has(word)).map((word) => [word, 1]));
  const last = used.at(-1);
  if (last === undefined) return found;
  for (const word of [...known].sort(compareBytes)) {
    if (found.size + query.filters.length >= 64) break;
    if (word.startsWith(last) && !found.has(word)) found.set(word, 0.5);
  }
  return found;
}

/** The length as one byte tells it: four significant bits beyond 40. */
function rounded(length: number): number {
  if (length < 40) return length;
  const beyond = length - 24;
  const unit = 2 ** (Math.floor(Math.log2(beyond)) - 3);
  return 24 + Math.floor(beyond / unit) * unit;
}

/** All matching documents, best first. */
export function naiveSearch(documents: readonly Document[], query: NaiveQuery): NaiveHit[] {
  const withText = documents.filter((each) => typeof fieldOf(each, query.field) === "string");
  const texts = withText.map((each) => naiveWords(fieldOf(each, query.field) as string));
  const wanted = candidates(texts, query);
  const total = texts.reduce((sum, words) => sum + words.length, 0);
  const average = total / texts.length;
  const hits: NaiveHit[] = [];
  for (const [i, document] of withText.entries()) {
    const words = texts[i] as string[];
    let score = 0;
    for (const [word, share] of wanted) {
      const f = words.filter((each) => each === word).length;
      if (f === 0) continue;
      const n = texts.filter((each) => each.includes(word)).length;
      const idf = Math.log(1 + (texts.length - n + 0.5) / (n + 0.5));
      const damping = 1.2 * (1 - 0.75 + (0.75 * rounded(words.length)) / average);
      score += (share * idf * 2.2 * f) / (f + damping);
    }
    if (score > 0 && passes(document, query)) hits.push({ document, score: Math.fround(score) });
  }
  return hits.sort(
    (a, b) =>
      b.score - a.score ||
      b.document._creationTime - a.document._creationTime ||
      (a.document._id < b.document._id ? 1 : -1),
  );
}
