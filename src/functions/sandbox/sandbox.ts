/**
 * Where functions run: apart from the host and from each other, in one JavaScript world.
 * Measured on Node 20 and 24, two busy cores, a call of three awaits (0.14 µs by itself):
 *  - promise hooks, globals swapped in only while a function's code runs: +0.85 µs. The host sees
 *    nothing at any time, rejections are known; its own awaits cost 0.1 µs more while functions run.
 *  - AsyncLocalStorage, globals that look who calls: +0.65 µs. The host sees them replaced while
 *    functions run, rejections stay unknown; on Node 20 every await pays 0.1 µs from then on.
 * So: hooks where there are some (Node, Deno), else storage (Workers, Bun), else off, said once.
 */
import { ContextTracker } from "./context-tracker";
import type { Execution } from "./execution";
import { HookTracker } from "./hook-tracker";
import { whileImporting } from "./importing";
import { NoTracker } from "./no-tracker";
import { type ContextStorageClass, detectPlatform, type Platform } from "./platform";
import { running } from "./running";
import { type OutcomeListener, Scope } from "./scope";
import { isSwappable } from "./swap";
import type { SandboxMode, Tracker } from "./tracker";

export interface Sandbox {
  /** How functions are kept apart here. `off`: not at all, they see the host's globals. */
  readonly mode: SandboxMode;

  /**
   * Runs `handler` as `execution`, once per top-level call. Nested calls of the same transaction may
   * stay in it; a call with its own randomness, log or time is a `run` of its own, also inside.
   *
   * @returns the handler's outcome, or earlier the error that killed the function, see
   *   `Execution.fail`. Settles outside: what is awaited on it runs where `run` was called.
   * Cost: about 0.4 µs, and 0.15 µs for each `await` inside.
   */
  run<T>(execution: Execution, handler: () => T | PromiseLike<T>): Promise<T>;

  /**
   * As `run`, but tells the outcome to `listener`, without a promise between: at the earliest before
   * this returns.
   */
  follow(execution: Execution, handler: () => unknown, listener: OutcomeListener): void;

  /** Whose code is on the stack. `undefined` in the host's, and everywhere when the mode is `off`. */
  current(): Execution | undefined;

  /**
   * Runs `body` as code of the host, also when a function has called: for listeners, sinks, module
   * loading, and calls that are nobody's but happen to be made inside. Promises made in it continue
   * outside. A few nanoseconds when called from outside.
   */
  outside<T>(body: () => T): T;

  /**
   * Loads a module of functions, as code of the host. What it keeps of `process.env` is, inside
   * functions, theirs; where the mode is not `hooks` that holds only if a function is running.
   */
  importing<T>(load: () => T | PromiseLike<T>): Promise<T>;

  /**
   * Leaves the process as if no function had ever run, unless one is running. Happens by itself
   * at the end of the turn; a closing backend need not wait for that.
   */
  rest(): void;
}

/** One per process is enough, and it is `sandbox`; tests make more to try other platforms. */
export function createSandbox(platform: () => Platform): Sandbox {
  let chosen: Tracker | undefined;
  const tracker = () => {
    chosen ??= chooseTracker(platform());
    return chosen;
  };
  return {
    get mode() {
      return tracker().mode;
    },
    run: (execution, handler) =>
      new Promise((fulfilled, rejected) => {
        const listener = { fulfilled, rejected } as OutcomeListener;
        new Scope(execution, tracker(), listener).run(handler);
      }),
    follow: (execution, handler, listener) =>
      new Scope(execution, tracker(), listener).run(handler),
    current: () => running()?.execution,
    outside: (body) => (chosen === undefined ? body() : chosen.outside(body)),
    importing: async (load) => {
      const importModule = tracker().mode === "hooks" ? () => whileImporting(load) : load;
      return tracker().outside(importModule);
    },
    rest: () => chosen?.rest(),
  };
}

export const sandbox: Sandbox = createSandbox(() => {
  const platform = detectPlatform();
  return { ...platform, AsyncLocalStorage: platform.AsyncLocalStorage ?? providedStorage };
});

let providedStorage: ContextStorageClass | undefined;

/**
 * Hands in `AsyncLocalStorage` where it can only be imported (Workers without `process`): by the
 * entry made for that platform, before any function runs.
 */
export function provideAsyncLocalStorage(storage: ContextStorageClass): void {
  providedStorage = storage;
}

function chooseTracker({ promiseHooks, turns, AsyncLocalStorage }: Platform): Tracker {
  if (promiseHooks !== undefined && turns !== undefined && isSwappable()) {
    return new HookTracker(promiseHooks, turns);
  }
  return AsyncLocalStorage === undefined ? new NoTracker() : new ContextTracker(AsyncLocalStorage);
}
