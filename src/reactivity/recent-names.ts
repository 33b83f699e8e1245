/**
 * Which of many texts came by lately? Remembered as numbers in a table of fixed size: nothing for
 * the garbage collector, and wrong now and then. A stranger may be taken for known, and a known one
 * be forgotten when others take its place.
 */

const PLACES = 4_096;

/** Letters looked at: the end of a text, where those of one kind differ. */
const LETTERS = 32;

export class RecentNames {
  readonly #seen = new Uint32Array(PLACES);

  /** Whether `name` seems to have come by before; from now on it has. Cost: O(1). */
  add(name: string): boolean {
    const hash = hashOf(name);
    const place = hash % PLACES;
    const isKnown = this.#seen[place] === hash;
    this.#seen[place] = hash;
    return isKnown;
  }
}

function hashOf(name: string): number {
  let hash = name.length;
  for (let i = Math.max(0, name.length - LETTERS); i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  // Mixed, because the place is told by the lowest bits; never 0, which is an empty place.
  return ((hash ^ (hash >>> 15)) | 1) >>> 0;
}
