/**
 * `Date` inside queries and mutations: without arguments it is the execution's start, always.
 * Everything else is the platform's: instances are ordinary dates, shared with the host both ways.
 * The time zone stays the host's (Convex: UTC).
 */
import { datePrototype, type Globals, host } from "./host";
import { frozenExecution } from "./running";

/** The platform's own, also when fake timers were on before this file was loaded. */
const NativeDate = datePrototype.constructor as DateConstructor;

function now(): number {
  const execution = frozenExecution();
  if (execution === undefined) return host.Date.now();
  execution.onObservedTime();
  return execution.startMs;
}

// A function, not a class: `Date()` without `new` gives text.
function FrozenDate(this: unknown, ...parts: unknown[]): unknown {
  if (new.target === undefined) return new NativeDate(now()).toString();
  const target = new.target === (FrozenDate as unknown) ? NativeDate : new.target;
  return Reflect.construct(NativeDate, parts.length === 0 ? [now()] : parts, target);
}

Object.defineProperties(FrozenDate, {
  name: { value: "Date" },
  length: { value: NativeDate.length },
  prototype: { value: datePrototype, writable: false },
  now: { value: now, writable: true, configurable: true },
  parse: { value: NativeDate.parse, writable: true, configurable: true },
  UTC: { value: NativeDate.UTC, writable: true, configurable: true },
});

export const SandboxDate = FrozenDate as unknown as Globals["Date"];
