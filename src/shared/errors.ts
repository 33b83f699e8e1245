/**
 * The one error class of Invex. Every mistake a user of the library can make ends in an
 * `InvexError` with a code from a closed list; its message is Convex's own text where Convex has one.
 * Broken invariants are something else: see `assert.ts`.
 */

/** Codes of {@link InvexError}. Where Convex has a short code for the case, it is Convex's. */
export type ErrorCode =
  | "ArgumentsInvalid"
  | "ArrayTooLong"
  | "BackendClosed"
  | "CursorInvalid"
  | "DocumentNotFound"
  | "EvalError"
  | "ExportFailed"
  | "FunctionFailed"
  | "FunctionInvalid"
  | "FunctionNotFound"
  | "IdInvalid"
  | "ImportFailed"
  | "IndexInvalid"
  | "IndexNotFound"
  | "InternalError"
  | "InvalidCreationTimeError"
  | "InvalidIdError"
  | "LimitExceeded"
  | "ModuleInvalid"
  | "NotSupported"
  | "OptimisticConcurrencyControlFailure"
  | "OptionsInvalid"
  | "PaginationLimit"
  | "PersistenceFailed"
  | "QueryInvalid"
  | "ReadOnly"
  | "RequestInvalid"
  | "ReturnsInvalid"
  | "SchemaEnforcementError"
  | "SchemaInvalid"
  | "SchedulerInvalid"
  | "SimulationFailed"
  | "StorageInvalid"
  | "SystemTable"
  | "TooManyBytesRead"
  | "TooManyBytesWritten"
  | "TooManyDocumentsRead"
  | "TooManyFieldsError"
  | "TooManyReads"
  | "TooManyWrites"
  | "TooNestedError"
  | "TransactionClosed"
  | "Unauthenticated"
  | "ValidatorInvalid"
  | "ValueInvalid"
  | "ValueTooLargeError";

/**
 * `user`: a deterministic mistake, catchable at the `await` inside a handler.
 * `system`: ends the whole execution; a query or mutation cannot catch it (engine.md 0).
 */
export type ErrorKind = "user" | "system";

const brand = Symbol.for("InvexError");

/** The base and only class of errors Invex throws on purpose. */
export class InvexError extends Error {
  override readonly name: string = "InvexError";
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** What the message names, for programs: table, index, function, path … */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { kind?: ErrorKind; fields?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? "user";
    this.fields = options.fields ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `value` is an {@link InvexError}, also one from another copy of this package. */
export function isInvexError(value: unknown): value is InvexError {
  return typeof value === "object" && value !== null && brand in value;
}

/** A deterministic user error: the function's author can catch it. */
export function userError(
  code: ErrorCode,
  message: string,
  fields?: Record<string, unknown>,
): InvexError {
  return new InvexError(code, message, fields === undefined ? {} : { fields });
}

/** An error that ends the execution whatever the handler does. */
export function systemError(
  code: ErrorCode,
  message: string,
  fields?: Record<string, unknown>,
): InvexError {
  return new InvexError(
    code,
    message,
    fields === undefined ? { kind: "system" } : { kind: "system", fields },
  );
}
