/**
 * The types of things an author only passes on: a finished index range, a search filter, a filter expression.
 *
 * `convex` declares these as classes with private members, which no other type can ever equal. So
 * that code typed against `convex/server` fits Invex's builders, Invex's versions are structural:
 * any object passes unless it is marked as another kind, while bare values and promises do not.
 */

/** An object whose content is nobody's business. Marks exist in types only. */
export interface Opaque<Kind extends string> {
  /** Every object has this; a string, number or boolean has a `valueOf` that is no object. */
  valueOf(): object;
  /** Never present at run time. */
  readonly __kind?: Kind;
  /** Keeps `async` callbacks out. */
  readonly then?: never;
}

/**
 * A callback that receives a builder: `(q: Builder) => Result`.
 *
 * Spelled as two equal generic overloads for one reason: TypeScript compares overloads with their type
 * parameters erased. So a callback typed against `convex`'s builder, which returns nominal classes,
 * still fits, and `ctx` of either package can be passed where the other's is wanted. What an arrow
 * function gets and must return is checked as ever.
 */
export type BuilderCallback<Builder, Result> = {
  call<Q extends Builder>(q: Q): Result;
  call<Q extends Builder>(q: Q): Result;
}["call"];
