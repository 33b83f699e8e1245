// Executions to put into a sandbox, which keep what was reported to them, and ways to wait for turns
// of the event loop on timers that nobody fakes.

import { setImmediate as immediate } from "node:timers";
import type { Execution, ExecutionKind, LogLevel } from "../../../src/functions/sandbox/execution";
import type { Sandbox } from "../../../src/functions/sandbox/sandbox";
import { createRandom } from "../../../src/shared/random";

export const startMs = Date.UTC(2024, 1, 29, 12, 30);

export interface RecordedExecution extends Execution {
  readonly lines: { readonly level: LogLevel; readonly args: readonly unknown[] }[];
  readonly failures: unknown[];
  /** How often the time was asked for. */
  observedTime: number;
}

export interface ExecutionOptions {
  readonly kind?: ExecutionKind;
  readonly startMs?: number;
  readonly seed?: string;
  readonly env?: Record<string, string>;
  readonly clockMs?: () => number;
  readonly drain?: () => Promise<void> | undefined;
}

export function createExecution(options: ExecutionOptions = {}): RecordedExecution {
  const start = options.startMs ?? startMs;
  const execution: RecordedExecution = {
    kind: options.kind ?? "query",
    startMs: start,
    originMs: startMs - 1000,
    random: createRandom(options.seed ?? "seed"),
    env: options.env ?? { HARBOR: "deep" },
    bridge: {
      syscall: (operation) => `syscall ${operation}`,
      asyncSyscall: async (operation, args) => JSON.stringify([operation, JSON.parse(args)]),
      jsSyscall: (operation) => operation,
    },
    lines: [],
    failures: [],
    observedTime: 0,
    clockMs: options.clockMs ?? (() => start),
    log: (level, args) => void execution.lines.push({ level, args }),
    onObservedTime: () => {
      execution.observedTime += 1;
    },
    fail: (error) => void execution.failures.push(error),
    ...(options.drain && { drain: options.drain }),
  };
  return execution;
}

/** Runs `handler` in a fresh execution. */
export function runIn<T>(
  sandbox: Sandbox,
  handler: () => T | PromiseLike<T>,
  options: ExecutionOptions = {},
): Promise<T> {
  return sandbox.run(createExecution(options), handler);
}

/** Lets every microtask and tick of this turn run, and one macrotask. */
export function turn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}

/** A promise and its key. */
export function gate<T = void>() {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}
