/**
 * Which searches of a table does a document match? Searches are filed under buckets and keys (see
 * `SearchProbe`), so that those in other buckets or for other words cost nothing.
 */
import type { Document } from "../db/document";
import type { SearchProbe, SearchRead } from "../db/read-set";
import { MultiMap } from "./multi-map";

type Bucket<Member> = MultiMap<string, Member>;

/** Cost of `collect`: O(kinds of search), and the document's keys where its bucket is watched. */
export class SearchWatch<Member> {
  readonly #kinds = new Map<SearchProbe, Map<string, Bucket<Member>>>();

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  add({ probe, bucket: name, keys }: SearchRead, member: Member): void {
    let buckets = this.#kinds.get(probe);
    if (buckets === undefined) {
      buckets = new Map();
      this.#kinds.set(probe, buckets);
    }
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      bucket = new MultiMap();
      buckets.set(name, bucket);
    }
    for (const key of keys) bucket.add(key, member);
  }

  /** Takes back what was added for the same member; does nothing if it is not there. */
  remove({ probe, bucket: name, keys }: SearchRead, member: Member): void {
    const buckets = this.#kinds.get(probe);
    const bucket = buckets?.get(name);
    if (buckets === undefined || bucket === undefined) return;
    for (const key of keys) bucket.delete(key, member);
    if (bucket.size === 0) buckets.delete(name);
    if (buckets.size === 0) this.#kinds.delete(probe);
  }

  /** Adds to `found` the members with a search that matches `document`. */
  collect(document: Document, found: Set<Member>): void {
    for (const [probe, buckets] of this.#kinds) {
      const name = probe.bucketOf(document);
      const bucket = name === undefined ? undefined : buckets.get(name);
      if (bucket === undefined) continue;
      for (const key of probe.keysOf(document)) bucket.collect(key, found);
    }
  }
}
