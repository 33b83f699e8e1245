/**
 * Finds and ranks: from a query and what a transaction sees of an index to the best documents, best
 * first (engine.md 9.1). Reads blocks of postings one after another, so that scores need an array of
 * a block's size, whatever the size of the table.
 */
import { must } from "../../shared/assert";
import type { DocumentVersion } from "../document";
import { type CollectionStatistics, dampingByNorm, normOf, wordWeight } from "./bm25";
import type { PendingText, PendingTexts } from "./pending-texts";
import type { TextQuery } from "./text-query";
import {
  BLOCK_SIZE,
  type EntryBlock,
  occurrencesOf,
  type Postings,
  placeOf,
  type TextVersion,
  type WordPostings,
} from "./text-version";
import { TopHits } from "./top-hits";
import { wordKey, wordKeyPrefix } from "./word-counts";

/** Words looked for in one search, filter conditions included. */
const MAX_CANDIDATES = 64;
const PREFIX_SHARE = 0.5;

/** How many documents a search finds at most. */
export const MAX_HITS = 1024;

/** An index as one transaction sees it. */
export interface TextView {
  readonly stored: TextVersion;
  /** Absent if the transaction has written nothing to the table. */
  readonly pending: PendingTexts | undefined;
}

export interface TextHit {
  readonly id: string;
  readonly creationTime: number;
  readonly score: number;
  /** The document, if the transaction has written it itself. */
  readonly own: DocumentVersion | undefined;
}

/** Best first; among equals the newest, then the one with the greatest id. */
function isBetterHit(a: TextHit, b: TextHit): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.creationTime !== b.creationTime) return a.creationTime > b.creationTime;
  return a.id > b.id;
}

/**
 * The best documents, at most {@link MAX_HITS}, best first. Cost: O(documents that have one of the
 * words), plus what the transaction has written to the table.
 */
export function searchText(view: TextView, query: TextQuery): TextHit[] {
  const search = new TextSearch(view, query);
  return search.run();
}

/** A word that is looked for, and what a document gets for it. */
interface Candidate {
  readonly postings: WordPostings;
  readonly weight: number;
}

class TextSearch {
  readonly #view: TextView;
  readonly #query: TextQuery;
  readonly #statistics: CollectionStatistics;
  readonly #damping: Float64Array;
  readonly #top = new TopHits<TextHit>(MAX_HITS, isBetterHit);

  constructor(view: TextView, query: TextQuery) {
    const { stored, pending } = view;
    this.#view = view;
    this.#query = query;
    this.#statistics = {
      documentCount: stored.documentCount + (pending?.documentCount ?? 0),
      wordCount: stored.wordCount + (pending?.wordCount ?? 0),
    };
    this.#damping = dampingByNorm(this.#statistics);
  }

  run(): TextHit[] {
    const candidates = this.#candidates();
    this.#rankStored(candidates);
    this.#rankPending(candidates);
    return this.#top.sorted();
  }

  /** The words themselves, then, as far as there is room, words that the last one begins. */
  #candidates(): Candidate[] {
    const { words, prefix, filters } = this.#query;
    const exact = words.map((word) => this.#view.stored.postingsOf(wordKey(word)));
    const found = exact.flatMap((postings) => this.#candidate(postings, 1));
    const room = MAX_CANDIDATES - filters.length - found.length;
    const taken = new Set(exact.map(({ key }) => key));
    const start = wordKeyPrefix(prefix);
    const stored = this.#storedFrom(start, taken, room);
    const added = this.#addedFrom(start, taken, stored);
    const byKey = [...stored, ...added].sort((a, b) => (a.key < b.key ? -1 : 1));
    return [
      ...found,
      ...byKey.slice(0, room).flatMap((postings) => this.#candidate(postings, PREFIX_SHARE)),
    ];
  }

  #candidate(postings: WordPostings, share: number): Candidate[] {
    const matching = this.#matching(postings);
    if (matching === 0) return [];
    return [{ postings, weight: share * wordWeight(matching, this.#statistics) }];
  }

  /** How many documents have the word, for this transaction. */
  #matching({ key, count }: WordPostings): number {
    return count + (this.#view.pending?.moreMatching(key) ?? 0);
  }

  #storedFrom(start: string, taken: ReadonlySet<string>, room: number): WordPostings[] {
    const found: WordPostings[] = [];
    for (const postings of this.#view.stored.wordsFrom(start)) {
      if (found.length === room) break;
      if (!taken.has(postings.key) && this.#matching(postings) > 0) found.push(postings);
    }
    return found;
  }

  /** Words that only documents of the transaction's own have. */
  #addedFrom(
    start: string,
    taken: ReadonlySet<string>,
    stored: readonly WordPostings[],
  ): WordPostings[] {
    const known = new Set(stored.map(({ key }) => key));
    const added: WordPostings[] = [];
    for (const key of this.#view.pending?.addedWords() ?? []) {
      if (!key.startsWith(start) || taken.has(key) || known.has(key)) continue;
      added.push({ key, blocks: [], count: 0 });
    }
    return added;
  }

  #rankStored(candidates: readonly Candidate[]): void {
    const scores = new Float64Array(BLOCK_SIZE);
    const places = new Uint16Array(BLOCK_SIZE);
    for (const [block, parts] of byBlock(candidates)) {
      const entries = this.#view.stored.entriesOf(block);
      const count = this.#score(parts, entries, scores, places);
      this.#offerBlock(entries, scores, places.subarray(0, count));
    }
  }

  /** Adds up the scores of one block's documents; returns how many have one. */
  #score(
    parts: readonly Part[],
    { norms }: EntryBlock,
    scores: Float64Array,
    places: Uint16Array,
  ): number {
    const damping = this.#damping;
    let count = 0;
    for (const { weight, postings } of parts) {
      for (const posting of postings) {
        const place = placeOf(posting);
        const occurrences = occurrencesOf(posting);
        const former = scores[place] as number;
        if (former === 0) places[count++] = place;
        scores[place] =
          former +
          (weight * occurrences) / (occurrences + (damping[norms[place] as number] as number));
      }
    }
    return count;
  }

  /** Offers one block's documents, and sets their scores back to 0. */
  #offerBlock({ entries }: EntryBlock, scores: Float64Array, places: Uint16Array): void {
    let least = this.#top.worst?.score ?? 0;
    for (const place of places) {
      const score = Math.fround(scores[place] as number);
      scores[place] = 0;
      if (score < least) continue;
      const entry = must(entries[place]);
      if (!this.#query.passes(entry.filters) || this.#view.pending?.hides(entry.id)) continue;
      const { id, creationTime } = entry;
      this.#top.offer({ id, creationTime, score, own: undefined });
      least = this.#top.worst?.score ?? 0;
    }
  }

  #rankPending(candidates: readonly Candidate[]): void {
    for (const text of this.#view.pending?.texts() ?? []) {
      const score = this.#scoreOf(text, candidates);
      const { document } = text.version;
      if (score === 0 || !this.#query.passes(this.#query.index.filtersOf(document))) continue;
      const { _id: id, _creationTime: creationTime } = document;
      this.#top.offer({ id, creationTime, score, own: text.version });
    }
  }

  #scoreOf({ words }: PendingText, candidates: readonly Candidate[]): number {
    const damping = this.#damping[normOf(words.length)] as number;
    let score = 0;
    for (const { postings, weight } of candidates) {
      const occurrences = words.counts.get(postings.key) ?? 0;
      if (occurrences > 0) score += (weight * occurrences) / (occurrences + damping);
    }
    return Math.fround(score);
  }
}

interface Part {
  readonly weight: number;
  readonly postings: Postings;
}

function byBlock(candidates: readonly Candidate[]): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  for (const { weight, postings: word } of candidates) {
    for (const { block, postings } of word.blocks) {
      const part = { weight, postings };
      const others = parts.get(block);
      if (others === undefined) parts.set(block, [part]);
      else others.push(part);
    }
  }
  return parts;
}
