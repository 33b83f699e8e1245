/**
 * `api` objects: trees of references, at run time one proxy that spells out whatever path is taken.
 * The types say which paths exist; the proxy does not know.
 */

import { userError } from "../shared/errors";
import type { Expand } from "../values/validator";
import { functionName } from "./function-address";
import type {
  AnyFunctionReference,
  FunctionReference,
  FunctionReferenceFromExport,
  FunctionType,
} from "./function-reference";
import type { UnionToIntersection } from "./object-shape";
import type { DefaultFunctionArgs } from "./registered-function";

type FunctionReferencesInModule<Module> = {
  -readonly [Name in keyof Module as Module[Name] extends { isConvexFunction: true }
    ? Name
    : never]: FunctionReferenceFromExport<Module[Name]>;
};

type ApiForModule<
  ModulePath extends string,
  Module,
> = ModulePath extends `${infer Directory}/${infer Rest}`
  ? { [_ in Directory]: ApiForModule<Rest, Module> }
  : { [_ in ModulePath]: FunctionReferencesInModule<Module> };

type ExpandTree<Tree> = Tree extends AnyFunctionReference
  ? Tree
  : { [Key in keyof Tree]: ExpandTree<Tree[Key]> };

type TreeOfModules<AllModules extends Record<string, object>> = ExpandTree<
  UnionToIntersection<
    {
      [ModulePath in keyof AllModules]: ApiForModule<ModulePath & string, AllModules[ModulePath]>;
    }[keyof AllModules]
  >
>;

/**
 * The `api` of a set of modules, keyed by path without extension. Both visibilities are in it:
 * cut it down with {@link FilterApi}.
 *
 * @example
 * import * as messages from "./messages";
 * type Api = ApiFromModules<{ messages: typeof messages; "admin/users": typeof users }>;
 * // { messages: { list: FunctionReference<"query", …> }, admin: { users: { … } } }
 */
export type ApiFromModules<AllModules extends Record<string, object>> = FilterApi<
  TreeOfModules<AllModules>,
  // biome-ignore lint/suspicious/noExplicitAny: keeps functions of every kind
  FunctionReference<any, any, any, any>
>;

type KeyWhenKept<Key, Node, Predicate> = Node extends Predicate
  ? Key
  : // biome-ignore lint/suspicious/noExplicitAny: a leaf of any kind that the predicate refused
    Node extends FunctionReference<any, any, any, any>
    ? never
    : FilterApi<Node, Predicate> extends Record<string, never>
      ? never
      : Key;

/** The part of an `api` whose references fit `Predicate`, without branches left empty. */
export type FilterApi<API, Predicate> = Expand<{
  [Key in keyof API as KeyWhenKept<Key, API[Key], Predicate>]: API[Key] extends Predicate
    ? API[Key]
    : FilterApi<API[Key], Predicate>;
}>;

/** An `api` of which any part may be missing. */
export type PartialApi<API> = {
  // biome-ignore lint/suspicious/noExplicitAny: leaves of every kind end the recursion
  [Key in keyof API]?: API[Key] extends FunctionReference<any, any, any, any>
    ? API[Key]
    : PartialApi<API[Key]>;
};

type AnyNode = { [key: string]: AnyNode } & AnyFunctionReference;

/** The `api` of code without types: every path is a reference. */
export type AnyApi = Record<string, Record<string, AnyNode>>;

/**
 * Narrows an `api` in types; the object is returned as it is.
 *
 * @example
 * const jobs = filterApi<typeof api, FunctionReference<"mutation", "internal">>(api);
 */
export function filterApi<API, Predicate>(api: API): FilterApi<API, Predicate> {
  return api as FilterApi<API, Predicate>;
}

/**
 * Names a function by its path, for code that has no `api` at hand.
 *
 * @param name - `"dir/module:export"`; without `:export` the default export.
 *
 * @example
 * const list = makeFunctionReference<"query", { channel: string }, string[]>("messages:list");
 */
export function makeFunctionReference<
  type extends FunctionType,
  // biome-ignore lint/suspicious/noExplicitAny: untyped unless the caller says otherwise
  args extends DefaultFunctionArgs = any,
  // biome-ignore lint/suspicious/noExplicitAny: untyped unless the caller says otherwise
  ret = any,
>(name: string): FunctionReference<type, "public", args, ret> {
  // The members of the type are not there: a reference is its name under a symbol.
  return { [functionName]: name } as unknown as FunctionReference<type, "public", args, ret>;
}

/**
 * The `api` of untyped code: `anyApi.messages.list` names `"messages:list"`. Every string key leads
 * further, also `then`: never `await` a reference.
 */
export const anyApi: AnyApi = createNode([]) as AnyApi;

/** Apps write `api.messages.list` anew for every call: so many branches of a node are kept. */
const KEPT_BRANCHES = 256;

function createNode(path: readonly string[]): object {
  let branches: Map<string, object> | undefined;
  let name: string | undefined;
  const branch = (key: string) => {
    const node = createNode([...path, key]);
    branches ??= new Map();
    if (branches.size < KEPT_BRANCHES) branches.set(key, node);
    return node;
  };
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (typeof key === "string") return branches?.get(key) ?? branch(key);
        if (key === functionName) {
          name ??= nameOf(path);
          return name;
        }
        return key === Symbol.toStringTag ? "FunctionReference" : undefined;
      },
      // A node is shared by all who take its path.
      set: () => true,
      defineProperty: () => true,
    },
  );
}

function nameOf(path: readonly string[]): string {
  const exportName = path.at(-1);
  if (path.length < 2 || exportName === undefined) {
    throw userError(
      "ArgumentsInvalid",
      `API path is expected to be of the form \`api.moduleName.functionName\`. Found: \`${["api", ...path].join(".")}\``,
    );
  }
  const module = path.slice(0, -1).join("/");
  return exportName === "default" ? module : `${module}:${exportName}`;
}
