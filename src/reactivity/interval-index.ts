/**
 * Whose read ranges of one index hold a given key? Most ranges lie under an equality prefix (all
 * fields of a channel, say), so they are kept in buckets by that prefix: a range that is the whole
 * prefix needs no comparison at all, the others go to an interval tree of their bucket.
 * A key is looked up in the few buckets it can lie under; all others cost nothing.
 */
import { after } from "../db/index-key";
import type { IndexPlan } from "../db/index-plan";
import type { KeyRange } from "../db/key-range";
import { assert } from "../shared/assert";
import { IntervalTree } from "./interval-tree";

/** A range with an equality prefix it lies under, the longer the better; "" is always right. */
export interface PrefixedRange extends KeyRange {
  readonly prefix: string;
}

interface Bucket<Member> {
  /** Members whose range is every key that starts with the prefix. */
  readonly whole: Set<Member>;
  readonly parts: IntervalTree<Member>;
}

/** Up to here it is cheaper to try every length of prefix in use than to cut the key at its fields. */
const FEW_LENGTHS = 6;

/**
 * Cost, for n ranges: `add` and `remove` O(log n) expected; `collect` O(f + k log n) for k ranges
 * found under f prefixes, and O(f + k) where they are whole prefixes. f is at most the larger of
 * the index's number of fields and 6.
 */
export class IntervalIndex<Member> {
  readonly #plan: Pick<IndexPlan, "prefixesOf">;
  readonly #buckets = new Map<string, Bucket<Member>>();
  /** How many buckets have a prefix of which length. */
  readonly #lengths = new Map<number, number>();

  constructor(plan: Pick<IndexPlan, "prefixesOf">) {
    this.#plan = plan;
  }

  get isEmpty(): boolean {
    return this.#buckets.size === 0;
  }

  /** Adds a member's range; the same again is once. */
  add(range: PrefixedRange, member: Member): void {
    if (range.lower >= range.upper) return;
    const bucket = this.#bucketFor(range.prefix);
    if (isWhole(range)) bucket.whole.add(member);
    else bucket.parts.add(range, member);
  }

  /** Takes back what was added with an equal range; does nothing if it is not there. */
  remove(range: PrefixedRange, member: Member): void {
    const bucket = this.#buckets.get(range.prefix);
    if (bucket === undefined) return;
    if (isWhole(range)) bucket.whole.delete(member);
    else bucket.parts.remove(range, member);
    if (bucket.whole.size === 0 && bucket.parts.isEmpty) this.#dropBucket(range.prefix);
  }

  /** Adds to `found` the members with a range that holds `key`. */
  collect(key: string, found: Set<Member>): void {
    if (this.#lengths.size > FEW_LENGTHS) {
      for (const prefix of this.#plan.prefixesOf(key)) this.#collectUnder(prefix, key, found);
      return;
    }
    // A cut elsewhere than at a field's end equals no bucket's prefix: fields are self-delimiting.
    // Except before a 0xff: there the cut goes through an escaped NUL of a longer string.
    for (const length of this.#lengths.keys()) {
      if (length > key.length || key.charCodeAt(length) === 0xff) continue;
      this.#collectUnder(key.slice(0, length), key, found);
    }
  }

  /** Throws unless every bucket is in use, counted, and a sound tree. */
  checkInvariants(): void {
    const lengths = new Map<number, number>();
    for (const [prefix, bucket] of this.#buckets) {
      assert(bucket.whole.size > 0 || !bucket.parts.isEmpty, "a bucket is empty");
      bucket.parts.checkInvariants();
      lengths.set(prefix.length, (lengths.get(prefix.length) ?? 0) + 1);
    }
    assert(lengths.size === this.#lengths.size, "a length of prefix is not in use");
    for (const [length, count] of lengths) {
      assert(this.#lengths.get(length) === count, "a length of prefix is miscounted");
    }
  }

  #collectUnder(prefix: string, key: string, found: Set<Member>): void {
    const bucket = this.#buckets.get(prefix);
    if (bucket === undefined) return;
    for (const member of bucket.whole) found.add(member);
    bucket.parts.collect(key, found);
  }

  #bucketFor(prefix: string): Bucket<Member> {
    const existing = this.#buckets.get(prefix);
    if (existing !== undefined) return existing;
    const bucket = { whole: new Set<Member>(), parts: new IntervalTree<Member>() };
    this.#buckets.set(prefix, bucket);
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
    return bucket;
  }

  #dropBucket(prefix: string): void {
    this.#buckets.delete(prefix);
    const left = (this.#lengths.get(prefix.length) ?? 0) - 1;
    if (left > 0) this.#lengths.set(prefix.length, left);
    else this.#lengths.delete(prefix.length);
  }
}

function isWhole({ lower, upper, prefix }: PrefixedRange): boolean {
  return lower === prefix && upper.length === prefix.length + 1 && upper === after(prefix);
}
