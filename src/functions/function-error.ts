/** What an embedder catches when a function of theirs failed. */
import { type ErrorCode, InvexError, isInvexError } from "../shared/errors";

/**
 * A call through the backend handle ended in an error that is not a `ConvexError`.
 *
 * `message` is what Convex tells a client: the request id, and unless errors are redacted the text
 * and frames of what was thrown. `cause` is the thrown thing itself. `code` is that of Invex's own
 * error if one was thrown, else `FunctionFailed`; `fields` name the function and the request.
 *
 * @example
 * ```ts
 * try {
 *   await backend.mutation(api.messages.send, { body: "" });
 * } catch (error) {
 *   (error as Error).message; // [Request ID: 3f9c21ab04d7e568] Server Error
 *                             // Uncaught Error: empty message
 *                             //     at handler (../convex/messages.ts:12:11)
 * }
 * ```
 */
export class FunctionError extends InvexError {
  override readonly name = "FunctionError";

  constructor(
    message: string,
    fields: { readonly function: string; readonly requestId: string },
    cause: unknown,
  ) {
    super(codeOf(cause), message, { fields: { ...fields }, cause });
  }
}

function codeOf(cause: unknown): ErrorCode {
  return asInvexError(cause)?.code ?? "FunctionFailed";
}

/** What was thrown, if it is Invex's own. Anything can be thrown, also a proxy that was revoked. */
export function asInvexError(thrown: unknown): InvexError | undefined {
  try {
    return isInvexError(thrown) ? thrown : undefined;
  } catch {
    return undefined;
  }
}
