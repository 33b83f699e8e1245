/** From parsed options to an engine: at once, or later when modules or the store have to be awaited. */
import { OpenedStore } from "../persistence/opened-store";
import type { PersistentStore } from "../persistence/persistence";
import { Engine } from "./engine";
import { type LoadedBackend, loadBackend } from "./load-components";
import type { ParsedOptions } from "./options";

type Eventually<T> = T | Promise<T>;

/** @throws what `createBackend` throws; or rejects with it */
export function openEngine(options: ParsedOptions): Eventually<Engine> {
  // Modules first: a store is claimed only by a backend that can begin.
  return whenThere(loadBackend(options), (loaded) => {
    if (options.persistence === undefined) return Engine.create(options, loaded);
    return whenThere(options.persistence.open(), (store) => createOn(store, options, loaded));
  });
}

/** Gives the store back when the engine cannot begin on it. */
function createOn(
  store: PersistentStore,
  options: ParsedOptions,
  loaded: LoadedBackend,
): Eventually<Engine> {
  try {
    return Engine.create(options, loaded, { store: new OpenedStore(store) });
  } catch (error) {
    const fail = () => {
      throw error;
    };
    return whenThere(closeQuietly(store), fail);
  }
}

/** What is wrong with it is known already. */
function closeQuietly(store: PersistentStore): Eventually<void> {
  try {
    const closed = store.close();
    return closed instanceof Promise ? closed.catch(() => {}) : closed;
  } catch {
    return undefined;
  }
}

function whenThere<T, R>(value: Eventually<T>, next: (value: T) => Eventually<R>): Eventually<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
