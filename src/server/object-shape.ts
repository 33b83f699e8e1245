/**
 * Type-level arithmetic on object types, shared by the authoring types; `Expand` is in
 * `values/validator.ts`. Nothing here exists at run time.
 */

/** `Omit` that keeps the other properties' modifiers, and index signatures, as they were. */
export type BetterOmit<T, K extends keyof T> = {
  [Property in keyof T as Property extends K ? never : Property]: T[Property];
};

/** `A | B | C` to `A & B & C`. */
export type UnionToIntersection<UnionType> = (
  UnionType extends unknown
    ? (member: UnionType) => void
    : never
) extends (all: infer Intersection) => void
  ? Intersection
  : never;

/** Keeps `T` from being inferred as a union through the position it is used in. */
export type NonUnion<T> = T extends never ? never : T;
