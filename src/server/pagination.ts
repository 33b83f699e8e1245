/**
 * Pages: the options a paginated query takes, the result it gives, and validators for both.
 */

import { v } from "../values/v";
import type { Validator } from "../values/validator";
import type { Value } from "../values/value";

/** Where a page begins or ends. Opaque; only good for the query it came from. */
export type Cursor = string;

/** One page. */
export interface PaginationResult<T> {
  page: T[];
  /** Whether the end was seen. A page that fills exactly is not done: the next one is empty. */
  isDone: boolean;
  /** Pass as `cursor` for the next page. */
  continueCursor: Cursor;
  /** A place in the middle, for readers who would rather have two pages of this one. */
  splitCursor?: Cursor | null;
  /** `SplitRequired`: the page was cut short by a limit. */
  pageStatus?: "SplitRecommended" | "SplitRequired" | null;
}

/** Which page. */
export interface PaginationOptions {
  /** Documents wanted, 1 to 32,000. A live page may come to hold more or fewer. */
  numItems: number;
  /** `null` for the first page. */
  cursor: Cursor | null;
  /** Read up to here, whatever `numItems` says. */
  endCursor?: Cursor | null;
  /** Stop after reading this many documents, also ones a filter leaves out. */
  maximumRowsRead?: number;
  /** Stop after reading this many bytes. */
  maximumBytesRead?: number;
}

/**
 * The validator of {@link PaginationOptions} for a query's `args`.
 *
 * @example
 * export const list = query({
 *   args: { paginationOpts: paginationOptsValidator },
 *   handler: (ctx, args) => ctx.db.query("messages").paginate(args.paginationOpts),
 * });
 */
export const paginationOptsValidator = v.object({
  numItems: v.number(),
  cursor: v.union(v.string(), v.null()),
  endCursor: v.optional(v.union(v.string(), v.null())),
  /** Sent by `usePaginatedQuery` to tell its subscriptions apart. Ignored. */
  id: v.optional(v.number()),
  maximumRowsRead: v.optional(v.number()),
  maximumBytesRead: v.optional(v.number()),
});

/** The validator of a {@link PaginationResult} of the given items, for a query's `returns`. */
export function paginationResultValidator<T extends Validator<Value, "required", string>>(
  itemValidator: T,
) {
  return v.object({
    page: v.array(itemValidator),
    continueCursor: v.string(),
    isDone: v.boolean(),
    splitCursor: v.optional(v.union(v.string(), v.null())),
    pageStatus: v.optional(
      v.union(v.literal("SplitRecommended"), v.literal("SplitRequired"), v.null()),
    ),
  });
}
