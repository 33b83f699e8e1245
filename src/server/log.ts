/**
 * `log.audit`: entries in the audit log of the deployment, in which placeholders stand for facts only
 * the backend knows.
 */

import { userError } from "../shared/errors";
import { performAsyncSyscall } from "./convex-global";

const requestId: unique symbol = Symbol("var.requestId");
const ip: unique symbol = Symbol("var.ip");
const userAgent: unique symbol = Symbol("var.userAgent");
const now: unique symbol = Symbol("var.now");
const convexActor: unique symbol = Symbol("var.convexActor");

/** Placeholders for audit entries. */
const vars = {
  requestId,
  /** The client's address. */
  ip,
  /** The client's `User-Agent` header. */
  userAgent,
  /** Milliseconds since the Unix epoch, on the server. */
  now,
  /** The admin who called, if one did; otherwise `null`. */
  convexActor,
} as const;

const variableNames: ReadonlyMap<symbol, string> = new Map(
  Object.entries(vars).map(([name, symbol]) => [symbol, name]),
);

/** One of `log.vars`. */
export type LogVar = (typeof vars)[keyof typeof vars];

/** What an audit entry may hold. */
export type AuditLogValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | LogVar
  | AuditLogValue[]
  | { [key: string]: AuditLogValue };

/** An audit entry. Keys may not begin with `$`, at any depth. */
export type AuditLogBody = { [key: string]: AuditLogValue };

interface Log {
  /**
   * Writes an audit entry.
   * @throws outside of a running query or mutation, or if `body` is malformed.
   *
   * @example
   * await log.audit({ event: "deleted", by: log.vars.ip, room: id });
   */
  audit: (body: AuditLogBody) => Promise<void>;
  vars: typeof vars;
}

/** The audit log. */
export const log: Log = {
  audit: async (body) => {
    await performAsyncSyscall("1.0/auditLog", { body: encoded(body) });
  },
  vars,
};

function encoded(value: AuditLogValue): unknown {
  if (typeof value === "symbol") return { $var: variableName(value) };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encoded);
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [checkedKey(key), encoded(field)]),
  );
}

function checkedKey(key: string): string {
  if (!key.startsWith("$")) return key;
  throw userError("ArgumentsInvalid", `Audit log body keys must not start with "$": "${key}"`);
}

function variableName(symbol: symbol): string {
  const name = variableNames.get(symbol);
  if (name !== undefined) return name;
  throw userError("ArgumentsInvalid", `Unknown audit var symbol: ${String(symbol)}.`);
}
