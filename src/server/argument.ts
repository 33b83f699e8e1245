/**
 * The check of positional arguments that TypeScript would have refused, for authors without types.
 */

/**
 * Throws unless an argument was given. `null` counts as given.
 *
 * @example
 * requireArgument(id, 1, "id", "get"); // Must provide arg 1 `id` to `get`
 */
export function requireArgument(
  value: unknown,
  position: number,
  name: string,
  method: string,
): void {
  if (value !== undefined) return;
  throw new TypeError(`Must provide arg ${position} \`${name}\` to \`${method}\``);
}
