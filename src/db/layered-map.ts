/**
 * A map from ids to values that forks in (amortised) constant time: frozen layers shared with other
 * forks, newest first, below one layer of its own. A value in a newer layer hides the older ones.
 *
 * Not a general map: ids are never reused, so an entry is removed only by whoever knows that no
 * lower layer has it (see `remove`).
 */
export class LayeredMap<V> {
  #own = new Map<string, V>();
  /** Newest first. Never written again once here. */
  #shared: readonly ReadonlyMap<string, V>[] = [];

  /** Cost: O(1), times the number of shared layers (at most a handful). */
  get(id: string): V | undefined {
    const own = this.#own.get(id);
    if (own !== undefined || this.#shared.length === 0) return own;
    for (const layer of this.#shared) {
      const value = layer.get(id);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(id: string, value: V): void {
    this.#own.set(id, value);
  }

  /** Forgets `id`, unless a shared layer has it too: then the caller's tombstone must stay. */
  remove(id: string): void {
    if (!this.#shared.some((layer) => layer.has(id))) this.#own.delete(id);
  }

  /** Every current entry once, in no particular order. */
  *entries(): IterableIterator<[string, V]> {
    yield* this.#own;
    for (const [depth, layer] of this.#shared.entries()) {
      for (const entry of layer) {
        if (!this.#isHidden(entry[0], depth)) yield entry;
      }
    }
  }

  /**
   * A copy that sees what this one sees now; later writes on either side are invisible to the other.
   * Cost: O(1) when nothing was written since the last fork, else the layers that are merged to keep
   * their number logarithmic: O(log n) a write, amortised.
   */
  fork(): LayeredMap<V> {
    if (this.#own.size > 0) {
      this.#shared = withLayer(this.#shared, this.#own);
      this.#own = new Map();
    }
    const fork = new LayeredMap<V>();
    fork.#shared = this.#shared;
    return fork;
  }

  #isHidden(id: string, depth: number): boolean {
    return this.#own.has(id) || this.#shared.slice(0, depth).some((layer) => layer.has(id));
  }
}

/** Puts `newest` on top; layers that are not at least twice the one above are merged into it. */
function withLayer<V>(
  layers: readonly ReadonlyMap<string, V>[],
  newest: ReadonlyMap<string, V>,
): ReadonlyMap<string, V>[] {
  let top = newest;
  let below = 0;
  for (const layer of layers) {
    if (layer.size >= 2 * top.size) break;
    top = new Map([...layer, ...top]);
    below += 1;
  }
  return [top, ...layers.slice(below)];
}
