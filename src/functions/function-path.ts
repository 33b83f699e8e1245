/**
 * The names functions go by: the grammar of `"dir/module:export"` and of handles (functions.md 1.7).
 * What a caller may give for a function is `server/function-address.ts`'s business; whether the
 * function exists is `registry.ts`'s.
 */
import { type InvexError, userError } from "../shared/errors";
import { identifierProblem } from "../values/identifier";
import { type ModuleNaming, modulePathProblem } from "./module-path";

/** A function of one component, by module and export. */
export interface FunctionPath {
  /** The module path without extension: `"admin/users"`. */
  readonly module: string;
  /** The export: `"list"`, or `"default"`. */
  readonly name: string;
  /** Convex's internal form, as it stands in jobs and most errors: `"admin/users.js:list"`. */
  readonly canonical: string;
  /** As people write it: `"admin/users:list"`; a default export is just `"admin/users"`. */
  readonly display: string;
}

/** A persistent reference to a function. Only the id says which; the name is there for people. */
export interface FunctionHandle {
  /** Id of the handle's document. */
  readonly id: string;
  /** The function's display form when the handle was made; old handles have none. */
  readonly name: string | undefined;
}

const HANDLE_SCHEME = "function://";

/** Names that keep every rule at a glance: nearly all of them. The rest is looked at closely. */
const PLAIN_NAME = /^((?:[A-Za-z0-9]\w{0,60}\/)*[A-Za-z0-9]\w{0,60}):([A-Za-z]\w{0,63})$/;

/**
 * Parses a name: `module:export`, the module with or without `.js`, no export meaning the default.
 *
 * @param naming `any`: every text is a name.
 * @throws InvexError `FunctionNotFound` if it is no name at all.
 * @example
 * ```ts
 * parseFunctionPath("admin/users:list").canonical; // => "admin/users.js:list"
 * parseFunctionPath("admin/users.js").name; // => "default"
 * ```
 */
export function parseFunctionPath(text: string, naming: ModuleNaming = "convex"): FunctionPath {
  const [, plainModule, plainName] = PLAIN_NAME.exec(text) ?? [];
  if (plainModule !== undefined && plainName !== undefined) {
    return functionPath(plainModule, plainName);
  }
  const colon = text.lastIndexOf(":");
  const module = (colon === -1 ? text : text.slice(0, colon)).replace(/\.js$/, "");
  const name = colon === -1 ? "default" : text.slice(colon + 1);
  const problem =
    naming === "any" ? undefined : (modulePathProblem(module) ?? identifierProblem(name));
  if (problem !== undefined) throw invalidPath(text, problem);
  return functionPath(module, name);
}

/** The path of an export of a module, both known to be well-formed. */
export function functionPath(module: string, name: string): FunctionPath {
  const display = name === "default" ? module : `${module}:${name}`;
  return { module, name, canonical: `${module}.js:${name}`, display };
}

/**
 * Takes a `function://<id>#<name>` string apart.
 * Owed by the caller: it is one (`isFunctionHandle` of `server/function-address.ts`).
 */
export function parseFunctionHandle(handle: string): FunctionHandle {
  const [id = "", ...name] = handle.slice(HANDLE_SCHEME.length).split("#");
  return { id, name: name.length === 0 ? undefined : name.join("#") };
}

/** The handle string of a function whose handle document has this id. */
export function printFunctionHandle(id: string, path: FunctionPath): string {
  return `${HANDLE_SCHEME}${id}#${path.display}`;
}

function invalidPath(text: string, problem: string): InvexError {
  const message = `${text} is not a valid path to a Convex function. ${problem}`;
  return userError("FunctionNotFound", message, { path: text });
}
