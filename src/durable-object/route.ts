/** One Worker, many backends: which object a request is for. */
import type { ObjectNamespace } from "./durable-object-state";

/** What a stub offers to {@link routeToBackends}. */
interface Fetcher {
  fetch(request: Request): Promise<Response>;
}

/**
 * Passes a request for `/<name>/…` to the object called `name`, which sees the rest of the path: so
 * `new ConvexClient("https://worker.example/general")` talks to the object `general`. Names are
 * URL-decoded. Whoever should not reach an object must be turned away before; what a user may see in
 * it, its functions decide.
 *
 * @returns 404 for a path without a name
 * @example
 * export default { fetch: (request, env) => routeToBackends(env.ROOMS, request) };
 */
export async function routeToBackends(
  namespace: ObjectNamespace<Fetcher>,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const [, encoded = "", rest = "/"] = /^\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
  const name = decoded(encoded);
  if (name === undefined) return new Response("Not found", { status: 404 });
  url.pathname = rest;
  return namespace.get(namespace.idFromName(name)).fetch(new Request(url, request));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text) || undefined;
  } catch {
    return undefined;
  }
}
