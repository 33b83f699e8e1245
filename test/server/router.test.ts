// HTTP routers, compared with convex call by call.

import * as fc from "fast-check";
import { HttpRouter, httpRouter, ROUTABLE_HTTP_METHODS } from "invex/server";
import { describe, expect, it } from "vitest";
import { expectAlike, type Front } from "./fronts";
import { outcomeOf } from "./outcome";

const handler = (name: string) => ({ isHttp: true, name });

/** Adds routes, keeping what each call gave; then lists and looks up. */
function script({ s }: Front, routes: readonly object[], paths: readonly string[]) {
  const router = s.httpRouter();
  return {
    added: routes.map((route) => outcomeOf(() => router.route(route))),
    listed: router.getRoutes(),
    found: paths.flatMap((path) =>
      [...ROUTABLE_HTTP_METHODS, "HEAD"].map((method) => [
        path,
        method,
        router.lookup(path, method),
      ]),
    ),
  };
}

describe("routes", () => {
  const h = handler("h");

  it.each<[string, readonly unknown[]]>([
    ["no handler", [{ path: "/a", method: "GET" }]],
    ["no method", [{ path: "/a", handler: h }]],
    ["HEAD", [{ path: "/a", method: "HEAD", handler: h }]],
    ["an unknown method", [{ path: "/a", method: "get", handler: h }]],
    ["both paths", [{ path: "/a", pathPrefix: "/a/", method: "GET", handler: h }]],
    ["no path", [{ method: "GET", handler: h }]],
    ["a path without a slash", [{ path: "a", method: "GET", handler: h }]],
    ["an empty path", [{ path: "", method: "GET", handler: h }]],
    ["a prefix without a slash", [{ pathPrefix: "a/", method: "GET", handler: h }]],
    ["a prefix without a final slash", [{ pathPrefix: "/a", method: "GET", handler: h }]],
    ["the root as a prefix", [{ pathPrefix: "/", method: "GET", handler: h }]],
    ["a reserved path", [{ path: "/.files", method: "GET", handler: h }]],
    ["a path under the reserved one", [{ path: "/.files/a", method: "GET", handler: h }]],
    ["a path like the reserved one", [{ path: "/.filesystem", method: "GET", handler: h }]],
    ["the reserved prefix", [{ pathPrefix: "/.files/", method: "GET", handler: h }]],
    ["a prefix under it", [{ pathPrefix: "/.files/a/", method: "GET", handler: h }]],
    [
      "a path twice",
      [
        { path: "/a", method: "GET", handler: h },
        { path: "/a", method: "POST", handler: h },
        { path: "/a", method: "GET", handler: h },
      ],
    ],
    [
      "a prefix twice",
      [
        { pathPrefix: "/a/", method: "GET", handler: h },
        { pathPrefix: "/a/", method: "POST", handler: h },
        { pathPrefix: "/a/", method: "GET", handler: h },
      ],
    ],
  ])("[RTR2] with %s", (_, routes) => {
    expectAlike((front) => script(front, routes as object[], ["/", "/a", "/a/"]));
  });

  it("[RTR1, RTR3, RTR4] of random routers are listed and found as in convex", () => {
    const segment = fc.constantFrom("", "a", "b", "aa", "a/b", "a/b/c", ".files");
    const method = fc.constantFrom("GET", "POST", "PUT", "HEAD");
    const path = segment.map((text) => ({ path: `/${text}` }));
    const prefix = segment.map((text) => ({ pathPrefix: text === "" ? "/" : `/${text}/` }));
    const route = fc
      .tuple(fc.oneof(path, prefix), method, fc.nat())
      .map(([where, method, n]) => ({ ...where, method, handler: handler(`${n}`) }));
    const paths = fc.array(
      fc.tuple(segment, segment).map(([a, b]) => `/${a}${b === "" ? "" : `/${b}`}`),
    );
    fc.assert(
      fc.property(fc.array(route), paths, (routes, paths) => {
        expectAlike((front) => script(front, routes, paths));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a router", () => {
  it("[RTR1] is known by isRouter, and holds its routes in the open", () => {
    const router = httpRouter();
    expect(router).toBeInstanceOf(HttpRouter);
    expect(router.isRouter).toBe(true);
    const h = handler("h") as unknown as { isHttp: true };
    router.route({ path: "/a", method: "GET", handler: h });
    router.route({ pathPrefix: "/b/", method: "POST", handler: h });
    expect(router.exactRoutes.get("/a")?.get("GET")).toBe(h);
    expect(router.prefixRoutes.get("POST")?.get("/b/")).toBe(h);
  });

  it("[RTR5] does not run requests", async () => {
    await expect(httpRouter().runRequest("{}", "/")).rejects.toThrow("backend.fetch(request)");
  });
});
