// Which component answers which path: routing over hand-made mounts, and components for real.

import { httpRouter } from "invex/server";
import { describe, expect, it } from "vitest";
import { ComponentMounts } from "../../src/components/component-mounts";
import { asRouter, findRoute, type Router } from "../../src/http/http-routes";
import { httpAction } from "../fixtures/lab";
import { createHttpLab, saying, told } from "./http-lab";

type Paths = readonly string[];

/** A router with a route for each path; those that end in `/` are prefixes. */
function routerOf(paths: Paths): Router {
  const http = httpRouter();
  const handler = saying("");
  for (const path of paths) {
    if (path.endsWith("/")) http.route({ pathPrefix: path, method: "GET", handler });
    else http.route({ path, method: "GET", handler });
  }
  return asRouter(http);
}

function siteOf(
  routers: Readonly<Record<string, Paths>>,
  mounts: Readonly<Record<string, string>> = {},
  appPrefix?: string,
) {
  const instances = Object.entries(mounts).map(([path, httpPrefix]) => ({ path, httpPrefix }));
  const built = new Map(Object.entries(routers).map(([path, paths]) => [path, routerOf(paths)]));
  const routerFor = (component: string) => built.get(component);
  return { routerOf: routerFor, mounts: new ComponentMounts(instances, appPrefix) };
}

/** `component pattern`, or the kind of miss. */
async function found(site: ReturnType<typeof siteOf>, path: string): Promise<string> {
  const match = await findRoute(site, path, "GET");
  return match.kind === "matched" ? `${match.component}:${match.pattern}` : match.kind;
}

describe("mounted components", () => {
  it("[HTTP20] a mount takes its prefix off the path, level after level", async () => {
    const site = siteOf(
      { "": ["/a"], shop: ["/list", "/deep/"], "shop/mail": ["/send"] },
      { shop: "/shop/", "shop/mail": "/mail/" },
    );
    expect(await found(site, "/shop/list")).toBe("shop:/list");
    expect(await found(site, "/shop/deep/x")).toBe("shop:/deep/*");
    expect(await found(site, "/shop/mail/send")).toBe("shop/mail:/send");
    expect(await found(site, "/shop/mail/other")).toBe("unmatched");
    expect(await found(site, "/shop")).toBe("unmatched");
    expect(await found(site, "/list")).toBe("unmatched");
  });

  it("[HTTP21] exact routes first, then the longest prefix, a mount before an equal route", async () => {
    const site = siteOf(
      { "": ["/c/exact", "/c/", "/c/own/"], c: ["/exact", "/own/x", "/x"] },
      { c: "/c/" },
    );
    expect(await found(site, "/c/exact")).toBe(":/c/exact");
    expect(await found(site, "/c/x")).toBe("c:/x");
    expect(await found(site, "/c/own/x")).toBe(":/c/own/*");
  });

  it("[HTTP22] the app's prefix goes before its own routes, not before mounts", async () => {
    const site = siteOf({ "": ["/list", "/"], c: ["/x"] }, { c: "/c/" }, "/api2/");
    expect(await found(site, "/api2/list")).toBe(":/list");
    expect(await found(site, "/api2/other")).toBe(":/*");
    expect(await found(site, "/list")).toBe("unmatched");
    expect(await found(site, "/c/x")).toBe("c:/x");
    expect(await found(site, "/api2/c/x")).toBe(":/*");
  });

  it("[HTTP3] without any router on the way there are no HTTP actions", async () => {
    expect(await found(siteOf({}), "/a")).toBe("none");
    const mountOnly = siteOf({ c: ["/x"] }, { c: "/c/" });
    expect(await found(mountOnly, "/c/x")).toBe("c:/x");
    expect(await found(mountOnly, "/other")).toBe("none");
    expect(await found(mountOnly, "/c/other")).toBe("unmatched");
  });

  it("[HTTP1] an exact path is told from a prefix that looks the same", async () => {
    const site = siteOf({ "": ["/a/"], c: ["/"] }, { c: "/a/*/" });
    expect(await found(site, "/a/*")).toBe(":/a/*");
  });

  it("[HTTP20] a component answers under its mount, with its own tables and nobody signed in", async () => {
    const http = httpRouter();
    const whoami = httpAction(async (ctx, request) => {
      const identity = await ctx.auth.getUserIdentity();
      return new Response(`${identity === null ? "nobody" : identity.name} at ${request.url}`);
    });
    http.route({ path: "/whoami", method: "GET", handler: whoami });
    const { backend } = createHttpLab({
      http,
      components: { shop: { modules: { http: { default: http } }, httpPrefix: "/shop/" } },
    });
    const ada = backend.withIdentity({ name: "Ada" });
    const at = (path: string) => new URL(path, backend.url).href;
    expect(await told(ada.fetch("/whoami"))).toEqual([200, `Ada at ${at("/whoami")}`]);
    // The path that matches is shortened; what the handler sees is not.
    expect(await told(ada.fetch("/shop/whoami"))).toEqual([200, `nobody at ${at("/shop/whoami")}`]);
  });
});
