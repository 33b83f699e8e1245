/**
 * Small numbers for the documents of a search index, dense: a document that leaves gives its number
 * to a later one. Forks in amortised constant time, like the maps it is made of.
 */
import { assert, must } from "../../shared/assert";
import { LayeredMap } from "../layered-map";

/** A list that forks share: it is never changed, only begun anew. */
interface FreeSlot {
  readonly slot: number;
  readonly next: FreeSlot | undefined;
}

/** In place of the slot of a document that has left, where a shared layer still has it. */
const GONE = -1;

export class Slots {
  #slotOf = new LayeredMap<number>();
  #free: FreeSlot | undefined;
  #end = 0;

  /** The least number never given so far. */
  get end(): number {
    return this.#end;
  }

  /** The slot of a document; `undefined` if it has none. Cost: O(1). */
  of(id: string): number | undefined {
    const slot = this.#slotOf.get(id);
    return slot === GONE ? undefined : slot;
  }

  /** Gives a document a slot that nobody else has. */
  take(id: string): number {
    assert(this.of(id) === undefined, `document ${id} has a slot already`);
    const slot = this.#free?.slot ?? this.#end++;
    this.#free = this.#free?.next;
    this.#slotOf.set(id, slot);
    return slot;
  }

  /** Takes a document's slot away; returns which it was. */
  release(id: string): number {
    const slot = must(this.of(id), `document ${id} has no slot`);
    this.#slotOf.set(id, GONE);
    this.#slotOf.remove(id);
    this.#free = { slot, next: this.#free };
    return slot;
  }

  fork(): Slots {
    const fork = new Slots();
    fork.#slotOf = this.#slotOf.fork();
    fork.#free = this.#free;
    fork.#end = this.#end;
    return fork;
  }
}
