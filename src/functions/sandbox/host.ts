/**
 * The host's own globals, as they were last seen before the sandbox put its own in their place:
 * what a replaced function falls back to when it is called from outside.
 * Fake timers, stubs and spies of the host are the host's, so they are kept like anything else.
 */

// Both worlds differ from platform to platform; all the sandbox asks is that they can be called.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Callable = (...args: any[]) => any;

/** The globals the sandbox replaces, as variables. What a platform lacks is `undefined`. */
export interface Globals {
  Date: DateConstructor;
  console: object;
  fetch: Callable;
  setTimeout: Callable;
  setInterval: Callable;
  clearTimeout: Callable;
  clearInterval: Callable;
  setImmediate: Callable;
  queueMicrotask: Callable;
  crypto: { getRandomValues: Callable; randomUUID: Callable; subtle: { generateKey: Callable } };
  performance: { now: Callable };
  process: { env: object };
  Convex?: unknown;
}

export const globals = globalThis as unknown as Globals;

/** `Date.prototype` of the platform, below whatever fakes extend it. */
export const datePrototype = prototypeOfDates();

export const host = {
  Date: globals.Date,
  dateConstructor: datePrototype.constructor,
  random: Math.random,
  console: globals.console,
  fetch: globals.fetch,
  setTimeout: globals.setTimeout,
  setInterval: globals.setInterval,
  clearTimeout: globals.clearTimeout,
  clearInterval: globals.clearInterval,
  setImmediate: globals.setImmediate,
  queueMicrotask: globals.queueMicrotask,
  getRandomValues: globals.crypto?.getRandomValues,
  randomUUID: globals.crypto?.randomUUID,
  generateKey: globals.crypto?.subtle?.generateKey,
  performanceNow: globals.performance?.now,
  env: globals.process?.env ?? {},
};

/** The object that has `key`: `target`, or one of its prototypes. */
export function ownerOf<T extends object>(target: T, key: keyof T): T {
  let owner: T | null = target;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner);
  return owner ?? target;
}

function prototypeOfDates(): Date {
  let prototype = globals.Date.prototype;
  for (;;) {
    const next: Date = Object.getPrototypeOf(prototype);
    if (next === Object.prototype) return prototype;
    prototype = next;
  }
}
