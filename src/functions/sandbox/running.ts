/**
 * Who is running right now, for the replaced globals. One for the process, because globals are:
 * two backends are told apart by their scopes. Only trackers write here.
 */
import { type Execution, isFrozen } from "./execution";
import type { Scope } from "./scope";

let inside: Scope | undefined;
let lookUp: (() => Scope | undefined) | undefined;

/** The scope whose code is on the stack, or `undefined` outside functions. A few nanoseconds. */
export function running(): Scope | undefined {
  return inside ?? lookUp?.();
}

/** The scope on the stack if it is a query's or a mutation's. */
export function runningFrozen(): Scope | undefined {
  const scope = running();
  return scope !== undefined && isFrozen(scope.execution) ? scope : undefined;
}

/** The execution on the stack if it is a query or a mutation. */
export function frozenExecution(): Execution | undefined {
  return runningFrozen()?.execution;
}

/** For the tracker that knows when control passes in and out. */
export function setRunning(scope: Scope | undefined): void {
  inside = scope;
}

/** For the tracker that can only be asked. */
export function lookUpRunningWith(find: () => Scope | undefined): void {
  lookUp = find;
}
