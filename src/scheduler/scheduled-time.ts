/** When a job may run: what `runAfter` and `runAt` accept, in Convex's words (functions.md 5.1). */
import { userError } from "../shared/errors";

/** Five years, as Convex counts them, in milliseconds. */
const HORIZON_MS = 5 * 366 * 86_400_000;

/**
 * The time `delayMs` from now, as `runAfter` means it.
 * @throws InvexError `ArgumentsInvalid` unless the delay is finite and not negative
 */
export function timeAfter(delayMs: unknown, nowMs: number): number {
  if (typeof delayMs !== "number") throw invalid("`delayMs` must be a number");
  if (!Number.isFinite(delayMs)) throw invalid("`delayMs` must be a finite number");
  if (delayMs < 0) throw invalid("`delayMs` must be non-negative");
  return nowMs + delayMs;
}

/**
 * The time `runAt` is given, in milliseconds since the epoch.
 * @throws InvexError `ArgumentsInvalid` unless it is a number or a `Date`
 */
export function timeAt(when: unknown): number {
  const ms = isDate(when) ? when.getTime() : when;
  if (typeof ms === "number" && !Number.isNaN(ms)) return ms;
  throw invalid("The invoke time must a Date or a timestamp");
}

/** @throws InvexError `SchedulerInvalid` for a time over five years away */
export function checkHorizon(timeMs: number, nowMs: number): void {
  if (timeMs > nowMs + HORIZON_MS) throw tooFar(timeMs, "in the future");
  if (timeMs < nowMs - HORIZON_MS) throw tooFar(timeMs, "in the past");
}

/** Also a `Date` of another realm, or of a sandbox. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function tooFar(timeMs: number, direction: string): Error {
  return userError("SchedulerInvalid", `${timeMs} is more than 5 years ${direction}`, {
    scheduledTime: timeMs,
  });
}

function invalid(text: string): Error {
  return userError("ArgumentsInvalid", text);
}
