/**
 * `httpRouter()`: which HTTP action answers which method and path. A table with rules; serving
 * requests from it is `src/http`.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import type { PublicHttpAction } from "./registered-function";

/** Methods a route can have. `HEAD` is answered by `GET`'s route. */
export const ROUTABLE_HTTP_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

/** One of {@link ROUTABLE_HTTP_METHODS}. */
export type RoutableMethod = (typeof ROUTABLE_HTTP_METHODS)[number];

/** A route of one path. */
export type RouteSpecWithPath = {
  /** Begins with `/`, and matches that path only. */
  path: string;
  method: RoutableMethod;
  handler: PublicHttpAction;
};

/** A route of every path under a prefix. */
export type RouteSpecWithPathPrefix = {
  /** Begins and ends with `/`. */
  pathPrefix: string;
  method: RoutableMethod;
  handler: PublicHttpAction;
};

/** What {@link HttpRouter.route} takes. */
export type RouteSpec = RouteSpecWithPath | RouteSpecWithPathPrefix;

/** A handler, the method it is registered for, and the path or `prefix*` it is registered under. */
export type MatchedRoute = Readonly<[PublicHttpAction, RoutableMethod, string]>;

/**
 * An empty router, to be filled and exported as default from `http.ts`.
 *
 * @example
 * const http = httpRouter();
 * http.route({ path: "/ping", method: "GET", handler: ping });
 * http.route({ pathPrefix: "/files/", method: "GET", handler: serveFile });
 * export default http;
 */
export const httpRouter = (): HttpRouter => new HttpRouter();

/** The routes of one component. Its members are what Convex's runtime reads, so they are public. */
export class HttpRouter {
  exactRoutes: Map<string, Map<RoutableMethod, PublicHttpAction>> = new Map();
  prefixRoutes: Map<RoutableMethod, Map<string, PublicHttpAction>> = new Map();
  readonly isRouter = true as const;

  /** Adds a route. @throws if it is malformed, reserved, or taken. */
  route = (spec: RouteSpec): void => {
    const { method, handler } = checkedRoute(spec);
    if ("path" in spec) {
      addExact(this.exactRoutes, checkedPath(spec.path), method, handler);
    } else {
      addPrefix(this.prefixRoutes, checkedPrefix(spec.pathPrefix), method, handler);
    }
  };

  /** All routes as `[path, method, handler]`: exact ones by path, then prefixes (as `prefix*`) by method. */
  getRoutes = (): Array<Readonly<[string, RoutableMethod, PublicHttpAction]>> => {
    const exact = sortedEntries(this.exactRoutes).flatMap(([path, handlers]) =>
      sortedEntries(handlers).map(([method, handler]) => [path, method, handler] as const),
    );
    const prefixes = sortedEntries(this.prefixRoutes).flatMap(([method, handlers]) =>
      sortedEntries(handlers).map(([prefix, handler]) => [`${prefix}*`, method, handler] as const),
    );
    return [...exact, ...prefixes];
  };

  /**
   * The route of a request: the exact path if it has this method, else the longest prefix that does,
   * else `null`. O(prefixes of the method).
   */
  lookup = (path: string, method: RoutableMethod | "HEAD"): MatchedRoute | null => {
    const routed = method === "HEAD" ? "GET" : method;
    const exact = this.exactRoutes.get(path)?.get(routed);
    if (exact !== undefined) return [exact, routed, path];
    const prefix = longestPrefix(this.prefixRoutes.get(routed), path);
    return prefix === undefined ? null : [prefix.handler, routed, `${prefix.prefix}*`];
  };

  /**
   * How Convex's own runtime enters a router. Invex enters by {@link lookup}.
   * @throws always: call `backend.fetch(request)`.
   */
  runRequest = async (_request: string, _route: string): Promise<string> => {
    throw userError(
      "NotSupported",
      "`runRequest` is called by Convex's own runtime only. To send a request through this router, call `backend.fetch(request)`.",
    );
  };
}

function checkedRoute(spec: RouteSpec): RouteSpec {
  if (!spec.handler) throw invalid("route requires handler");
  if (!spec.method) throw invalid("route requires method");
  if (!ROUTABLE_HTTP_METHODS.includes(spec.method)) {
    throw invalid(`'${spec.method}' is not an allowed HTTP method (like GET, POST, PUT etc.)`);
  }
  if ("path" in spec && "pathPrefix" in spec) {
    throw invalid("Invalid httpRouter route: cannot contain both 'path' and 'pathPrefix'");
  }
  if (!("path" in spec) && !("pathPrefix" in spec)) {
    throw invalid(
      "Invalid httpRouter route entry: must contain either field 'path' or 'pathPrefix'",
    );
  }
  return spec;
}

function checkedPath(path: string): string {
  if (!path.startsWith("/")) throw invalid(`path '${path}' does not start with a /`);
  if (path === "/.files" || path.startsWith("/.files/")) {
    throw invalid(`path '${path}' is reserved`);
  }
  return path;
}

function checkedPrefix(prefix: string): string {
  if (!prefix.startsWith("/")) throw invalid(`pathPrefix '${prefix}' does not start with a /`);
  if (!prefix.endsWith("/")) throw invalid(`pathPrefix ${prefix} must end with a /`);
  if (prefix.startsWith("/.files/")) throw invalid(`pathPrefix '${prefix}' is reserved`);
  return prefix;
}

function addExact(
  routes: HttpRouter["exactRoutes"],
  path: string,
  method: RoutableMethod,
  handler: PublicHttpAction,
): void {
  const handlers = routes.get(path) ?? new Map<RoutableMethod, PublicHttpAction>();
  if (handlers.has(method)) throw invalid(`Path '${path}' for method ${method} already in use`);
  routes.set(path, handlers.set(method, handler));
}

function addPrefix(
  routes: HttpRouter["prefixRoutes"],
  prefix: string,
  method: RoutableMethod,
  handler: PublicHttpAction,
): void {
  const handlers = routes.get(method) ?? new Map<string, PublicHttpAction>();
  if (handlers.has(prefix)) throw invalid(`${method} pathPrefix ${prefix} is already defined`);
  routes.set(method, handlers.set(prefix, handler));
}

function longestPrefix(
  routes: ReadonlyMap<string, PublicHttpAction> | undefined,
  path: string,
): { prefix: string; handler: PublicHttpAction } | undefined {
  let longest: { prefix: string; handler: PublicHttpAction } | undefined;
  for (const [prefix, handler] of routes ?? []) {
    if (!path.startsWith(prefix)) continue;
    if (longest === undefined || prefix.length > longest.prefix.length) {
      longest = { prefix, handler };
    }
  }
  return longest;
}

function sortedEntries<K extends string, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)); // keys of a map are distinct
}

function invalid(message: string): InvexError {
  return userError("ModuleInvalid", message);
}
