/**
 * What this platform offers to tell code of functions from code of the host. Looked up without
 * imports, so that bundles for browsers and Workers carry no trace of Node: `getBuiltinModule`
 * exists in Node from 20.16, Deno, Bun and in Workers with `nodejs_compat`.
 */

/** The part of `v8.promiseHooks` in use. */
export interface PromiseHooks {
  createHook(callbacks: {
    init(promise: object, parent: object | undefined): void;
    before(promise: object): void;
    after(promise: object): void;
    settled(promise: object): void;
  }): () => void;
}

/** The part of `AsyncLocalStorage` in use. */
export interface ContextStorage<T> {
  run<R>(store: T, body: () => R): R;
  exit<R>(body: () => R): R;
  getStore(): T | undefined;
}

export type ContextStorageClass = new <T>() => ContextStorage<T>;

/** When a callback runs. */
export interface Turns {
  /** As the next microtask. */
  microtask(callback: () => void): void;
  /** After all microtasks, before Node looks for unhandled rejections. */
  afterMicrotasks(callback: () => void): void;
}

export interface Platform {
  readonly promiseHooks?: PromiseHooks | undefined;
  readonly turns?: Turns | undefined;
  readonly AsyncLocalStorage?: ContextStorageClass | undefined;
}

interface HostProcess {
  nextTick?(callback: () => void): void;
  getBuiltinModule?(name: string): unknown;
}

export function detectPlatform(): Platform {
  const { process } = globalThis as { process?: HostProcess };
  const builtin = (name: string) => {
    try {
      return process?.getBuiltinModule?.(name) as Platform | undefined;
    } catch {
      return undefined;
    }
  };
  return {
    promiseHooks: working(builtin("node:v8")?.promiseHooks),
    turns: process?.nextTick === undefined ? undefined : turns(process.nextTick),
    AsyncLocalStorage: builtin("node:async_hooks")?.AsyncLocalStorage,
  };
}

/** Some platforms have the name only. */
function working(hooks: PromiseHooks | undefined): PromiseHooks | undefined {
  let called = false;
  const ignore = () => {};
  try {
    const init = () => {
      called = true;
    };
    const stop = hooks?.createHook({ init, before: ignore, after: ignore, settled: ignore });
    new Promise(ignore);
    stop?.();
  } catch {
    return undefined;
  }
  return called ? hooks : undefined;
}

function turns(nextTick: (callback: () => void) => void): Turns {
  return { microtask: queueMicrotask, afterMicrotasks: nextTick };
}
