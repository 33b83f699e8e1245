/**
 * Randomness for secrets, from the platform's secure generator: what `random.ts` gives is fast, but
 * whoever sees enough of it can tell the rest.
 */

/** `length` bytes nobody can guess, owned by the caller. At most 65,536. */
export function secretBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
