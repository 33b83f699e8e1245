/**
 * One module of a modules map on its way from the user's value to its exports: loaded on first use
 * and once; a load that failed is tried again at the next use.
 */
import { InvexError, userError } from "../shared/errors";
import { sandbox } from "./sandbox/sandbox";

/** A module's exports. */
export type ModuleNamespace = Readonly<Record<string, unknown>>;

type State =
  | { readonly kind: "loaded"; readonly namespace: ModuleNamespace }
  | { readonly kind: "lazy"; readonly load: () => unknown }
  | { readonly kind: "loading"; readonly promise: Promise<ModuleNamespace> };

/** A module and what is known of it so far. */
export class ModuleSlot {
  /** The key of the user's map, for messages. */
  readonly key: string;
  readonly #value: unknown;
  #state: State;

  /**
   * @param value the module's exports, or a function that loads them.
   * @throws InvexError `ModuleInvalid` if it is neither.
   */
  constructor(key: string, value: unknown) {
    this.key = key;
    this.#value = value;
    this.#state =
      typeof value === "function"
        ? { kind: "lazy", load: value as () => unknown }
        : { kind: "loaded", namespace: asNamespace(key, value) };
  }

  /** The module as it was given, not loaded yet if it is to be. */
  reload(): ModuleSlot {
    return new ModuleSlot(this.key, this.#value);
  }

  /**
   * The exports: at once when they are there, else as a promise.
   * @throws InvexError `ModuleInvalid` (as a rejection) when loading fails; `cause` is the reason.
   */
  load(): ModuleNamespace | Promise<ModuleNamespace> {
    const state = this.#state;
    if (state.kind === "loaded") return state.namespace;
    if (state.kind === "loading") return state.promise;
    const promise = this.#import(state.load);
    this.#state = { kind: "loading", promise };
    return promise;
  }

  /** Ends in `loaded`, or back in `lazy` with a rejection. */
  async #import(load: () => unknown): Promise<ModuleNamespace> {
    try {
      const loaded = asNamespace(this.key, await importModule(this.key, load));
      const namespace = withoutInterop(loaded);
      this.#state = { kind: "loaded", namespace };
      return namespace;
    } catch (error) {
      this.#state = { kind: "lazy", load };
      throw error;
    }
  }
}

async function importModule(key: string, load: () => unknown): Promise<unknown> {
  try {
    return await sandbox.importing(load);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The module "${key}" could not be loaded: ${reason}`;
    throw new InvexError("ModuleInvalid", message, { fields: { key }, cause });
  }
}

/** Looks at no export: a module of an import cycle may not have been evaluated yet. */
function asNamespace(key: string, value: unknown): ModuleNamespace {
  if (value instanceof Promise) {
    throw userError(
      "ModuleInvalid",
      `The module "${key}" is a promise. Give a function that imports it: \`() => import(…)\`.`,
      { key },
    );
  }
  if (typeof value === "object" && value !== null) return value as ModuleNamespace;
  throw userError(
    "ModuleInvalid",
    `The module "${key}" is ${value === null ? "null" : typeof value}. Give its exports (\`import * as …\`) or a function that imports it.`,
    { key },
  );
}

/** Node hands out a CommonJS module compiled from ESM as the default export of a namespace. */
function withoutInterop(namespace: ModuleNamespace): ModuleNamespace {
  if (!Object.hasOwn(namespace, "default")) return namespace;
  const inner = namespace.default as ModuleNamespace | null;
  return typeof inner === "object" && inner?.__esModule === true ? inner : namespace;
}
