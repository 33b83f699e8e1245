/**
 * `v`, the builder of validators: what authors write for `args`, `returns` and table fields.
 * The classes behind it are in `validator.ts`.
 */
import type { CommitTsPlaceholder } from "./commit-ts";
import type {
  GenericValidator,
  Infer,
  ObjectType,
  PropertyValidators,
  Validator,
  VOptional,
} from "./validator";
import {
  VAny,
  VArray,
  VBoolean,
  VBytes,
  VCommitTs,
  VFloat64,
  VId,
  VInt64,
  VLiteral,
  VNull,
  VObject,
  VRecord,
  VString,
  VUnion,
} from "./validator";
import type { GenericId } from "./value";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every validator passes.
type Anything = any;
type RequiredValidator = Validator<Anything, "required", Anything>;

/**
 * Builds validators.
 *
 * @example
 * ```ts
 * const message = v.object({
 *   author: v.id("users"),
 *   body: v.string(),
 *   likes: v.optional(v.number()),
 * });
 * type Message = Infer<typeof message>; // { author: Id<"users">; body: string; likes?: number }
 * ```
 */
export const v = {
  /** Ids of documents of one table. Whether the document exists is not checked. */
  id: <TableName extends string>(tableName: TableName) =>
    new VId<GenericId<TableName>>({
      isOptional: "required",
      tableName: tableName as never,
    }),

  /** `null`. The `returns` of a function that returns nothing: `undefined` becomes `null`. */
  null: () => new VNull({ isOptional: "required" }),

  /** A JavaScript number (Float64), `NaN`, infinities and `-0` included. Same as `v.float64()`. */
  number: () => new VFloat64({ isOptional: "required" }),

  /** A JavaScript number (Float64). */
  float64: () => new VFloat64({ isOptional: "required" }),

  /** @deprecated Write `v.int64()`. */
  bigint: () => new VInt64({ isOptional: "required" }),

  /** A JavaScript bigint from -2^63 to 2^63 - 1 (Int64). */
  int64: () => new VInt64({ isOptional: "required" }),

  /**
   * An Int64 that is meant to hold a commit timestamp: write `ctx.db.vars.commitTs` into the field
   * and it becomes the commit's own when the mutation commits. Accepts any Int64.
   */
  commitTs: () => new VCommitTs<bigint | CommitTsPlaceholder>({ isOptional: "required" }),

  /** `true` or `false`. */
  boolean: () => new VBoolean({ isOptional: "required" }),

  /** A string. Ids are strings too. */
  string: () => new VString({ isOptional: "required" }),

  /** An `ArrayBuffer`. */
  bytes: () => new VBytes({ isOptional: "required" }),

  /** Exactly this value, compared as Convex compares: `1` is not `1n`, `0` is not `-0`. */
  literal: <T extends string | number | bigint | boolean>(literal: T) =>
    new VLiteral<T>({ isOptional: "required", value: literal }),

  /** An array of any length whose elements all pass `element`. */
  array: <T extends RequiredValidator>(element: T) =>
    new VArray<T["type"][], T>({ isOptional: "required", element }),

  /** An object with these fields and no others. */
  object: <T extends PropertyValidators>(fields: T) =>
    new VObject<ObjectType<T>, T>({ isOptional: "required", fields }),

  /** An object with any fields whose names pass `keys` (strings or ids) and whose values `values`. */
  record: <Key extends Validator<string, "required", Anything>, Value extends RequiredValidator>(
    keys: Key,
    values: Value,
  ) =>
    new VRecord<Record<Infer<Key>, Value["type"]>, Key, Value>({
      isOptional: "required",
      key: keys,
      value: values,
    }),

  /** A value that passes at least one of `members`. With none, nothing passes. */
  union: <T extends RequiredValidator[]>(...members: T) =>
    new VUnion<T[number]["type"], T>({ isOptional: "required", members }),

  /** Any value. */
  any: () => new VAny({ isOptional: "required" }),

  /** A field that may be missing. It may not be `null` for that: see `v.nullable`. */
  optional: <T extends GenericValidator>(value: T): VOptional<T> =>
    value.optional() as VOptional<T>,

  /** `value` or `null`: short for `v.union(value, v.null())`. */
  nullable: <T extends RequiredValidator>(value: T) => v.union(value, v.null()),
};
