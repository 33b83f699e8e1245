/**
 * Why a caller did not get the function it asked for: Convex's texts (functions.md 1.8), and advice
 * for the embedder, kept apart in `fields.hint` because clients and functions must not see it.
 */
import { type InvexError, userError } from "../shared/errors";
import { type FunctionKind, functionKindOf } from "./function-definition";
import { type FunctionPath, functionPath } from "./function-path";
import { inComponent } from "./function-target";
import type { ModuleMap } from "./module-map";
import type { ModuleNamespace } from "./module-slot";
import { nearName } from "./near-name";
import type { RegisteredFunction } from "./registered-function";

/**
 * Who asks. A `client` gets public functions only and learns nothing of others; a `function` gets
 * all; the `embedder` gets all, and advice when the name is wrong.
 */
export type Caller = "client" | "function" | "embedder";

/** What the caller wants to run; `"any"` leaves the kind open, as `/api/function` does. */
export type WantedKind = Exclude<FunctionKind, "httpAction"> | "any";

/** Everything a lookup knows. */
export interface Lookup {
  readonly path: FunctionPath;
  readonly wanted: WantedKind;
  readonly caller: Caller;
  /** Path of the component that is searched; `""` is the app. */
  readonly component: string;
}

const DEV_ADVICE = "Did you forget to run `npx convex dev`?";
const MAX_LISTED = 10;

const KIND_NAMES = {
  query: "Query",
  mutation: "Mutation",
  action: "Action",
  httpAction: "HttpAction",
} as const;

/** No such module. */
export function missingModule(lookup: Lookup, modules: ModuleMap): InvexError {
  if (lookup.caller === "client") return missingOrHidden(lookup);
  const where = inComponent(lookup.component);
  const message = `Couldn't find JavaScript module '${lookup.path.module}.js'${where}. ${DEV_ADVICE}`;
  return notFound(message, lookup, () => moduleHint(lookup.path, modules));
}

/** The module is there, the function is not. */
export function missingExport(lookup: Lookup, namespace: ModuleNamespace): InvexError {
  if (lookup.caller === "client") return missingOrHidden(lookup);
  const { module, name } = lookup.path;
  const where = inComponent(lookup.component);
  const message = `Couldn't find "${name}" in module "${module}.js"${where}.`;
  return notFound(message, lookup, () => exportHint(lookup.path, namespace));
}

/** One text for what is missing and what is hidden, so that a client cannot tell them apart. */
export function missingOrHidden(lookup: Lookup): InvexError {
  const name = `'${lookup.path.display}'${inComponent(lookup.component)}`;
  return lookup.wanted === "any"
    ? notFound(`Could not find function for ${name}. ${DEV_ADVICE}`, lookup)
    : notFound(`Could not find public function for ${name}.`, lookup);
}

/** A query was asked for, but it is a mutation, or the like. */
export function wrongKind(lookup: Lookup, { path, kind }: RegisteredFunction): InvexError {
  if (lookup.wanted === "any") return missingOrHidden(lookup);
  const [wanted, actual] = [KIND_NAMES[lookup.wanted], KIND_NAMES[kind]];
  const where = inComponent(lookup.component);
  const message = `Trying to execute ${path.canonical}${where} as ${wanted}, but it is defined as ${actual}.`;
  return userError("FunctionNotFound", message, { function: path.display, kind });
}

/** Paths of a module's exports that callers can name. */
export function callablePaths(module: string, namespace: ModuleNamespace): FunctionPath[] {
  return Object.keys(namespace)
    .filter((name) => isCallable(namespace[name]))
    .map((name) => functionPath(module, name));
}

function isCallable(exported: unknown): boolean {
  const kind = functionKindOf(exported);
  return kind !== undefined && kind !== "httpAction";
}

function notFound(message: string, { path, caller }: Lookup, hint?: () => string): InvexError {
  const fields: Record<string, unknown> = { function: path.display };
  if (caller === "embedder" && hint !== undefined) fields.hint = hint();
  return userError("FunctionNotFound", message, fields);
}

function moduleHint({ module, name }: FunctionPath, { paths, root }: ModuleMap): string {
  if (paths.length === 0) return "The modules map holds no modules of functions.";
  const near = nearName(module, paths);
  if (near !== undefined) return `Did you mean "${functionPath(near, name).display}"?`;
  return `The modules ${root === "" ? "are" : `under "${root}" are`}: ${listed(paths)}.`;
}

function exportHint({ module, name }: FunctionPath, namespace: ModuleNamespace): string {
  if (Object.hasOwn(namespace, name)) {
    return `"${module}" exports "${name}", but it is no query, mutation or action.`;
  }
  const names = callablePaths(module, namespace).map((path) => path.name);
  if (names.length === 0) return `"${module}" exports no functions.`;
  const near = nearName(name, names);
  if (near !== undefined) return `Did you mean "${functionPath(module, near).display}"?`;
  return `"${module}" exports: ${listed(names)}.`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED);
  return (names.length > MAX_LISTED ? [...shown, "…"] : shown).join(", ");
}
