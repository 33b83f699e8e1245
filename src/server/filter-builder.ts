/**
 * The `q` of `.filter(q => …)`: an expression over a document, as a tree. Its nodes are those of
 * Convex's wire form, but literals are values, not JSON. Evaluating it is the database's work.
 */

import { canonicalCopy } from "../values/canonical";
import type { NumericValue, Value } from "../values/value";
import type {
  DocumentByInfo,
  FieldPaths,
  FieldTypeFromFieldPath,
  GenericTableInfo,
} from "./data-model";
import type { BuilderCallback, Opaque } from "./opaque";

/** A value computed from a document: what the methods of {@link FilterBuilder} return. */
export interface Expression<T extends Value | undefined> extends Opaque<"Expression"> {
  /** Never present at run time. */
  readonly __value?: T;
}

/** An expression, or a constant. */
export type ExpressionOrValue<T extends Value | undefined> = Expression<T> | T;

/**
 * Builds a condition on documents. Comparisons follow the order of all values, in which a missing
 * field comes first; arithmetic takes two numbers of one kind; logic takes booleans.
 *
 * A filter reads every document its query passes: prefer an index where there is one.
 *
 * @example
 * ctx.db.query("messages").filter((q) =>
 *   q.and(q.eq(q.field("author"), "Ada"), q.gt(q.field("likes"), 10)),
 * );
 */
export interface FilterBuilder<TableInfo extends GenericTableInfo> {
  eq<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;
  neq<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;
  lt<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;
  lte<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;
  gt<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;
  gte<T extends Value | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<boolean>;

  add<T extends NumericValue | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<T>;
  sub<T extends NumericValue | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<T>;
  mul<T extends NumericValue | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<T>;
  div<T extends NumericValue | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<T>;
  mod<T extends NumericValue | undefined>(
    l: ExpressionOrValue<T>,
    r: ExpressionOrValue<T>,
  ): Expression<T>;
  neg<T extends NumericValue | undefined>(x: ExpressionOrValue<T>): Expression<T>;

  /** True for no operands. Stops at the first false one. */
  and(...exprs: Array<ExpressionOrValue<boolean>>): Expression<boolean>;
  /** False for no operands. Stops at the first true one. */
  or(...exprs: Array<ExpressionOrValue<boolean>>): Expression<boolean>;
  not(x: ExpressionOrValue<boolean>): Expression<boolean>;

  /** The value at a dotted path of the document; a missing one is `undefined`. */
  field<FieldPath extends FieldPaths<TableInfo>>(
    fieldPath: FieldPath,
  ): Expression<FieldTypeFromFieldPath<DocumentByInfo<TableInfo>, FieldPath>>;
}

/** The callback of `filter`. */
export type FilterCallback<TableInfo extends GenericTableInfo> = BuilderCallback<
  FilterBuilder<TableInfo>,
  ExpressionOrValue<boolean>
>;

/** Operators with two operands. */
export type BinaryOperator =
  | "$eq"
  | "$neq"
  | "$lt"
  | "$lte"
  | "$gt"
  | "$gte"
  | "$add"
  | "$sub"
  | "$mul"
  | "$div"
  | "$mod";

type Pair = readonly [FilterTree, FilterTree];

/**
 * An expression as data: an object with exactly one key. A literal is canonical; `undefined` stands
 * for a missing field.
 */
export type FilterTree =
  | { readonly $eq: Pair }
  | { readonly $neq: Pair }
  | { readonly $lt: Pair }
  | { readonly $lte: Pair }
  | { readonly $gt: Pair }
  | { readonly $gte: Pair }
  | { readonly $add: Pair }
  | { readonly $sub: Pair }
  | { readonly $mul: Pair }
  | { readonly $div: Pair }
  | { readonly $mod: Pair }
  | { readonly $neg: FilterTree }
  | { readonly $and: readonly FilterTree[] }
  | { readonly $or: readonly FilterTree[] }
  | { readonly $not: FilterTree }
  | { readonly $field: string }
  | { readonly $literal: Value | undefined };

/**
 * Runs an author's filter callback and answers the expression it returned. O(nodes).
 *
 * @throws Convex's encoder error if an operand is neither an expression nor a Convex value.
 *
 * @example
 * collectFilter((q) => q.gt(q.field("n"), 1)); // { $gt: [{ $field: "n" }, { $literal: 1 }] }
 */
export function collectFilter(callback: FilterCallback<GenericTableInfo>): FilterTree {
  return treeOf(callback(builder));
}

class ExpressionNode implements Expression<Value> {
  declare readonly __kind?: "Expression";
  declare readonly __value?: never;
  readonly tree: FilterTree;

  constructor(tree: FilterTree) {
    this.tree = tree;
  }

  valueOf(): object {
    return this;
  }
}

function treeOf(operand: unknown): FilterTree {
  if (operand instanceof ExpressionNode) return operand.tree;
  return { $literal: operand === undefined ? undefined : canonicalCopy(operand) };
}

function binary(operator: BinaryOperator) {
  return (l: unknown, r: unknown): ExpressionNode =>
    new ExpressionNode({ [operator]: [treeOf(l), treeOf(r)] } as unknown as FilterTree);
}

const builder: FilterBuilder<GenericTableInfo> = {
  eq: binary("$eq"),
  neq: binary("$neq"),
  lt: binary("$lt"),
  lte: binary("$lte"),
  gt: binary("$gt"),
  gte: binary("$gte"),
  add: binary("$add"),
  sub: binary("$sub"),
  mul: binary("$mul"),
  div: binary("$div"),
  mod: binary("$mod"),
  neg: (x) => new ExpressionNode({ $neg: treeOf(x) }),
  and: (...operands) => new ExpressionNode({ $and: operands.map(treeOf) }),
  or: (...operands) => new ExpressionNode({ $or: operands.map(treeOf) }),
  not: (x) => new ExpressionNode({ $not: treeOf(x) }),
  field: (fieldPath) => new ExpressionNode({ $field: fieldPath }),
};
