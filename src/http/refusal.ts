/**
 * Requests that are answered without running anything: the error that says so, and the JSON every
 * such answer has, `{ code, message }` (functions.md 8.5).
 */
import { InvexError, isInvexError } from "../shared/errors";

/** A refusal to be thrown; `status` is that of the answer, `code` Convex's short code. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): InvexError {
  return new InvexError("RequestInvalid", message, { fields: { status, code, headers } });
}

/** The answer to a request that ended in `error`, if it is a refusal. */
export function refusalResponse(error: unknown): Response | undefined {
  if (!isInvexError(error)) return undefined;
  const { code, fields, message } = error;
  if (code === "RequestInvalid") {
    const { status, code: short, headers } = fields as unknown as RefusalFields;
    return errorResponse(status, short, message, headers);
  }
  if (code === "Unauthenticated") {
    const short = String(fields.failure ?? code);
    return errorResponse(short === "BadAdminKey" ? 403 : 401, short, message);
  }
  if (code === "OptimisticConcurrencyControlFailure") return errorResponse(503, code, message);
  return undefined;
}

/** The answer when the backend itself failed. Says nothing of why. */
export function internalErrorResponse(): Response {
  return errorResponse(
    500,
    "InternalServerError",
    "Your request couldn't be completed. Try again later.",
  );
}

export function errorResponse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ code, message }, { status, headers });
}

interface RefusalFields {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
}
