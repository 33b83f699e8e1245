/**
 * The texts that a transaction has written, as a search in it must see them: its own documents, and
 * what has to be corrected in what the index says of the snapshot. Every text is read once, however
 * many searches the transaction runs.
 */
import type { DocumentVersion } from "../document";
import type { CollectionStatistics } from "./bm25";
import type { SearchIndexPlan } from "./search-index-plan";
import { countWords, type WordCounts } from "./word-counts";

/** A document that the transaction has written. */
export interface PendingDocument {
  readonly base: DocumentVersion | undefined;
  readonly current: DocumentVersion | undefined;
}

/** A document of the transaction's own that has a text. */
export interface PendingText {
  readonly version: DocumentVersion;
  readonly words: WordCounts;
}

interface Seen extends PendingDocument {
  readonly oldWords: WordCounts | undefined;
  readonly words: WordCounts | undefined;
}

/** Cost of an update: O(documents written), plus the texts not seen before. */
export class PendingTexts implements CollectionStatistics {
  readonly #plan: SearchIndexPlan;
  readonly #seen = new Map<string, Seen>();
  /** By `wordKey`, how many more documents have it than in the snapshot. */
  readonly #moreMatching = new Map<string, number>();
  #moreDocuments = 0;
  #moreWords = 0;

  constructor(plan: SearchIndexPlan) {
    this.#plan = plan;
  }

  /** How many more documents with a text there are than in the snapshot; may be negative. */
  get documentCount(): number {
    return this.#moreDocuments;
  }

  /** Likewise for words. */
  get wordCount(): number {
    return this.#moreWords;
  }

  /** How many more documents than in the snapshot have the word of this key. */
  moreMatching(key: string): number {
    return this.#moreMatching.get(key) ?? 0;
  }

  /** Keys of words that more documents have than in the snapshot. */
  *addedWords(): IterableIterator<string> {
    for (const [key, more] of this.#moreMatching) if (more > 0) yield key;
  }

  /** Whether the index's entry of this document is out of date here. */
  hides(id: string): boolean {
    return this.#seen.has(id);
  }

  *texts(): IterableIterator<PendingText> {
    for (const { current, words } of this.#seen.values()) {
      if (current !== undefined && words !== undefined) yield { version: current, words };
    }
  }

  /** Takes note of what was written, or rolled back, since the last time. */
  update(pending: ReadonlyMap<string, PendingDocument>): void {
    for (const [id, seen] of this.#seen) {
      if (pending.get(id)?.current === seen.current && pending.has(id)) continue;
      this.#count(seen, -1);
      this.#seen.delete(id);
    }
    for (const [id, { base, current }] of pending) {
      if (this.#seen.has(id)) continue;
      const seen = { base, current, oldWords: this.#wordsOf(base), words: this.#wordsOf(current) };
      this.#seen.set(id, seen);
      this.#count(seen, 1);
    }
  }

  #wordsOf(version: DocumentVersion | undefined): WordCounts | undefined {
    const text = version && this.#plan.textOf(version.document);
    return text === undefined ? undefined : countWords(text);
  }

  #count({ oldWords, words }: Seen, sign: 1 | -1): void {
    if (oldWords !== undefined) this.#countText(oldWords, -sign);
    if (words !== undefined) this.#countText(words, sign);
  }

  #countText({ counts, length }: WordCounts, sign: number): void {
    this.#moreDocuments += sign;
    this.#moreWords += sign * length;
    for (const key of counts.keys()) {
      const more = this.moreMatching(key) + sign;
      if (more === 0) this.#moreMatching.delete(key);
      else this.#moreMatching.set(key, more);
    }
  }
}
