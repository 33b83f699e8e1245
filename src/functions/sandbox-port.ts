/** What the runner needs of whoever shuts functions off from the host's world. */
import type { Execution } from "./sandbox/execution";

export interface Sandbox {
  /** Runs a handler as `execution`. Rejects with what it throws, or with what kills it. */
  run<T>(execution: Execution, handler: () => T | PromiseLike<T>): Promise<T>;
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
  current: () => undefined,
  outside: (body) => body(),
};
