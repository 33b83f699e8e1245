/** The newest of what came over the stream, for views to show: a bounded number of entries. */
import { Store } from "./store";

export interface Entry<T> {
  /** Ascending, without gaps. */
  readonly number: number;
  /** Nothing: here the server has left some out. */
  readonly item: T | undefined;
}

export class History<T> {
  readonly entries = new Store<readonly Entry<T>[]>([]);
  readonly #limit: number;
  #next = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param dropped how many before these the server has left out */
  add(items: readonly T[], dropped: number): void {
    const gap = dropped > 0 ? [undefined] : [];
    const added = [...gap, ...items].map((item): Entry<T> => ({ number: this.#next++, item }));
    this.entries.value = [...this.entries.value, ...added].slice(-this.#limit);
  }

  clear(): void {
    this.entries.value = [];
  }
}
