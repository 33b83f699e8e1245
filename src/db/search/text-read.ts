/**
 * What a text search has read: whatever would make a document match it, however many do now. Filed
 * so that a write finds the live searches it concerns: by the values of the fields they filter by,
 * then by their words.
 */

import type { Document } from "../document";
import { encodeKeyPart } from "../index-key";
import type { SearchProbe, SearchRead } from "../read-set";
import type { TablePlan } from "../table-plan";
import type { SearchIndexPlan } from "./search-index-plan";
import type { TextQuery } from "./text-query";
import { tokenize } from "./tokenizer";

export class TextRead implements SearchRead {
  readonly probe: SearchProbe;
  readonly bucket: string;
  readonly keys: ReadonlySet<string>;
  readonly #query: TextQuery;

  constructor(query: TextQuery) {
    const { index, words, prefix } = query;
    const filters = [...query.filters].sort((a, b) => a.position - b.position);
    this.#query = query;
    this.probe = index.probeFor(filters.map(({ position }) => position));
    this.bucket = filters.map(({ value }) => encodeKeyPart(value)).join("");
    // Beginning with the last word includes being the last word.
    this.keys = new Set([
      ...words.filter((word) => word !== prefix).map(wholeWord),
      beginning(prefix),
    ]);
  }

  get table(): TablePlan {
    return this.#query.index.table;
  }

  /** Cost: O(length of the text), if the filters let it pass. */
  matches(document: Document): boolean {
    const { index, words, prefix } = this.#query;
    const text = index.textOf(document);
    if (text === undefined || !this.#query.passes(index.filtersOf(document))) return false;
    return tokenize(text).some((word) => words.includes(word) || word.startsWith(prefix));
  }
}

/** One for all searches of an index that filter by the same fields. */
export class TextProbe implements SearchProbe {
  readonly #index: SearchIndexPlan;
  /** Which of the index's filter fields. */
  readonly #positions: readonly number[];

  constructor(index: SearchIndexPlan, positions: readonly number[]) {
    this.#index = index;
    this.#positions = positions;
  }

  get table(): TablePlan {
    return this.#index.table;
  }

  bucketOf(document: Document): string | undefined {
    if (this.#index.textOf(document) === undefined) return undefined;
    const values = this.#index.filtersOf(document);
    return this.#positions.map((position) => encodeKeyPart(values[position])).join("");
  }

  /** Cost: O(length of the text). */
  *keysOf(document: Document): IterableIterator<string> {
    for (const word of new Set(tokenize(this.#index.textOf(document) ?? ""))) {
      yield wholeWord(word);
      for (let length = 1; length <= word.length; length++) yield beginning(word.slice(0, length));
    }
  }
}

function wholeWord(word: string): string {
  return `=${word}`;
}

function beginning(prefix: string): string {
  return `^${prefix}`;
}
