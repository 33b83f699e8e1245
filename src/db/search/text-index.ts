/**
 * A text index kept up to date: told of every write of its table, it changes what differs. Its
 * latest version can be frozen for a snapshot that goes on reading it; the index then goes on with
 * a copy. Ranks nothing: `text-search.ts` does.
 *
 * Cost: a write O(its words × log n), nothing if it changes neither the text nor a filter field;
 * `freeze` and `fork` O(1). Memory: a number a distinct word of each document, and the words.
 */
import { assert } from "../../shared/assert";
import { valuesEqual } from "../../values/compare";
import type { Value } from "../../values/value";
import type { Document } from "../document";
import { normOf } from "./bm25";
import type { SearchIndexPlan } from "./search-index-plan";
import { Slots } from "./slots";
import { type TextEntry, TextVersion } from "./text-version";
import { countWords, type WordCounts } from "./word-counts";

export class TextIndex {
  readonly plan: SearchIndexPlan;
  #slots = new Slots();
  #latest = new TextVersion();

  constructor(plan: SearchIndexPlan) {
    this.plan = plan;
  }

  /** The index after the latest write; changed in place by the next one. */
  get latest(): TextVersion {
    return this.#latest;
  }

  /** A document was written: `undefined` before an insert, after a deletion. */
  write(before: Document | undefined, after: Document | undefined): void {
    const oldText = before && this.plan.textOf(before);
    const text = after && this.plan.textOf(after);
    if (after !== undefined && text !== undefined) {
      if (before === undefined || oldText === undefined) this.#add(after, text);
      else this.#update(before, oldText, after, text);
    } else if (before !== undefined && oldText !== undefined) {
      this.#latest.remove(this.#slots.release(before._id), countWords(oldText));
    }
  }

  /** Fills an empty index. Cost: O(text). */
  load(documents: Iterable<Document>): void {
    this.#latest.load(this.#contentOf(documents));
  }

  /** The latest version, which no write will change any more. */
  freeze(): TextVersion {
    const frozen = this.#latest;
    this.#latest = frozen.clone();
    return frozen;
  }

  fork(): TextIndex {
    const fork = new TextIndex(this.plan);
    fork.#slots = this.#slots.fork();
    fork.#latest = this.#latest.clone();
    return fork;
  }

  /** Throws unless this says what an index made anew of `documents` says. */
  checkInvariants(documents: readonly Document[]): void {
    const anew = new TextIndex(this.plan);
    anew.load(documents);
    const difference = firstDifference(
      [...this.#latest.dump()].sort(),
      [...anew.#latest.dump()].sort(),
    );
    assert(difference === undefined, `${this.plan.descriptor} is wrong at ${difference}`);
  }

  #add(document: Document, text: string): void {
    const words = countWords(text);
    this.#latest.add(this.#slots.take(document._id), this.#entryOf(document, words), words);
  }

  #update(before: Document, oldText: string, after: Document, text: string): void {
    const hasSameFilters = sameValues(this.plan.filtersOf(before), this.plan.filtersOf(after));
    if (oldText === text && hasSameFilters) return;
    const slot = this.#slots.of(after._id);
    assert(slot !== undefined, `${this.plan.descriptor} does not know document ${after._id}`);
    const words = countWords(text);
    const entry = this.#entryOf(after, words);
    if (oldText === text) this.#latest.setEntry(slot, entry);
    else this.#latest.update(slot, entry, countWords(oldText), words);
  }

  *#contentOf(documents: Iterable<Document>): IterableIterator<{
    entry: TextEntry;
    words: WordCounts;
  }> {
    for (const document of documents) {
      const text = this.plan.textOf(document);
      if (text === undefined) continue;
      const words = countWords(text);
      this.#slots.take(document._id);
      yield { entry: this.#entryOf(document, words), words };
    }
  }

  #entryOf(document: Document, { length }: WordCounts): TextEntry {
    return {
      id: document._id,
      creationTime: document._creationTime,
      norm: normOf(length),
      filters: this.plan.filtersOf(document),
    };
  }
}

function sameValues(a: readonly (Value | undefined)[], b: readonly (Value | undefined)[]): boolean {
  return a.every((value, i) => valuesEqual(value, b[i]));
}

function firstDifference(a: readonly string[], b: readonly string[]): string | undefined {
  const longer = a.length < b.length ? b : a;
  const at = longer.findIndex((_, i) => a[i] !== b[i]);
  return at < 0 ? undefined : `${a[at]} instead of ${b[at]}`;
}
