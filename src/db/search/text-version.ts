/**
 * One version of a text index: for every word the documents that have it, and what a search needs
 * to know of each document. Both are kept in blocks of neighbouring slots, in trees that copy on
 * write; a block that another version can see is replaced, never changed. So a version is copied in
 * O(1), and a copy shares everything that has not changed since.
 *
 * Which document has which slot, and when a version is kept for whom, is `text-index.ts`'s.
 */
import { assert, must } from "../../shared/assert";
import { compareKeys, createOrderedMap, type OrderedMap } from "../../shared/b-tree";
import type { Value } from "../../values/value";
import { after, encodeKeyPart } from "../index-key";
import type { CollectionStatistics } from "./bm25";
import type { WordCounts } from "./word-counts";

/** What the index knows of a document besides its words. */
export interface TextEntry {
  readonly id: string;
  readonly creationTime: number;
  /** Its length as `bm25.ts` rounds it. */
  readonly norm: number;
  /** Values of the filter fields, in their order. */
  readonly filters: readonly (Value | undefined)[];
}

/** The documents of `BLOCK_SIZE` neighbouring slots; both arrays by place within the block. */
export interface EntryBlock {
  readonly entries: readonly (TextEntry | undefined)[];
  readonly norms: readonly number[];
}

/** Of one word, the documents of one block: each a place and a number of occurrences, packed. */
export type Postings = readonly number[];

/** The documents that have a word. */
export interface WordPostings {
  /** The `wordKey`. */
  readonly key: string;
  readonly blocks: readonly { readonly block: string; readonly postings: Postings }[];
  /** How many documents that are. */
  readonly count: number;
}

/**
 * Larger blocks cost more to replace, smaller ones more memory: of 1,024, half as much again as
 * this for 100,000 short messages; of 16,384, little less.
 */
const BLOCK_BITS = 12;
export const BLOCK_SIZE = 1 << BLOCK_BITS;

/** Of 30, so that a posting is a small integer to V8. More occurrences than fit make no difference. */
const COUNT_BITS = 30 - BLOCK_BITS;
const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** The place within its block that a posting is about. */
export function placeOf(posting: number): number {
  return posting >>> COUNT_BITS;
}

/** How often the document has the word. */
export function occurrencesOf(posting: number): number {
  return posting & MAX_COUNT;
}

const BLOCK_KEY_LENGTH = 3;

interface OwnedBlock extends EntryBlock {
  /** Who may change it: the version whose mark this is, and nobody once it has been cloned. */
  readonly owner: object;
  readonly entries: (TextEntry | undefined)[];
  readonly norms: number[];
}

export class TextVersion implements CollectionStatistics {
  /** By word and block. */
  #postings: OrderedMap<Postings> = createOrderedMap();
  /** By block. */
  #entries: OrderedMap<OwnedBlock> = createOrderedMap();
  #owner: object = {};
  #documentCount = 0;
  #wordCount = 0;

  get documentCount(): number {
    return this.#documentCount;
  }

  get wordCount(): number {
    return this.#wordCount;
  }

  /** The documents that have the word of this key. Cost: O(log n + blocks). */
  postingsOf(key: string): WordPostings {
    const found = newPostings(key);
    this.#postings.forRange(key, after(key), false, (at, postings) => {
      addBlock(found, at, postings);
    });
    return found;
  }

  /** The words whose keys begin with `start`, in the order of their bytes. Cost: as it is consumed. */
  *wordsFrom(start: string): IterableIterator<WordPostings> {
    let current: ReturnType<typeof newPostings> | undefined;
    for (const [at, postings] of this.#postings.entries(start, [])) {
      if (!at.startsWith(start)) break;
      const key = at.slice(0, -BLOCK_KEY_LENGTH);
      if (current?.key !== key) {
        if (current !== undefined) yield current;
        current = newPostings(key);
      }
      addBlock(current, at, postings);
    }
    if (current !== undefined) yield current;
  }

  /** The documents of a block that `postingsOf` or `wordsFrom` names. */
  entriesOf(block: string): EntryBlock {
    return this.#entries.get(block) ?? NO_ENTRIES;
  }

  /** An independent copy. Cost: O(1). */
  clone(): TextVersion {
    const clone = new TextVersion();
    this.#owner = {};
    clone.#postings = this.#postings.clone();
    clone.#entries = this.#entries.clone();
    clone.#documentCount = this.#documentCount;
    clone.#wordCount = this.#wordCount;
    return clone;
  }

  /** Cost: O(distinct words × log n). */
  add(slot: number, entry: TextEntry, words: WordCounts): void {
    this.setEntry(slot, entry);
    for (const [key, count] of words.counts) this.#addPosting(key, slot, count);
    this.#documentCount += 1;
    this.#wordCount += words.length;
  }

  remove(slot: number, words: WordCounts): void {
    this.setEntry(slot, undefined);
    for (const key of words.counts.keys()) this.#removePosting(key, slot);
    this.#documentCount -= 1;
    this.#wordCount -= words.length;
  }

  /** Cost: O(words that differ × log n). */
  update(slot: number, entry: TextEntry, before: WordCounts, words: WordCounts): void {
    this.setEntry(slot, entry);
    for (const [key, count] of before.counts) {
      if (words.counts.get(key) !== count) this.#removePosting(key, slot);
    }
    for (const [key, count] of words.counts) {
      if (before.counts.get(key) !== count) this.#addPosting(key, slot, count);
    }
    this.#wordCount += words.length - before.length;
  }

  setEntry(slot: number, entry: TextEntry | undefined): void {
    const { entries, norms } = this.#ownBlock(blockKey(slot));
    const place = slot % BLOCK_SIZE;
    entries[place] = entry;
    norms[place] = entry?.norm ?? 0;
  }

  /** Fills an empty version with documents in slots from 0 on. Cost: O(words log distinct words). */
  load(documents: Iterable<{ readonly entry: TextEntry; readonly words: WordCounts }>): void {
    assert(this.#documentCount === 0, "load() is for an empty version");
    const runs = new Map<string, { readonly block: string; readonly postings: number[] }[]>();
    for (const { entry, words } of documents) {
      const slot = this.#documentCount;
      const block = blockKey(slot);
      this.setEntry(slot, entry);
      for (const [key, count] of words.counts) appendTo(runs, key, block, pack(slot, count));
      this.#documentCount += 1;
      this.#wordCount += words.length;
    }
    this.#postings = createOrderedMap<Postings>(sortedEntries(runs));
  }

  /** Everything that is in the trees, as text: equal for versions that say the same. */
  *dump(): IterableIterator<string> {
    yield `${this.#documentCount} documents, ${this.#wordCount} words`;
    for (const [key, postings] of this.#postings.entries()) {
      const entries = this.entriesOf(key.slice(-BLOCK_KEY_LENGTH)).entries;
      for (const posting of postings) {
        const { id, creationTime, norm, filters } = must(entries[placeOf(posting)]);
        const about = [id, creationTime, norm, ...filters.map(encodeKeyPart)].join(" ");
        yield `${key.slice(0, -BLOCK_KEY_LENGTH)} × ${occurrencesOf(posting)} in ${about}`;
      }
    }
  }

  #ownBlock(block: string): OwnedBlock {
    const existing = this.#entries.get(block);
    if (existing?.owner === this.#owner) return existing;
    const { entries, norms } = existing ?? NO_ENTRIES;
    const own = { owner: this.#owner, entries: [...entries], norms: [...norms] };
    this.#entries.set(block, own);
    return own;
  }

  /** The document does not have the word so far. */
  #addPosting(key: string, slot: number, count: number): void {
    const at = key + blockKey(slot);
    this.#postings.set(at, [...(this.#postings.get(at) ?? []), pack(slot, count)]);
  }

  #removePosting(key: string, slot: number): void {
    const at = key + blockKey(slot);
    const place = slot % BLOCK_SIZE;
    const others = must(this.#postings.get(at)).filter((each) => placeOf(each) !== place);
    if (others.length > 0) this.#postings.set(at, [...others]);
    else this.#postings.delete(at);
  }
}

/** An index without documents. Never written. */
export const EMPTY_VERSION = new TextVersion();

const NO_ENTRIES: EntryBlock = { entries: [], norms: [] };

function pack(slot: number, count: number): number {
  return ((slot % BLOCK_SIZE) << COUNT_BITS) | Math.min(count, MAX_COUNT);
}

/** Blocks in order of their slots, as a part of a key. */
function blockKey(slot: number): string {
  const block = Math.floor(slot / BLOCK_SIZE);
  return String.fromCharCode(block >> 16, (block >> 8) & 0xff, block & 0xff);
}

function newPostings(key: string) {
  return { key, blocks: [] as { block: string; postings: Postings }[], count: 0 };
}

function addBlock(to: ReturnType<typeof newPostings>, at: string, postings: Postings): void {
  to.blocks.push({ block: at.slice(-BLOCK_KEY_LENGTH), postings });
  to.count += postings.length;
}

function appendTo(
  runs: Map<string, { readonly block: string; readonly postings: number[] }[]>,
  key: string,
  block: string,
  posting: number,
): void {
  const run = runs.get(key);
  const last = run?.[run.length - 1];
  if (last?.block === block) last.postings.push(posting);
  else if (run !== undefined) run.push({ block, postings: [posting] });
  else runs.set(key, [{ block, postings: [posting] }]);
}

function sortedEntries(
  runs: ReadonlyMap<string, readonly { readonly block: string; readonly postings: Postings }[]>,
): [string, Postings][] {
  const sorted = [...runs].sort(([a], [b]) => compareKeys(a, b));
  return sorted.flatMap(([key, run]) =>
    // A spread leaves behind the spare room that an array has grown with.
    run.map(({ block, postings }): [string, Postings] => [key + block, [...postings]]),
  );
}
