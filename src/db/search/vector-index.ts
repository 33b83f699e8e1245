/**
 * The vectors of a table, kept up to date with its latest commit and searched one by one: results
 * are exact. Vectors lie in blocks of neighbouring slots, as unit vectors of 32-bit floats. Has no
 * past: vector searches belong to no transaction (engine.md 9.2).
 *
 * Cost: a write O(dimensions); a search O(vectors × dimensions), or less with filters; `fork` O(1),
 * and the first write to a block afterwards copies it. Memory: 4 bytes a dimension and vector.
 */
import { assert, must } from "../../shared/assert";
import { valuesEqual } from "../../values/compare";
import type { Value } from "../../values/value";
import type { Document } from "../document";
import { Slots } from "./slots";
import { TopHits } from "./top-hits";
import { dot, paddedLength, writeUnitVector } from "./unit-vector";
import type { VectorIndexPlan } from "./vector-index-plan";
import type { VectorQuery } from "./vector-query";

export interface VectorHit {
  readonly _id: string;
  /** Cosine similarity, -1 to 1, as a 32-bit float. */
  readonly _score: number;
}

interface VectorEntry {
  readonly id: string;
  readonly filters: readonly (Value | undefined)[];
}

interface Block {
  /** Who may change it: the index whose mark this is, and nobody after a fork. */
  readonly owner: object;
  readonly vectors: Float32Array;
  readonly entries: (VectorEntry | undefined)[];
}

interface BlockList {
  readonly owner: object;
  readonly blocks: Block[];
}

/** Small enough to be copied after a fork, large enough to be read at the memory's speed. */
const BLOCK_BYTES = 128 * 1024;

export class VectorIndex {
  readonly plan: VectorIndexPlan;
  readonly #stride: number;
  readonly #rows: number;
  #slots = new Slots();
  #owner: object = {};
  #list: BlockList = { owner: this.#owner, blocks: [] };

  constructor(plan: VectorIndexPlan) {
    this.plan = plan;
    this.#stride = paddedLength(plan.dimensions);
    const rowBytes = this.#stride * Float32Array.BYTES_PER_ELEMENT;
    this.#rows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  }

  /** A document was written: `undefined` before an insert, after a deletion. */
  write(before: Document | undefined, after: Document | undefined): void {
    const old = before && this.plan.vectorOf(before);
    const vector = after && this.plan.vectorOf(after);
    if (after !== undefined && vector !== undefined) {
      if (before === undefined || old === undefined) {
        this.#put(this.#slots.take(after._id), after, vector);
      } else if (this.#isChanged(before, old, after, vector)) {
        this.#put(must(this.#slots.of(after._id)), after, vector);
      }
    } else if (before !== undefined && old !== undefined) {
      this.#clear(this.#slots.release(before._id));
    }
  }

  /** The documents nearest to the query, nearest first; among equals the greatest id first. */
  search(query: VectorQuery): VectorHit[] {
    const target = new Float64Array(this.#stride);
    writeUnitVector(query.vector, target, 0);
    const top = new TopHits<VectorHit>(query.limit, isNearer);
    for (const { vectors, entries } of this.#list.blocks) {
      for (const [row, entry] of entries.entries()) {
        if (entry === undefined || !query.passes(entry.filters)) continue;
        const _score = cosine(dot(vectors, row * this.#stride, target));
        const { worst } = top;
        if (worst === undefined || _score >= worst._score) top.offer({ _id: entry.id, _score });
      }
    }
    return top.sorted();
  }

  fork(): VectorIndex {
    const fork = new VectorIndex(this.plan);
    fork.#slots = this.#slots.fork();
    fork.#list = this.#list;
    // Neither side owns what both can see.
    this.#owner = {};
    return fork;
  }

  /** Throws unless this holds exactly the vectors of `documents`. */
  checkInvariants(documents: readonly Document[]): void {
    const wanted = new Map(documents.map((document) => [document._id, document]));
    let count = 0;
    for (const [at, { vectors, entries }] of this.#list.blocks.entries()) {
      for (const [row, entry] of entries.entries()) {
        if (entry === undefined) continue;
        const slot = at * this.#rows + row;
        const document = must(wanted.get(entry.id), `${entry.id} has a vector and is no more`);
        assert(this.#slots.of(entry.id) === slot, `${entry.id} is not in slot ${slot}`);
        const found = vectors.subarray(row * this.#stride, (row + 1) * this.#stride);
        this.#checkRow(document, entry, found);
        count += 1;
      }
    }
    const vectors = documents.filter((document) => this.plan.vectorOf(document) !== undefined);
    assert(count === vectors.length, `${this.plan.descriptor} has ${count} of ${vectors.length}`);
  }

  #checkRow(document: Document, { filters }: VectorEntry, found: Float32Array): void {
    const right = new Float32Array(this.#stride);
    writeUnitVector(must(this.plan.vectorOf(document), "has a vector too many"), right, 0);
    assert(
      found.every((part, i) => part === right[i]),
      `${document._id} has another vector`,
    );
    const values = this.plan.filtersOf(document);
    assert(
      filters.every((value, i) => valuesEqual(value, values[i])),
      "filters are out of date",
    );
  }

  #isChanged(
    before: Document,
    old: readonly number[],
    after: Document,
    vector: readonly number[],
  ): boolean {
    const filters = this.plan.filtersOf(after);
    return (
      vector.some((part, i) => part !== old[i]) ||
      this.plan.filtersOf(before).some((value, i) => !valuesEqual(value, filters[i]))
    );
  }

  #put(slot: number, document: Document, vector: readonly number[]): void {
    const { vectors, entries } = this.#ownBlock(slot);
    const row = slot % this.#rows;
    writeUnitVector(vector, vectors, row * this.#stride);
    entries[row] = { id: document._id, filters: this.plan.filtersOf(document) };
  }

  #clear(slot: number): void {
    this.#ownBlock(slot).entries[slot % this.#rows] = undefined;
  }

  /** The block of a slot, made or copied if need be so that it can be changed. */
  #ownBlock(slot: number): Block {
    if (this.#list.owner !== this.#owner) {
      this.#list = { owner: this.#owner, blocks: [...this.#list.blocks] };
    }
    const { blocks } = this.#list;
    const at = Math.floor(slot / this.#rows);
    const existing = blocks[at];
    if (existing?.owner === this.#owner) return existing;
    const block = {
      owner: this.#owner,
      vectors: existing?.vectors.slice() ?? new Float32Array(this.#rows * this.#stride),
      entries: [...(existing?.entries ?? new Array(this.#rows).fill(undefined))],
    };
    blocks[at] = block;
    return block;
  }
}

function isNearer(a: VectorHit, b: VectorHit): boolean {
  return a._score === b._score ? a._id > b._id : a._score > b._score;
}

/** Rounding may take the dot product of unit vectors a little beyond one. */
function cosine(product: number): number {
  return Math.fround(Math.min(1, Math.max(-1, product)));
}
