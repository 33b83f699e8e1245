/**
 * Finds the function a caller means, in the modules of one backend or component, and decides
 * whether this caller may have it. In Convex's order: found, visible, of the right kind
 * (functions.md 1.8). Names are parsed by `function-path.ts`, refusals worded by `lookup-error.ts`.
 *
 * Guarantees: an export is read and compiled once; a function that was found before is found again
 * at once, without a promise and in O(1).
 */
import { userError } from "../shared/errors";
import type { IdResolver } from "../values/id-resolver";
import { identifierProblem } from "../values/identifier";
import { type FunctionDefinition, readFunction } from "./function-definition";
import { type FunctionPath, parseFunctionPath } from "./function-path";
import {
  type Caller,
  callablePaths,
  type Lookup,
  missingExport,
  missingModule,
  missingOrHidden,
  type WantedKind,
  wrongKind,
} from "./lookup-error";
import type { ModuleMap } from "./module-map";
import { modulePathProblem } from "./module-path";
import type { ModuleNamespace } from "./module-slot";
import { compileFunction, type RegisteredFunction } from "./registered-function";

/** What a registry is made of. */
export interface RegistryOptions {
  readonly modules: ModuleMap;
  /** The tables that `v.id()` in arguments and results refers to. */
  readonly ids: IdResolver;
  /** Path of the component, for messages. Default `""`: the app. */
  readonly component?: string;
}

/** The functions of one backend, or of one component instance. */
export class FunctionRegistry {
  readonly modules: ModuleMap;
  /** Path of the component instance; "" is the app. */
  readonly component: string;
  readonly #ids: IdResolver;
  /** By canonical path; shared with forks, as the modules are. */
  readonly #definitions: Map<string, FunctionDefinition>;
  /** By the names callers use, of functions that exist: a stranger cannot make it grow. */
  readonly #found = new Map<string, RegisteredFunction>();

  constructor(options: RegistryOptions, definitions = new Map<string, FunctionDefinition>()) {
    this.modules = options.modules;
    this.#ids = options.ids;
    this.component = options.component ?? "";
    this.#definitions = definitions;
  }

  /**
   * The function called `name`: at once if its module is loaded (and then errors are thrown at once
   * too), else as a promise.
   *
   * @throws InvexError `FunctionNotFound`, `FunctionInvalid` or `ModuleInvalid`. For the embedder
   * `fields.hint` may hold advice that is not part of Convex's text.
   */
  lookup(
    name: string,
    wanted: WantedKind,
    caller: Caller,
  ): RegisteredFunction | Promise<RegisteredFunction> {
    const known = this.#found.get(name);
    if (known?.kind === wanted && (caller !== "client" || known.visibility === "public")) {
      return known;
    }
    const path = known?.path ?? parseFunctionPath(name, this.modules.naming);
    const search = { path, wanted, caller, component: this.component };
    const namespace = this.modules.load(path.module);
    if (namespace === undefined) throw missingModule(search, this.modules);
    return namespace instanceof Promise
      ? namespace.then((loaded) => this.#find(name, search, loaded))
      : this.#find(name, search, namespace);
  }

  /** What `parseFunctionPath` makes of the name of a function that was found under it. O(1). */
  knownPath(name: string): FunctionPath | undefined {
    return this.#found.get(name)?.path;
  }

  /**
   * Every function of every module, sorted by canonical path. Loads all modules.
   * @throws InvexError if a module cannot be loaded or deployed, or a function is invalid: whatever
   * would fail a push to Convex.
   */
  async listFunctions(): Promise<RegisteredFunction[]> {
    const perModule = await Promise.all(this.modules.paths.map((path) => this.#functionsOf(path)));
    const byPath = (a: RegisteredFunction, b: RegisteredFunction) =>
      a.path.canonical < b.path.canonical ? -1 : 1;
    return perModule.flat().sort(byPath);
  }

  /** The same functions for another namespace of tables. O(1): it compiles when asked. */
  fork(ids: IdResolver): FunctionRegistry {
    const { modules } = this;
    return new FunctionRegistry({ modules, ids, component: this.component }, this.#definitions);
  }

  /** As {@link fork}, but modules are loaded anew: they may have changed. O(modules). */
  reload(ids: IdResolver): FunctionRegistry {
    const modules = this.modules.reload();
    return new FunctionRegistry({ modules, ids, component: this.component });
  }

  async #functionsOf(module: string): Promise<RegisteredFunction[]> {
    const namespace = (await this.modules.load(module)) ?? {};
    const functions: RegisteredFunction[] = [];
    for (const path of callablePaths(module, namespace)) {
      assertDeployable(path);
      const found = this.#register(path.canonical, path, namespace);
      if (found !== undefined) functions.push(found);
    }
    return functions;
  }

  #find(name: string, search: Lookup, namespace: ModuleNamespace): RegisteredFunction {
    const found = this.#register(name, search.path, namespace);
    if (found === undefined) throw missingExport(search, namespace);
    if (search.caller === "client" && found.visibility !== "public") throw missingOrHidden(search);
    const isWanted =
      search.wanted === "any" ? found.kind !== "httpAction" : found.kind === search.wanted;
    if (!isWanted) throw wrongKind(search, found);
    return found;
  }

  #register(
    name: string,
    path: FunctionPath,
    namespace: ModuleNamespace,
  ): RegisteredFunction | undefined {
    const found = this.#found.get(path.canonical) ?? this.#compile(path, namespace);
    if (found !== undefined) this.#found.set(path.canonical, found).set(name, found);
    return found;
  }

  #compile(path: FunctionPath, namespace: ModuleNamespace): RegisteredFunction | undefined {
    const definition = this.#definitions.get(path.canonical) ?? readExport(path, namespace);
    if (definition === undefined) return undefined;
    this.#definitions.set(path.canonical, definition);
    return compileFunction(definition, this.#ids, this.component);
  }
}

function readExport(path: FunctionPath, namespace: ModuleNamespace) {
  return Object.hasOwn(namespace, path.name) ? readFunction(path, namespace[path.name]) : undefined;
}

/** Names a push would refuse, though nothing here minds them until they are called. */
function assertDeployable({ module, name }: FunctionPath): void {
  const problem = modulePathProblem(module) ?? identifierProblem(name);
  if (problem === undefined) return;
  throw userError(
    "ModuleInvalid",
    `${module}.js:${name} is not a valid path to a Convex function. ${problem}`,
    { module, name },
  );
}
