/**
 * Which item of the previous array is the same document as an item of the next one? Documents are
 * told by `_id`; anything else by its position. Made for lists that gain or lose a few documents.
 */
import type { Value } from "../values/value";

/** So many documents out of place are looked for one by one, which is cheaper than a map of all. */
const FEW_SEARCHES = 4;

/** Ask for `partnerOf(0)`, `partnerOf(1)`, … in this order. Cost: O(length) altogether. */
export class Alignment {
  readonly #previous: readonly Value[];
  readonly #next: readonly Value[];
  /** Where the next document is expected in `previous`. */
  #cursor = 0;
  #matched = 0;
  #searches = 0;
  #positions: ReadonlyMap<string, number> | undefined;

  constructor(previous: readonly Value[], next: readonly Value[]) {
    this.#previous = previous;
    this.#next = next;
  }

  /** The previous version of `next[i]`; `undefined` when it is new. */
  partnerOf(i: number): Value | undefined {
    const id = idOf(this.#next[i]);
    if (id === undefined) {
      this.#cursor = i + 1;
      return this.#previous[i];
    }
    const position = this.#find(id);
    if (position === undefined) return undefined;
    this.#cursor = position + 1;
    this.#matched += 1;
    return this.#previous[position];
  }

  #find(id: string): number | undefined {
    const previous = this.#previous;
    if (idOf(previous[this.#cursor]) === id) return this.#cursor;
    if (this.#matched === previous.length) return undefined;
    if (idOf(previous[this.#cursor + 1]) === id) return this.#cursor + 1;
    this.#searches += 1;
    if (this.#searches > FEW_SEARCHES) {
      this.#positions ??= positionsOf(previous);
      return this.#positions.get(id);
    }
    for (let position = 0; position < previous.length; position++) {
      if (idOf(previous[position]) === id) return position;
    }
    return undefined;
  }
}

function positionsOf(items: readonly Value[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (let i = 0; i < items.length; i++) {
    const id = idOf(items[i]);
    if (id !== undefined) positions.set(id, i);
  }
  return positions;
}

function idOf(item: Value | undefined): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { _id: id } = item as { readonly _id?: unknown };
  return typeof id === "string" ? id : undefined;
}
