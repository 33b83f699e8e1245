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
 * A copy of an array as large as it has elements; `undefined` for one of a subclass or another
 * realm. An array filled by `push` has room for 17 elements from the first on, in every document.
 */
export function plainArrayCopy(array: readonly unknown[]): unknown[] | undefined {
  // Spread, not `slice`: slicing a frozen array is many times slower. Holes become `undefined`.
  return Object.getPrototypeOf(array) === Array.prototype ? [...array] : undefined;
}
