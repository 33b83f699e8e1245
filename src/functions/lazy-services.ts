/**
 * Parts of `ctx` that most functions never touch, made when first called. Their methods are own
 * enumerable properties that need no receiver, so they survive spreading and destructuring; plain
 * functions, because an object literal with getters costs a hidden class of its own every time, and
 * written out, because an object built name by name costs four times as much: every call makes them.
 */
import type { Scheduler } from "../server/scheduler";
import type { StorageReader, StorageWriter } from "../server/storage";

type Method = (...args: never[]) => unknown;
type Methods<T> = { readonly [Name in keyof T]: Method };

/** `ctx.scheduler`: what `create` makes, once, at the first call. */
export function lazyScheduler(create: () => Scheduler): Scheduler {
  const made = once(create as () => Methods<Scheduler>);
  const methods: Methods<Scheduler> = {
    runAfter: (...args) => made().runAfter(...args),
    runAt: (...args) => made().runAt(...args),
    cancel: (...args) => made().cancel(...args),
  };
  return methods as Scheduler;
}

/** `ctx.storage` of a query. */
export function lazyStorageReader(create: () => StorageReader): StorageReader {
  const made = once(create as () => Methods<StorageReader>);
  const methods: Methods<StorageReader> = {
    getUrl: (...args) => made().getUrl(...args),
    getMetadata: (...args) => made().getMetadata(...args),
  };
  return methods as StorageReader;
}

/** `ctx.storage` elsewhere. */
export function lazyStorageWriter<T extends StorageWriter>(create: () => T): T {
  const made = once(create as () => Methods<StorageWriter>);
  const methods: Methods<StorageWriter> = {
    getUrl: (...args) => made().getUrl(...args),
    getMetadata: (...args) => made().getMetadata(...args),
    generateUploadUrl: (...args) => made().generateUploadUrl(...args),
    delete: (...args) => made().delete(...args),
    store: (...args) => made().store(...args),
    get: (...args) => made().get(...args),
  };
  return methods as unknown as T;
}

function once<T>(create: () => T): () => T {
  let target: T | undefined;
  return () => {
    target ??= create();
    return target;
  };
}
