/**
 * The modules of one backend (or component): from whatever map the user has to module namespaces by
 * Convex's module paths. Accepts hand-written namespaces, `import.meta.glob` maps, lazy and eager,
 * and any mixture.
 *
 * Guarantees: nothing is loaded before it is needed; two keys for one module are refused. What a
 * module's exports mean is `registry.ts`'s business.
 */
import { type InvexError, userError } from "../shared/errors";
import { asDirectory, detectRoot, filesUnder } from "./functions-folder";
import { type ModuleNaming, moduleRole, type SpecialModule } from "./module-path";
import { type ModuleNamespace, ModuleSlot } from "./module-slot";

/**
 * What `createBackend({ modules })` takes: exports, or functions that load them, by path.
 *
 * A key that is a module path (`"admin/users"`) is taken as it stands. A file path
 * (`"./admin/users.ts"`, `"../convex/users.ts"`) counts from the functions folder, found as
 * {@link ModuleMap} says.
 */
export type Modules = Readonly<Record<string, object | (() => Promise<unknown>)>>;

/**
 * Modules by path.
 *
 * The functions folder of file keys is `root` if given, else what comes before `_generated/` in the
 * first key that has it (as convex-test does), else the longest directory all relative and absolute
 * keys share. Files outside it are ignored, and so are those Convex would not deploy:
 * `_generated/`, `.d.ts`, dotfiles, tests and other names with several dots, nested components.
 */
export class ModuleMap {
  /** The functions folder as the keys spell it, ending in `/`; `""` if keys start inside it. */
  readonly root: string;
  /** Which files are modules, and which names are paths of functions. */
  readonly naming: ModuleNaming;
  readonly #functions = new Map<string, ModuleSlot>();
  readonly #configuration = new Map<string, ModuleSlot>();

  /**
   * Reads the keys; loads nothing.
   * @param options `naming`: which files are modules. With `any`, the last key for a module wins.
   * @throws InvexError `ModuleInvalid`: two keys for one module, a value that is no module, or no
   * key under `root`.
   */
  constructor(
    modules: Modules,
    options: { root?: string | undefined; naming?: ModuleNaming } = {},
  ) {
    const keys = Object.keys(modules);
    this.naming = options.naming ?? "convex";
    this.root = options.root === undefined ? detectRoot(keys) : asDirectory(options.root);
    const files = filesUnder(this.root, keys, this.naming);
    if (files.size === 0 && keys.length > 0) throw nothingUnder(this.root, keys);
    for (const [file, key] of files) this.#add(file, key, modules[key]);
  }

  /** The same map with nothing loaded yet. O(modules). */
  reload(): ModuleMap {
    const copy = new ModuleMap({}, { root: this.root, naming: this.naming });
    for (const [path, slot] of this.#functions) copy.#functions.set(path, slot.reload());
    for (const [path, slot] of this.#configuration) copy.#configuration.set(path, slot.reload());
    return copy;
  }

  /** Paths of the modules that may hold functions, sorted. */
  get paths(): string[] {
    return [...this.#functions.keys()].sort();
  }

  /** The name of the functions folder, `"convex"` unless the keys tell another one. */
  get folder(): string {
    const name = this.root.split("/").at(-2) ?? "";
    return /^\.*$/.test(name) ? "convex" : name;
  }

  /** Whether a module of functions has this path. */
  has(path: string): boolean {
    return this.#functions.has(path);
  }

  /** Whether there is a module found by this name. */
  hasSpecial(name: SpecialModule): boolean {
    return this.#functions.has(name) || this.#configuration.has(name);
  }

  /**
   * The exports of a module of functions: at once when they are there, else as a promise;
   * `undefined` if there is no such module.
   * @throws InvexError `ModuleInvalid` (as a rejection) when loading fails; `cause` is the reason.
   */
  load(path: string): ModuleNamespace | Promise<ModuleNamespace> | undefined {
    return this.#functions.get(path)?.load();
  }

  /**
   * The default export of a module found by name, loaded as `load` does; `undefined` if the map has
   * no such module.
   * @throws InvexError `ModuleInvalid` when the module has no default export.
   */
  special(name: SpecialModule): unknown {
    const slot = this.#functions.get(name) ?? this.#configuration.get(name);
    if (slot === undefined) return undefined;
    const namespace = slot.load();
    return namespace instanceof Promise
      ? namespace.then((loaded) => defaultExport(name, loaded))
      : defaultExport(name, namespace);
  }

  #add(file: string, key: string, value: unknown): void {
    const module = moduleRole(file, this.naming);
    if (module.role === "ignored") return;
    const slots = module.role === "functions" ? this.#functions : this.#configuration;
    const other = slots.get(module.path);
    if (other !== undefined && this.naming === "convex") throw twoKeys(module.path, other.key, key);
    slots.set(module.path, new ModuleSlot(key, value));
  }
}

function defaultExport(name: SpecialModule, namespace: ModuleNamespace): unknown {
  if (Object.hasOwn(namespace, "default")) return namespace.default;
  throw userError("ModuleInvalid", missingDefault(name), { module: name });
}

function missingDefault(name: SpecialModule): string {
  if (name === "http") return "`convex/http.js` must have a default export of a Router.";
  if (name === "crons") return "`convex/crons.js` must have a default export of a Crons object.";
  return `\`convex/${name}.js\` must have a default export.`;
}

function twoKeys(module: string, first: string, second: string): InvexError {
  return userError(
    "ModuleInvalid",
    `Two keys of the modules map name the module "${module}": "${first}" and "${second}". Remove one of them.`,
    { module },
  );
}

function nothingUnder(root: string, keys: readonly string[]): InvexError {
  return userError(
    "ModuleInvalid",
    `No key of the modules map lies under the root "${root}". The first key is "${keys[0]}".`,
    { root },
  );
}
