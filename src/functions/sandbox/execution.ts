/**
 * One running function as the sandbox sees it: what the globals inside it say and do.
 * The runner makes one per call; the sandbox reads it and reports back through its methods.
 * How code is recognised as running inside is the trackers' business (`tracker.ts`).
 */
import type { Random } from "../../shared/random";

/** Which rules hold inside: time stands still in the first two, the last two live in the world. */
export type ExecutionKind = "query" | "mutation" | "action" | "httpAction";

export type LogLevel = "DEBUG" | "LOG" | "INFO" | "WARN" | "ERROR";

/**
 * What the `Convex` global offers inside running functions, in the shapes of functions.md 1.5.
 * Invex's own ctx never goes through it: it serves what the `convex` package keeps outside ctx
 * (`createFunctionHandle`, `log.audit`, service tokens, `runRequest` of a router).
 */
export interface ConvexBridge {
  syscall(operation: string, jsonArgs: string): string;
  asyncSyscall(operation: string, jsonArgs: string): Promise<string>;
  jsSyscall(operation: string, args: object): unknown;
}

/** Owned by the runner. Its methods are called from inside the function and must not throw. */
export interface Execution {
  readonly kind: ExecutionKind;
  /** Whole milliseconds since the epoch: what the clock says throughout a query or mutation. */
  readonly startMs: number;
  /** Where `performance.now()` of queries and mutations counts from: when the backend was made. */
  readonly originMs: number;
  /** The execution's own stream, so a retry brings another one. */
  readonly random: Random;
  /** What `process.env` reads inside. Nobody inside can write it. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether spies and stubs of the host on what is random are called instead. Default: false. */
  readonly heedsStubs?: boolean;
  /** Whether `console` inside is the host's own, to be spied on. Asked at each use. Default: false. */
  readonly isTrusted?: boolean;
  /** The `Convex` global inside. */
  readonly bridge: ConvexBridge;

  /** The backend's clock, which moves on also while the function's own stands still. */
  clockMs(): number;
  /** A `console` call. `args` are the function's own objects: read them now or lose the moment. */
  log(level: LogLevel, args: readonly unknown[]): void;
  /** A query or mutation asked for the time, so its result grows old. */
  onObservedTime(): void;
  /**
   * The function is lost whatever its handler does: it armed a timer where none is allowed, or left
   * a rejection unhandled. Called at most once; `Sandbox.run` rejects with the same error.
   */
  fail(error: unknown): void;
  /**
   * What the function left running when its handler fulfilled, if that must end first. The sandbox
   * looks for unhandled rejections after it.
   */
  drain?(): Promise<void> | undefined;
}

/** Whether time, randomness and the outside world are shut out. */
export function isFrozen(execution: Execution): boolean {
  return execution.kind === "query" || execution.kind === "mutation";
}

/**
 * A backend's variables as `Execution.env` likes them: frozen, and without inherited names, so that
 * what is not set is `undefined`. O(variables), once per backend.
 */
export function sealEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.freeze(Object.assign(Object.create(null), env));
}
