// What must be so after anything hostile: errors that were made on purpose, and an untouched world.

import { expect } from "vitest";
import { isInvexError } from "../../src/shared/errors";
import { Trap } from "./hostile";

/** How JavaScript complains of code that took something for granted. */
const CARELESS =
  /Cannot read propert|Cannot convert|is not a function\b|is not iterable|Maximum call stack|Invalid array length|Cannot access|is not defined|undefined \(reading|circular structure|Invalid string length|Reduce of empty|object null prototype/;

/** Throws unless `error` is an error somebody made on purpose, and says so. */
export function expectOnPurpose(error: unknown): void {
  if (causedByTrap(error)) return;
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(message).not.toBe("");
  if (isInvexError(error)) expect(error.code).not.toBe("InternalError");
  // What a definition's own JSON does wrong is quoted, and a revoked proxy speaks for itself.
  const isQuoted = message.startsWith("Invalid JSON returned") || message.includes("revoked");
  if (!isQuoted) expect(message).not.toMatch(CARELESS);
}

/** A hostile getter's own error may come through as it is, or as what failed a function. */
function causedByTrap(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof Trap || each.message.includes("Trap")) return true;
  }
  return error instanceof Trap;
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const before = prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).sort());

/** Throws if anything was added to what every object inherits from. */
export function expectUnpolluted(): void {
  for (const [i, prototype] of prototypes.entries()) {
    expect(Reflect.ownKeys(prototype).map(String).sort()).toEqual(before[i]);
  }
  expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
}
