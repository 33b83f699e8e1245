/**
 * One top-level call while it runs, and what all its nested calls share: who calls, what time it is,
 * where logs go, and what the call has observed of the world.
 */

import type { RunningJob } from "../scheduler/ports";
import type { UserIdentity } from "../server/authentication";
import type { Random } from "../shared/random";
import type { FunctionTarget } from "./function-target";
import { INLINE_MODULE } from "./inline-function";
import type { Pace } from "./pace";
import type { ConvexBridge, Execution, ExecutionKind, LogLevel } from "./sandbox/execution";
import type { SyscallCtx } from "./syscall-ctx";

/** Where a request came from; all unknown for calls of the embedder. */
export interface RequestOrigin {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly authToken: string | null;
  /** Why the caller's token was not believed: thrown at whoever asks who calls. */
  readonly authProblem?: Error | undefined;
  /** The scheduled function that this runs for. */
  readonly job: RunningJob | undefined;
}

export const UNKNOWN_ORIGIN: RequestOrigin = {
  ip: null,
  userAgent: null,
  authToken: null,
  job: undefined,
};

/** What all executions of one backend have in common. */
export interface ExecutionWorld {
  /** Where `performance.now()` counts from. */
  readonly originMs: number;
  clockMs(): number;
  /** A stream of randomness of the execution's own; asked for once, when it is first needed. */
  createRandom(): Random;
  /** See `Execution.heedsStubs`. */
  readonly heedsStubs: boolean;
  /** See `CallExecution.isTrusted`. */
  readonly trustsInline: boolean;
  /** `process.env` inside a component. */
  envOf(component: string): Readonly<Record<string, string>>;
  /** The `Convex` global of an execution; asked for once, when it is first needed. */
  createBridge(execution: CallExecution): ConvexBridge;
  /** Absent but in simulations. */
  readonly pace: Pace | undefined;
  /** Told every `console` call of the function that is running then. */
  log(execution: CallExecution, level: LogLevel, args: readonly unknown[]): void;
}

/** Who calls what. */
export interface ExecutedCall {
  readonly target: FunctionTarget;
  readonly requestId: string;
  readonly identity: UserIdentity | null;
  readonly origin?: RequestOrigin | undefined;
}

export class CallExecution implements Execution {
  readonly kind: ExecutionKind;
  readonly startMs: number;
  readonly #call: ExecutedCall;
  readonly #world: ExecutionWorld;
  /** The function whose code runs now: nested calls take turns. */
  current: FunctionTarget;
  /** Its ctx, as the engine made it; absent before its handler is called. */
  ctx: SyscallCtx | undefined;
  /** What the top-level function may have left running; set by whoever runs it. */
  drainer: { drain(): Promise<void> | undefined } | undefined;
  #logLines: string[] | undefined;
  #random: Random | undefined;
  #bridge: ConvexBridge | undefined;
  #readIdentity = false;
  #observedTime = false;
  #fatal: { readonly error: unknown } | undefined;

  /** @param nowMs the clock's time */
  constructor(world: ExecutionWorld, kind: ExecutionKind, call: ExecutedCall, nowMs: number) {
    this.kind = kind;
    this.startMs = Math.floor(nowMs);
    this.#call = call;
    this.#world = world;
    this.current = call.target;
  }

  get requestId(): string {
    return this.#call.requestId;
  }

  get origin(): RequestOrigin {
    return this.#call.origin ?? UNKNOWN_ORIGIN;
  }

  get originMs(): number {
    return this.#world.originMs;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#world.envOf(this.current.component);
  }

  get heedsStubs(): boolean {
    return this.#world.heedsStubs;
  }

  /**
   * Whether what runs now is code of a test, not of the app: it may treat system tables and the
   * console as its own, and ask for ids that are none.
   */
  get isTrusted(): boolean {
    return this.#world.trustsInline && this.current.path.module === INLINE_MODULE;
  }

  get pace(): Pace | undefined {
    return this.#world.pace;
  }

  get random(): Random {
    this.#random ??= this.#world.createRandom();
    return this.#random;
  }

  get bridge(): ConvexBridge {
    this.#bridge ??= this.#world.createBridge(this);
    return this.#bridge;
  }

  /** Console lines so far, as clients get them. */
  get logLines(): readonly string[] {
    return this.#logLines ?? NO_LINES;
  }

  addLogLine(line: string): void {
    this.#logLines ??= [];
    this.#logLines.push(line);
  }

  /** Whether anything asked who calls: then the result is this caller's alone. */
  get readIdentity(): boolean {
    return this.#readIdentity;
  }

  get observedTime(): boolean {
    return this.#observedTime;
  }

  /** The error that ends this call whatever its handler does. */
  get fatal(): { readonly error: unknown } | undefined {
    return this.#fatal;
  }

  identity(): UserIdentity | null {
    this.#readIdentity = true;
    if (this.origin.authProblem !== undefined) throw this.origin.authProblem;
    return this.#call.identity;
  }

  /** For handing on to other calls: does not count as asking. */
  get inheritedIdentity(): UserIdentity | null {
    return this.#call.identity;
  }

  clockMs(): number {
    return this.#world.clockMs();
  }

  log(level: LogLevel, args: readonly unknown[]): void {
    this.#world.log(this, level, args);
  }

  drain(): Promise<void> | undefined {
    return this.drainer?.drain();
  }

  onObservedTime(): void {
    this.#observedTime = true;
  }

  fail(error: unknown): void {
    this.#fatal ??= { error };
  }
}

const NO_LINES: readonly string[] = [];
