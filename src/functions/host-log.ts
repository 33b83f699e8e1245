/** The host's console: where logs go by default, and problems that have no caller to be thrown at. */
import { consoleLine, type LogEntry } from "./logs";
import type { LogLevel } from "./sandbox/execution";

const METHODS = {
  DEBUG: "debug",
  LOG: "log",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
} as const satisfies Record<LogLevel, keyof Console>;

/** Prints an entry as Convex's own tools do. Must be called outside the sandbox. */
export function printToHost(entry: LogEntry): void {
  console[METHODS[entry.level]](consoleLine(entry));
}

/** Tells the developer of an error in code of theirs that Invex called and nobody awaits. */
export function reportToHost(where: string, error: unknown): void {
  console.error(`[INVEX] Uncaught error in ${where}:`, error);
}
