/** What the runner needs of whoever shuts functions off from the host's world. */
import type { Execution } from "./sandbox/execution";
import type { OutcomeListener } from "./sandbox/scope";

export interface Sandbox {
  /** Runs a handler as `execution`. Rejects with what it throws, or with what kills it. */
  run<T>(execution: Execution, handler: () => T | PromiseLike<T>): Promise<T>;
  /** As `run`, but tells the outcome to `listener`, at the earliest before this returns. */
  follow(execution: Execution, handler: () => unknown, listener: OutcomeListener): void;
  /** The execution whose code is calling, if any is. */
  current(): Execution | undefined;
  /** Runs `body` as code of the host, also when a function has called. */
  outside<T>(body: () => T): T;
}

/** No sandbox: functions run in the host's own world, and nobody knows that they do. */
export const noSandbox: Sandbox = {
  run: async (execution, handler) => {
    const result = await handler();
    await execution.drain?.();
    return result;
  },
  follow(execution, handler, listener) {
    noSandbox.run(execution, handler).then(
      (value) => listener.fulfilled(value),
      (error) => listener.rejected(error),
    );
  },
  current: () => undefined,
  outside: (body) => body(),
};
