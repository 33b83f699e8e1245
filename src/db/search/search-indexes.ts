/** The search and vector indexes of one table, told of its writes together. Staged ones are not kept. */
import { must } from "../../shared/assert";
import type { Document } from "../document";
import type { TablePlan } from "../table-plan";
import type { SearchIndexPlan } from "./search-index-plan";
import { TextIndex } from "./text-index";
import type { TextVersion } from "./text-version";
import { VectorIndex } from "./vector-index";
import type { VectorIndexPlan } from "./vector-index-plan";

/** The text indexes of a past version of the table. */
export type FrozenTexts = ReadonlyMap<SearchIndexPlan, TextVersion>;

export class SearchIndexes {
  readonly #texts: ReadonlyMap<SearchIndexPlan, TextIndex>;
  readonly #vectors: ReadonlyMap<VectorIndexPlan, VectorIndex>;

  private constructor(texts: Iterable<TextIndex>, vectors: Iterable<VectorIndex>) {
    this.#texts = new Map([...texts].map((text) => [text.plan, text]));
    this.#vectors = new Map([...vectors].map((vector) => [vector.plan, vector]));
  }

  /** Empty ones; `undefined` for a table without any, which most are. */
  static of(table: TablePlan): SearchIndexes | undefined {
    const texts = [...table.searchIndexes.values()].filter(({ staged }) => !staged);
    const vectors = [...table.vectorIndexes.values()].filter(({ staged }) => !staged);
    if (texts.length + vectors.length === 0) return undefined;
    return new SearchIndexes(
      texts.map((plan) => new TextIndex(plan)),
      vectors.map((plan) => new VectorIndex(plan)),
    );
  }

  /** The latest version; changed in place by the next write. */
  text(index: SearchIndexPlan): TextVersion {
    return must(this.#texts.get(index)).latest;
  }

  vectors(index: VectorIndexPlan): VectorIndex {
    return must(this.#vectors.get(index));
  }

  /** A document was written: `undefined` before an insert, after a deletion. */
  write(before: Document | undefined, after: Document | undefined): void {
    for (const text of this.#texts.values()) text.write(before, after);
    for (const vector of this.#vectors.values()) vector.write(before, after);
  }

  /** Fills empty indexes. */
  load(documents: readonly Document[]): void {
    for (const text of this.#texts.values()) text.load(documents);
    for (const vector of this.#vectors.values()) {
      for (const document of documents) vector.write(undefined, document);
    }
  }

  /** What snapshots of now will go on reading. Cost: O(indexes). */
  freeze(): FrozenTexts {
    return new Map([...this.#texts.values()].map((text) => [text.plan, text.freeze()]));
  }

  /** An independent copy. Cost: O(indexes), amortised. */
  fork(): SearchIndexes {
    return new SearchIndexes(
      [...this.#texts.values()].map((text) => text.fork()),
      [...this.#vectors.values()].map((vector) => vector.fork()),
    );
  }

  /** Throws unless every index says what `documents` say. Cost: that of making them anew. */
  checkInvariants(documents: readonly Document[]): void {
    for (const text of this.#texts.values()) text.checkInvariants(documents);
    for (const vector of this.#vectors.values()) vector.checkInvariants(documents);
  }
}
