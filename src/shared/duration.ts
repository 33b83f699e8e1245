/** Spans of time as users write them, and their length in milliseconds. */

import { userError } from "./errors";

/** A span of time: milliseconds, or a sum of units. Units may be fractional, none negative. */
export type Duration =
  | number
  | {
      readonly milliseconds?: number;
      readonly seconds?: number;
      readonly minutes?: number;
      readonly hours?: number;
      readonly days?: number;
      readonly weeks?: number;
    };

const unitMs: ReadonlyMap<string, number> = new Map([
  ["milliseconds", 1],
  ["seconds", 1000],
  ["minutes", 60_000],
  ["hours", 3_600_000],
  ["days", 86_400_000],
  ["weeks", 604_800_000],
]);

/**
 * The length of `duration` in milliseconds.
 *
 * @throws InvexError `ArgumentsInvalid` for an unknown unit, no unit at all, or a number that is
 * negative or not finite: a misspelt unit must not silently mean zero.
 * @example
 * durationMs({ days: 3, minutes: 1 }) // 259_260_000
 */
export function durationMs(duration: Duration): number {
  if (typeof duration === "number") return checkedAmount("milliseconds", duration);
  if (typeof duration !== "object" || duration === null) throw notADuration(duration);
  const entries = Object.entries(duration).filter(([, amount]) => amount !== undefined);
  if (entries.length === 0) throw notADuration(duration);
  return entries.reduce((total, [unit, amount]) => {
    const ms = unitMs.get(unit);
    if (ms === undefined) throw unknownUnit(unit);
    return total + checkedAmount(unit, amount) * ms;
  }, 0);
}

function checkedAmount(unit: string, amount: unknown): number {
  if (typeof amount === "number" && Number.isFinite(amount) && amount >= 0) return amount;
  throw userError(
    "ArgumentsInvalid",
    `A duration must be a finite number that is not negative, but ${unit} is ${String(amount)}.`,
    { unit, amount },
  );
}

function unknownUnit(unit: string): Error {
  const known = [...unitMs.keys()].join(", ");
  return userError("ArgumentsInvalid", `Unknown unit "${unit}" in a duration. Use ${known}.`, {
    unit,
  });
}

function notADuration(value: unknown): Error {
  return userError(
    "ArgumentsInvalid",
    `A duration must be milliseconds or an object such as { days: 3 }, but got ${describe(value)}.`,
  );
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object with no unit" : String(value);
}
