/** One action (or HTTP action) while it runs. */
import type { CallExecution } from "./call-execution";
import type { FunctionTarget } from "./function-target";

export class ActionCall {
  readonly target: FunctionTarget;
  readonly execution: CallExecution;
  /** Names of operations that have begun and not ended, for the warning about dangling ones. */
  readonly #running = new Map<symbol, string>();

  constructor(target: FunctionTarget, execution: CallExecution) {
    this.target = target;
    this.execution = execution;
  }

  get component(): string {
    return this.target.component;
  }

  /** Runs an operation of the action, known by `name` until it has ended. */
  async track<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const key = Symbol(name);
    this.#running.set(key, name);
    try {
      return await operation();
    } finally {
      this.#running.delete(key);
    }
  }

  /** Operations still running: nobody waits for them once the handler has ended. */
  get dangling(): readonly string[] {
    return [...this.#running.values()];
  }
}

/** Convex's warning about operations that were not awaited (functions.md 3). */
export function danglingWarning(names: readonly string[]): string {
  const noun = names.length === 1 ? "operation" : "operations";
  return `${names.length} unawaited ${noun}: [${names.join(", ")}]. Async operations should be awaited or they might not run. See https://docs.convex.dev/functions/actions#dangling-promises for more information.`;
}
