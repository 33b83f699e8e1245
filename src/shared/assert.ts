/**
 * Broken invariants: bugs in Invex, never mistakes of its user (those are `InvexError`s).
 * Nothing outside tests should ever catch these.
 */

/** Thrown when Invex finds itself in a state it promised could not happen. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws an {@link InvariantError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Unwraps a value that cannot be absent here. */
export function must<T>(value: T | undefined | null, message = "expected a value"): T {
  if (value === undefined || value === null) throw new InvariantError(message);
  return value;
}

/** Ends a switch over a union: fails to compile when a member is not handled. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
