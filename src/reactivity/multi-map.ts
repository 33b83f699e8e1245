/** A map from keys to sets of members that forgets a key with its last member. */
export class MultiMap<Key, Member> {
  readonly #sets = new Map<Key, Set<Member>>();

  /** Number of keys that have members. */
  get size(): number {
    return this.#sets.size;
  }

  keys(): IterableIterator<Key> {
    return this.#sets.keys();
  }

  /** Adds a member to a key; again is once. */
  add(key: Key, member: Member): void {
    const members = this.#sets.get(key);
    if (members === undefined) this.#sets.set(key, new Set<Member>().add(member));
    else members.add(member);
  }

  /** Takes a member from a key; does nothing if it is not there. */
  delete(key: Key, member: Member): void {
    const members = this.#sets.get(key);
    if (members?.delete(member) && members.size === 0) this.#sets.delete(key);
  }

  /** Adds the members of `key` to `found`. */
  collect(key: Key, found: Set<Member>): void {
    const members = this.#sets.get(key);
    if (members !== undefined) for (const member of members) found.add(member);
  }
}
