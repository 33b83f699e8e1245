/**
 * Copies of whole objects at the speed V8 can give them. `{ ...object }` costs a quarter of
 * copying field by field, as long as the place in the code that says it has seen no more than four shapes of
 * object; then it costs more. What a place has seen belongs to the text of the program, not to a
 * closure, so places of their own for tables and validators have to be written out.
 */

/** A shallow copy: own enumerable properties, also those named by symbols. */
export type Spread = (object: object) => object;

const places: readonly Spread[] = [
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
  (object) => ({ ...object }),
];

/** The place number `n`, of as many as there are: the same for the same number. */
export function spreadNumber(n: number): Spread {
  return places[n % places.length]!;
}

let taken = 0;

/** The place that was handed out longest ago, for objects that will all be of much the same shape. */
export function anotherSpread(): Spread {
  return spreadNumber(taken++);
}
