/**
 * Which HTTP action answers a request: the routes of the app, and those of components mounted under
 * a prefix (functions.md 4.2). Routers of either authoring front, recognised by what they have.
 */
import type { ComponentMounts } from "../components/component-mounts";
import type { RoutableMethod } from "../server/router";
import { ROUTABLE_HTTP_METHODS } from "../server/router";
import { userError } from "../shared/errors";

/** What is used of a router. */
export interface Router {
  readonly isRouter: true;
  readonly exactRoutes?: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  lookup(
    path: string,
    method: RoutableMethod | "HEAD",
  ): readonly [handler: unknown, method: string, pattern: string] | null;
}

/** The HTTP side of a backend. */
export interface HttpSite {
  /** The default export of a component's module `http`, which may have to be loaded first. */
  routerOf(component: string): Router | undefined | Promise<Router | undefined>;
  /** Where components are served, and what comes before the app's own routes. */
  readonly mounts: Pick<ComponentMounts, "appPrefix" | "of">;
}

export type RouteMatch =
  | {
      readonly kind: "matched";
      readonly component: string;
      readonly handler: unknown;
      readonly method: string;
      /** The path, or `prefix*`, as the router knows it. */
      readonly pattern: string;
    }
  /** The component it would belong to has routes, but not this one. */
  | { readonly kind: "unmatched" }
  /** There are no HTTP actions there at all. */
  | { readonly kind: "none" };

/**
 * Recognises the default export of a module `http`.
 * @throws InvexError `ModuleInvalid`
 */
export function asRouter(exported: unknown): Router {
  const router = exported as Partial<Router> | null | undefined;
  if (router?.isRouter === true && typeof router.lookup === "function") return router as Router;
  throw userError(
    "ModuleInvalid",
    "The default export of `convex/http.js` is not a Router. Export what `httpRouter()` returns.",
    { module: "http" },
  );
}

/**
 * Finds the route of `path`. An exact route of the component is best; then the longest prefix among
 * its own and its mounts', a mount before a route of equal length. Mounts match the full path, which
 * the app's prefix is part of. Cost: O(prefixes) a level.
 */
export async function findRoute(site: HttpSite, path: string, method: string): Promise<RouteMatch> {
  let component = "";
  let rest = path;
  for (;;) {
    const router = await site.routerOf(component);
    const mounts = site.mounts.of(component);
    if (router === undefined && mounts.length === 0) return NONE;
    const prefix = component === "" ? site.mounts.appPrefix : undefined;
    const own = router && ownRoute(router, component, below(prefix, rest), method);
    if (own?.isExact) return own.match;
    const mount = mounts.find((each) => rest.startsWith(each.prefix));
    if (mount === undefined || mount.prefix.length < (own?.prefixLength ?? 0)) {
      if (own !== undefined) return own.match;
      return router === undefined ? NONE : UNMATCHED;
    }
    rest = rest.slice(mount.prefix.length - 1);
    component = mount.component;
  }
}

const NONE: RouteMatch = { kind: "none" };
const UNMATCHED: RouteMatch = { kind: "unmatched" };

interface OwnRoute {
  readonly match: RouteMatch;
  readonly isExact: boolean;
  readonly prefixLength: number;
}

function ownRoute(
  router: Router,
  component: string,
  path: string | undefined,
  method: string,
): OwnRoute | undefined {
  if (path === undefined || !isRoutable(method)) return undefined;
  const found = router.lookup(path, method);
  if (found === null) return undefined;
  const [handler, matchedMethod, pattern] = found;
  const isExact = pattern === path && router.exactRoutes?.get(path)?.has(matchedMethod) !== false;
  return {
    match: { kind: "matched", component, handler, method: matchedMethod, pattern },
    isExact,
    prefixLength: pattern.length - 1,
  };
}

/** `path` without the prefix; `undefined` when it does not lie below it. */
function below(prefix: string | undefined, path: string): string | undefined {
  if (prefix === undefined) return path;
  return path.startsWith(prefix) ? path.slice(prefix.length - 1) : undefined;
}

function isRoutable(method: string): method is RoutableMethod | "HEAD" {
  return method === "HEAD" || (ROUTABLE_HTTP_METHODS as readonly string[]).includes(method);
}
