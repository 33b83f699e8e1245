/**
 * The error that carries data to the caller. Recognised by its brand, never by its class, so that
 * one thrown by `convex/values` counts as well.
 */
import { render } from "./unsupported";
import type { Value } from "./value";

const brand: unique symbol = Symbol.for("ConvexError") as never;

/**
 * An error whose `data` reaches the caller whatever else is hidden from it. Its message is the data
 * itself when that is a string, otherwise the data as JSON.
 *
 * @example
 * ```ts
 * new ConvexError({ code: 7n }).message; // => '{"code":"7n"}'
 * ```
 */
export class ConvexError<TData extends Value> extends Error {
  override name = "ConvexError";
  data: TData;
  [brand] = true;

  constructor(data: TData) {
    super(typeof data === "string" ? data : render(data));
    this.data = data;
  }
}

/** Whether `value` is a `ConvexError`, of this package, another copy of it, or `convex`. */
export function isConvexError(value: unknown): value is ConvexError<Value> {
  return typeof value === "object" && value !== null && brand in value;
}
