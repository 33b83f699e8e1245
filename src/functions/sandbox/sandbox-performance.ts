/**
 * `performance.now()` inside: fixed in queries, moving in mutations (engine.md 6.5), in steps of
 * 0.1 ms, counted from when the backend was made. Actions have the host's.
 */
import { host } from "./host";
import { frozenExecution } from "./running";

export function performanceNow(this: unknown): unknown {
  const execution = frozenExecution();
  if (execution === undefined) return Reflect.apply(host.performanceNow, this, []);
  execution.onObservedTime();
  const now = execution.kind === "query" ? execution.startMs : execution.clockMs();
  return Math.floor((now - execution.originMs) * 10) / 10;
}
