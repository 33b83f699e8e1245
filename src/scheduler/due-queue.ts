/**
 * What is due when: entries by time, ties by sequence, found and changed by key.
 * Knows nothing of jobs. Every operation is O(log n), a clone O(1).
 */
import { encodeKeyPart } from "../db/index-key";
import { assert, must } from "../shared/assert";
import { createOrderedMap, type OrderedMap } from "../shared/b-tree";

export interface DueEntry<T> {
  /** Unique in its queue. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly dueMs: number;
  /** Orders entries due at the same time; ties go by key. */
  readonly sequence: number;
  readonly value: T;
}

export class DueQueue<T> {
  /** By place: due time, sequence, key, in one order-preserving string. */
  #entries: OrderedMap<DueEntry<T>>;
  /** The place of every key. */
  #places: OrderedMap<string>;
  /** The first entry while it is known: it is asked for far oftener than it changes. */
  #first: { readonly place: string; readonly entry: DueEntry<T> } | undefined;

  private constructor(entries: OrderedMap<DueEntry<T>>, places: OrderedMap<string>) {
    this.#entries = entries;
    this.#places = places;
  }

  /** A queue of these entries, their keys all different. O(n log n), far less than n times `set`. */
  static of<T>(entries: Iterable<DueEntry<T>> = []): DueQueue<T> {
    const placed = [...entries].map((entry): [string, DueEntry<T>] => [placeOf(entry), entry]);
    const places = placed.map(([place, entry]): [string, string] => [entry.key, place]);
    return new DueQueue(createOrderedMap(sorted(placed)), createOrderedMap(sorted(places)));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry due first. O(1) unless the one before it was just removed. */
  peek(): DueEntry<T> | undefined {
    if (this.#first === undefined) {
      const place = this.#entries.minKey();
      if (place === undefined) return undefined;
      this.#first = { place, entry: must(this.#entries.get(place)) };
    }
    return this.#first.entry;
  }

  get(key: string): DueEntry<T> | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#entries.get(place);
  }

  /** Adds an entry, or replaces the one with its key. */
  set(entry: DueEntry<T>): void {
    this.delete(entry.key);
    const place = placeOf(entry);
    this.#entries.set(place, entry);
    this.#places.set(entry.key, place);
    if (this.#first !== undefined && place < this.#first.place) this.#first = { place, entry };
  }

  /** Removes and returns an entry. */
  delete(key: string): DueEntry<T> | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const entry = must(this.#entries.get(place));
    this.#entries.delete(place);
    this.#places.delete(key);
    if (this.#first?.place === place) this.#first = undefined;
    return entry;
  }

  /** Removes and returns the entry due first if it is due at `nowMs`. */
  takeDue(nowMs: number): DueEntry<T> | undefined {
    const first = this.peek();
    return first !== undefined && first.dueMs <= nowMs ? this.delete(first.key) : undefined;
  }

  /** Entries in order. Changing the queue ends the iteration's validity. */
  values(): Iterable<DueEntry<T>> {
    return this.#entries.values();
  }

  /** An independent queue with the same entries. */
  clone(): DueQueue<T> {
    return new DueQueue(this.#entries.clone(), this.#places.clone());
  }

  /** Throws unless both orders hold the same entries, each in its place. O(n log n). */
  checkInvariants(): void {
    assert(this.#entries.size === this.#places.size, "the queue's two orders differ in size");
    for (const [key, place] of this.#places.entries()) {
      const entry = must(this.#entries.get(place), `nothing in the place of ${key}`);
      assert(entry.key === key && placeOf(entry) === place, `${key} is out of place`);
    }
    const first = this.#first?.place ?? this.#entries.minKey();
    assert(first === this.#entries.minKey(), "the first entry is not the first");
  }
}

/** Whether `left` is due before `right`, by the order of the queue. */
export function comesBefore<T>(left: DueEntry<T>, right: DueEntry<T>): boolean {
  if (left.dueMs !== right.dueMs) return left.dueMs < right.dueMs;
  if (left.sequence !== right.sequence) return left.sequence < right.sequence;
  return left.key < right.key;
}

function placeOf<T>({ dueMs, sequence, key }: DueEntry<T>): string {
  return encodeKeyPart(dueMs) + encodeKeyPart(sequence) + key;
}

function sorted<T>(pairs: [string, T][]): [string, T][] {
  return pairs.sort(([left], [right]) => (left < right ? -1 : 1));
}
