/**
 * The `q` of `withIndex(name, q => …)`: bounds of a range of an index, in the order they were written.
 * Whether they fit the index is the database's question; here they are only collected.
 */

import { userError } from "../shared/errors";
import { canonicalCopy } from "../values/canonical";
import type { Value } from "../values/value";
import type { FieldTypeFromFieldPath, GenericDocument, GenericIndexFields } from "./data-model";
import type { BuilderCallback, Opaque } from "./opaque";

/** A finished range: what a `withIndex` callback returns. */
export interface IndexRange extends Opaque<"IndexRange"> {}

type PlusOne<N extends number> = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16][N];

/**
 * Narrows a range, field by field in the index's order: `eq` on the first ones, then a lower and an
 * upper bound on the next. Each builder can be used once.
 *
 * Bounds follow the order of all values, whatever their type: `lt("age", 5)` also finds documents
 * whose `age` is missing or `null`.
 *
 * @example
 * ctx.db.query("messages").withIndex("by_channel", (q) =>
 *   q.eq("channel", channel).gt("_creationTime", Date.now() - 60_000),
 * );
 */
export interface IndexRangeBuilder<
  Document extends GenericDocument,
  IndexFields extends GenericIndexFields,
  FieldNum extends number = 0,
> extends LowerBoundIndexRangeBuilder<Document, IndexFields[FieldNum]> {
  /** Only documents whose field equals `value`; `undefined` means the field is missing. */
  eq(
    fieldName: IndexFields[FieldNum],
    value: FieldTypeFromFieldPath<Document, IndexFields[FieldNum]>,
  ): NextIndexRangeBuilder<Document, IndexFields, FieldNum>;
}

/** After the last field there is nothing left to say; fields of unknown number never end. */
type NextIndexRangeBuilder<
  Document extends GenericDocument,
  IndexFields extends GenericIndexFields,
  FieldNum extends number,
> = number extends IndexFields["length"]
  ? IndexRangeBuilder<Document, IndexFields, FieldNum>
  : PlusOne<FieldNum> extends IndexFields["length"]
    ? IndexRange
    : IndexRangeBuilder<Document, IndexFields, PlusOne<FieldNum>>;

/** An {@link IndexRangeBuilder} that may still be given a lower bound. */
export interface LowerBoundIndexRangeBuilder<
  Document extends GenericDocument,
  IndexFieldName extends string,
> extends UpperBoundIndexRangeBuilder<Document, IndexFieldName> {
  /** Only documents whose field is greater than `value`. */
  gt(
    fieldName: IndexFieldName,
    value: FieldTypeFromFieldPath<Document, IndexFieldName>,
  ): UpperBoundIndexRangeBuilder<Document, IndexFieldName>;

  /** Only documents whose field is `value` or greater. */
  gte(
    fieldName: IndexFieldName,
    value: FieldTypeFromFieldPath<Document, IndexFieldName>,
  ): UpperBoundIndexRangeBuilder<Document, IndexFieldName>;
}

/** An {@link IndexRangeBuilder} that may still be given an upper bound. */
export interface UpperBoundIndexRangeBuilder<
  Document extends GenericDocument,
  IndexFieldName extends string,
> extends IndexRange {
  /** Only documents whose field is less than `value`. */
  lt(
    fieldName: IndexFieldName,
    value: FieldTypeFromFieldPath<Document, IndexFieldName>,
  ): IndexRange;

  /** Only documents whose field is `value` or less. */
  lte(
    fieldName: IndexFieldName,
    value: FieldTypeFromFieldPath<Document, IndexFieldName>,
  ): IndexRange;
}

/** The callback of `withIndex`. */
export type IndexRangeCallback<
  Document extends GenericDocument,
  IndexFields extends GenericIndexFields,
> = BuilderCallback<IndexRangeBuilder<Document, IndexFields>, IndexRange>;

/** One bound. `value` is canonical; `undefined` stands for a missing field. */
export interface RangeExpression {
  readonly type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  readonly fieldPath: string;
  readonly value: Value | undefined;
}

/**
 * Runs an author's range callback and answers its bounds in call order. O(bounds).
 *
 * @throws if a builder is used twice, a value is no Convex value, or the callback returns no range.
 *
 * @example
 * collectIndexRange((q) => q.eq("channel", "general").lt("n", 5));
 * // [{ type: "Eq", fieldPath: "channel", value: "general" }, { type: "Lt", fieldPath: "n", value: 5 }]
 */
export function collectIndexRange(
  callback: IndexRangeCallback<GenericDocument, GenericIndexFields>,
): readonly RangeExpression[] {
  const range: unknown = callback(new RangeBuilder([]));
  if (range instanceof RangeBuilder) return range.finish();
  throw userError(
    "QueryInvalid",
    "The callback of `withIndex` must return the range it built, like `q => q.eq(...)`.",
  );
}

/** A builder can be used once, so its successor may take over its list instead of copying it. */
class RangeBuilder implements IndexRangeBuilder<GenericDocument, GenericIndexFields> {
  readonly #expressions: RangeExpression[];
  #used = false;

  constructor(expressions: RangeExpression[]) {
    this.#expressions = expressions;
  }

  eq(fieldName: string, value: Value | undefined): RangeBuilder {
    return this.#with("Eq", fieldName, value);
  }

  gt(fieldName: string, value: Value | undefined): RangeBuilder {
    return this.#with("Gt", fieldName, value);
  }

  gte(fieldName: string, value: Value | undefined): RangeBuilder {
    return this.#with("Gte", fieldName, value);
  }

  lt(fieldName: string, value: Value | undefined): RangeBuilder {
    return this.#with("Lt", fieldName, value);
  }

  lte(fieldName: string, value: Value | undefined): RangeBuilder {
    return this.#with("Lte", fieldName, value);
  }

  finish(): readonly RangeExpression[] {
    this.#use();
    return this.#expressions;
  }

  #with(type: RangeExpression["type"], fieldPath: string, value: Value | undefined): RangeBuilder {
    this.#use();
    const canonical = value === undefined ? undefined : canonicalCopy(value);
    this.#expressions.push({ type, fieldPath, value: canonical });
    return new RangeBuilder(this.#expressions);
  }

  #use(): void {
    if (this.#used) {
      throw userError(
        "QueryInvalid",
        "IndexRangeBuilder has already been used! Chain your method calls like `q => q.eq(...).eq(...)`. See https://docs.convex.dev/using/indexes",
      );
    }
    this.#used = true;
  }
}
