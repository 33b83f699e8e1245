/**
 * Which intervals of strings hold a given string? A treap ordered by (lower, upper) in which every
 * node knows the highest upper bound below it. Equal intervals share a node.
 * Knows nothing of indexes or prefixes: `interval-index.ts` does.
 */
import type { KeyRange } from "../db/key-range";
import { assert } from "../shared/assert";

interface Node<Member> {
  readonly lower: string;
  readonly upper: string;
  readonly members: Set<Member>;
  /** No child has a higher one: this, drawn at random, keeps the tree shallow. */
  readonly priority: number;
  /** The highest `upper` in this subtree. */
  max: string;
  left: Node<Member> | undefined;
  right: Node<Member> | undefined;
}

/**
 * Half-open intervals `[lower, upper)` with their members.
 * Cost, for n distinct intervals: `add` and `remove` O(log n) expected; `collect` O(log n) for each
 * interval found.
 */
export class IntervalTree<Member> {
  #root: Node<Member> | undefined;
  #seed = 0x2545f491;

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** Adds a member to an interval; again is once. Empty intervals hold nothing and are dropped. */
  add(range: KeyRange, member: Member): void {
    const { lower, upper } = range;
    if (lower >= upper) return;
    const node = find(this.#root, lower, upper);
    if (node !== undefined) {
      node.members.add(member);
      return;
    }
    const fresh = {
      lower,
      upper,
      members: new Set<Member>().add(member),
      priority: this.#draw(),
      max: upper,
      left: undefined,
      right: undefined,
    };
    this.#root = insert(this.#root, fresh);
  }

  /** Takes a member from an interval; does nothing if it is not there. */
  remove(range: KeyRange, member: Member): void {
    const { lower, upper } = range;
    const node = find(this.#root, lower, upper);
    if (node === undefined || !node.members.delete(member)) return;
    if (node.members.size === 0) this.#root = without(this.#root, lower, upper);
  }

  /** Adds to `found` the members of all intervals that hold `key`. */
  collect(key: string, found: Set<Member>): void {
    collect(this.#root, key, found);
  }

  /** Throws unless the tree is ordered, heap-ordered by priority, and knows its maxima. */
  checkInvariants(): void {
    check(this.#root, "", undefined);
  }

  /** xorshift32: shallow trees need priorities that look random, not ones that are. */
  #draw(): number {
    let seed = this.#seed;
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    this.#seed = seed;
    return seed;
  }
}

/** The order of nodes: by lower bound, then by upper bound. */
function compare(lower: string, upper: string, node: Node<unknown>): number {
  if (lower !== node.lower) return lower < node.lower ? -1 : 1;
  if (upper !== node.upper) return upper < node.upper ? -1 : 1;
  return 0;
}

function find<Member>(
  root: Node<Member> | undefined,
  lower: string,
  upper: string,
): Node<Member> | undefined {
  let node = root;
  while (node !== undefined) {
    const order = compare(lower, upper, node);
    if (order === 0) return node;
    node = order < 0 ? node.left : node.right;
  }
  return undefined;
}

function insert<Member>(node: Node<Member> | undefined, fresh: Node<Member>): Node<Member> {
  if (node === undefined) return fresh;
  if (compare(fresh.lower, fresh.upper, node) < 0) {
    const child = insert(node.left, fresh);
    node.left = child;
    if (child.priority > node.priority) return rotateRight(node, child);
  } else {
    const child = insert(node.right, fresh);
    node.right = child;
    if (child.priority > node.priority) return rotateLeft(node, child);
  }
  if (fresh.upper > node.max) node.max = fresh.upper;
  return node;
}

function without<Member>(
  node: Node<Member> | undefined,
  lower: string,
  upper: string,
): Node<Member> | undefined {
  if (node === undefined) return undefined;
  const order = compare(lower, upper, node);
  if (order === 0) return join(node.left, node.right);
  if (order < 0) node.left = without(node.left, lower, upper);
  else node.right = without(node.right, lower, upper);
  refresh(node);
  return node;
}

/** One tree of two, all of `left` before all of `right`. */
function join<Member>(
  left: Node<Member> | undefined,
  right: Node<Member> | undefined,
): Node<Member> | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.priority > right.priority) {
    left.right = join(left.right, right);
    refresh(left);
    return left;
  }
  right.left = join(left, right.left);
  refresh(right);
  return right;
}

function rotateRight<Member>(node: Node<Member>, left: Node<Member>): Node<Member> {
  node.left = left.right;
  left.right = node;
  refresh(node);
  refresh(left);
  return left;
}

function rotateLeft<Member>(node: Node<Member>, right: Node<Member>): Node<Member> {
  node.right = right.left;
  right.left = node;
  refresh(node);
  refresh(right);
  return right;
}

function refresh(node: Node<unknown>): void {
  let max = node.upper;
  if (node.left !== undefined && node.left.max > max) max = node.left.max;
  if (node.right !== undefined && node.right.max > max) max = node.right.max;
  node.max = max;
}

function collect<Member>(root: Node<Member> | undefined, key: string, found: Set<Member>): void {
  let node = root;
  // Nothing below ends after the key, or everything to the right begins after it: stop.
  while (node !== undefined && key < node.max) {
    collect(node.left, key, found);
    if (key < node.lower) return;
    if (key < node.upper) for (const member of node.members) found.add(member);
    node = node.right;
  }
}

/** Checks a subtree whose lower bounds start at `floor`; returns its last node. */
function check<Member>(
  node: Node<Member> | undefined,
  floor: string,
  last: Node<Member> | undefined,
): Node<Member> | undefined {
  if (node === undefined) return last;
  assert(node.lower < node.upper, "an interval of the tree is empty");
  assert(node.members.size > 0, "an interval of the tree has no members");
  assert(node.lower >= floor, "the intervals of the tree are out of order");
  const before = check(node.left, floor, last);
  const isAfter = before === undefined || compare(node.lower, node.upper, before) > 0;
  assert(isAfter, "the intervals of the tree are out of order");
  for (const child of [node.left, node.right]) {
    if (child !== undefined) assert(child.priority <= node.priority, "a child outranks its parent");
  }
  const { max } = node;
  refresh(node);
  assert(node.max === max, "a subtree has a wrong maximum");
  return check(node.right, node.lower, node);
}
