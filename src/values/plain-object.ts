/** Plain objects and arrays that are cheap to build, and no larger than they must be. */
import type { ValueObject } from "./value";

/**
 * Makes a maker of empty plain objects. Objects of one maker, filled with the same names in the
 * same order, share one hidden class and hold their fields inline, like those of an object literal:
 * half the cost of filling `{}`, and no larger in memory.
 */
export function plainObjectMaker(): () => ValueObject {
  // A constructor of its own has a hidden class of its own; its prototype makes the object plain.
  function plain() {}
  plain.prototype = Object.prototype;
  return () => new (plain as unknown as new () => ValueObject)();
}

/**
 * The first `length` items of an array, in one as large as that; `undefined` for one of a subclass or
 * another realm. An array filled by `push` has room for 17 elements from the first on, in every
 * document.
 *
 * By index and length alone: what an iterator of the array's own, or a proxy whose `length` grows,
 * would go on with has no end. Holes become `undefined`.
 */
export function plainArrayCopy(array: readonly unknown[], length: number): unknown[] | undefined {
  if (Object.getPrototypeOf(array) !== Array.prototype) return undefined;
  if (length === 0) return [];
  if (length === 1) return [array[0]];
  if (length === 2) return [array[0], array[1]];
  if (length === 3) return [array[0], array[1], array[2]];
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) items.push(array[i]);
  return [...items];
}
