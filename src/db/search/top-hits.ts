/**
 * The best few of many, without sorting the many: a binary heap of at most `limit` hits with the
 * worst of them on top.
 */

/** Whether `a` comes before `b`: a strict total order. */
export type IsBetter<Hit> = (a: Hit, b: Hit) => boolean;

export class TopHits<Hit> {
  readonly #limit: number;
  readonly #isBetter: IsBetter<Hit>;
  readonly #heap: Hit[] = [];

  constructor(limit: number, isBetter: IsBetter<Hit>) {
    this.#limit = limit;
    this.#isBetter = isBetter;
  }

  /** The hit that the next better one will replace; `undefined` while there is room. */
  get worst(): Hit | undefined {
    return this.#heap.length < this.#limit ? undefined : this.#heap[0];
  }

  /** Keeps `hit` if it is among the best so far. Cost: O(log limit), O(1) if it is not. */
  offer(hit: Hit): void {
    if (this.#limit === 0) return;
    if (this.#heap.length < this.#limit) {
      this.#heap.push(hit);
      this.#rise(this.#heap.length - 1);
    } else if (this.#isBetter(hit, this.#at(0))) {
      this.#heap[0] = hit;
      this.#sink();
    }
  }

  /** All that were kept, best first. Cost: O(limit log limit). */
  sorted(): Hit[] {
    return [...this.#heap].sort((a, b) => (this.#isBetter(a, b) ? -1 : 1));
  }

  #at(position: number): Hit {
    return this.#heap[position] as Hit;
  }

  #rise(start: number): void {
    const hit = this.#at(start);
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.#isBetter(this.#at(parent), hit)) break;
      this.#heap[position] = this.#at(parent);
      position = parent;
    }
    this.#heap[position] = hit;
  }

  #sink(): void {
    const hit = this.#at(0);
    const count = this.#heap.length;
    let position = 0;
    for (let child = 1; child < count; child = 2 * position + 1) {
      if (child + 1 < count && this.#isBetter(this.#at(child), this.#at(child + 1))) child += 1;
      if (!this.#isBetter(hit, this.#at(child))) break;
      this.#heap[position] = this.#at(child);
      position = child;
    }
    this.#heap[position] = hit;
  }
}
