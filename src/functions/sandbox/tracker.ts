/**
 * The port between the sandbox and the ways a platform lets it tell inside from outside.
 * `HookTracker` is told whenever control passes (Node); `ContextTracker` can ask, wherever there is
 * `AsyncLocalStorage`; with neither, `NoTracker` runs functions in the host's own world.
 */
import type { Scope } from "./scope";

/** How functions are kept apart from the host. */
export type SandboxMode = "hooks" | "context" | "off";

export interface Tracker {
  readonly mode: SandboxMode;

  /**
   * Runs a handler as code of `scope`, and whatever it leaves to promises and microtasks too.
   * Called once per scope and answered by one `ended`, also when it throws. A promise it returns is
   * the caller's to listen to.
   */
  start<T>(scope: Scope, handler: () => T): T;

  /** `scope` is closed. What still runs of it stays apart from the host, as long as that is free. */
  ended(scope: Scope): void;

  /** Runs a callback of `scope` that the host was given. */
  reenter<T>(scope: Scope, callback: () => T): T;

  /** Runs `body` as code of the host, wherever it is called from. */
  outside<T>(body: () => T): T;

  /**
   * Kills `scope` if it has left rejections that nobody handles once its microtasks are done.
   *
   * @returns when that is decided; `undefined` when there is nothing to decide, the usual case.
   */
  judgeRejections(scope: Scope): Promise<void> | undefined;

  /** Leaves nothing in the process, if nothing runs. */
  rest(): void;
}
