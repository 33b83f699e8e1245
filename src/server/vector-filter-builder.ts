/**
 * The `q` of a vector search's `filter: q => …`: equalities, joined by `or`. There is no `and`.
 * Whether the fields are filter fields of the index is the search's question.
 */

import { userError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import type { Value } from "../values/value";
import type {
  FieldTypeFromFieldPath,
  GenericDocument,
  GenericVectorIndexConfig,
} from "./data-model";
import type { BuilderCallback, Opaque } from "./opaque";

/** A condition of a vector search: what the methods of {@link VectorFilterBuilder} return. */
export interface FilterExpression<T extends Value | undefined> extends Opaque<"FilterExpression"> {
  /** Never present at run time. */
  readonly __value?: T;
}

/**
 * Says which documents a vector search looks at: those for which any of the equalities holds.
 *
 * @example
 * filter: (q) => q.or(q.eq("cuisine", "French"), q.eq("mainIngredient", "butter"))
 */
export interface VectorFilterBuilder<
  Document extends GenericDocument,
  VectorIndexConfig extends GenericVectorIndexConfig,
> {
  /** Documents whose filter field equals `value`; `undefined` means the field is missing. */
  eq<FieldName extends VectorIndexConfig["filterFields"]>(
    fieldName: FieldName,
    value: FieldTypeFromFieldPath<Document, FieldName>,
  ): FilterExpression<boolean>;

  /** Documents for which at least one of the conditions holds. */
  or(...exprs: Array<FilterExpression<boolean>>): FilterExpression<boolean>;
}

/** The callback of a vector search's `filter`. */
export type VectorFilterCallback<
  Document extends GenericDocument,
  VectorIndexConfig extends GenericVectorIndexConfig,
> = BuilderCallback<VectorFilterBuilder<Document, VectorIndexConfig>, FilterExpression<boolean>>;

/**
 * A vector filter as data. `$literal` in place of a condition is an author's mistake the search
 * reports (`Filters should be a combination of …`).
 */
export type VectorFilterTree =
  | {
      readonly $eq: readonly [
        { readonly $field: string },
        { readonly $literal: Value | undefined },
      ];
    }
  | { readonly $or: readonly VectorFilterTree[] }
  | { readonly $literal: Value | undefined };

/**
 * Runs an author's vector filter callback and answers the condition it returned. O(conditions).
 *
 * @example
 * collectVectorFilter((q) => q.eq("cuisine", "French"));
 * // { $eq: [{ $field: "cuisine" }, { $literal: "French" }] }
 */
export function collectVectorFilter(
  callback: VectorFilterCallback<GenericDocument, GenericVectorIndexConfig>,
): VectorFilterTree {
  return treeOf(callback(builder));
}

class FilterNode implements FilterExpression<boolean> {
  declare readonly __kind?: "FilterExpression";
  declare readonly __value?: boolean;
  readonly tree: VectorFilterTree;

  constructor(tree: VectorFilterTree) {
    this.tree = tree;
  }

  valueOf(): object {
    return this;
  }
}

function treeOf(condition: unknown): VectorFilterTree {
  return condition instanceof FilterNode ? condition.tree : literal(condition);
}

function literal(value: unknown): { readonly $literal: Value | undefined } {
  return { $literal: value === undefined ? undefined : canonicalCopy(value) };
}

const builder: VectorFilterBuilder<GenericDocument, GenericVectorIndexConfig> = {
  eq(fieldName, value) {
    if (typeof fieldName !== "string") {
      throw userError("QueryInvalid", "The first argument to `q.eq` must be a field name.");
    }
    return new FilterNode({ $eq: [{ $field: fieldName }, literal(value)] });
  },
  or: (...conditions) => new FilterNode({ $or: conditions.map(treeOf) }),
};
