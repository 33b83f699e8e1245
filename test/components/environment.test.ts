/// <reference types="vite/client" />
// `process.env` inside components, and which crons and HTTP mounts an instance has.

import { httpActionGeneric, httpRouter, makeFunctionReference } from "invex/server";
import { describe, expect, it } from "vitest";
import { ComponentMounts } from "../../src/components/component-mounts";
import { ledger, tickingLedger } from "./ledger";
import { components, startBackend, type Untyped } from "./start-backend";

const { one, two } = components;
const url = "https://app.example";

describe("environment", () => {
  it("[CMPT9] is each instance's own, with the backend's addresses", async () => {
    const backend = startBackend(
      {},
      {
        url,
        env: { NAME: "app", SECRET: "s" },
        components: {
          one: { ...ledger, env: { NAME: "first" }, httpPrefix: "/one" },
          two: ledger,
        },
      },
    );
    expect(await backend.query(one.lib.env)).toEqual({
      NAME: "first",
      CONVEX_CLOUD_URL: url,
      CONVEX_SITE_URL: `${url}/one`,
    });
    expect(await backend.query(two.lib.env)).toEqual({
      CONVEX_CLOUD_URL: url,
      CONVEX_SITE_URL: url,
    });
    expect(await backend.run(() => process.env.SECRET)).toBe("s");
  });

  it("[CMPT9] is the callee's during a nested call and the caller's again afterwards", async () => {
    const inner = { ...ledger, env: { NAME: "inner" } };
    const backend = startBackend(
      {},
      {
        env: { NAME: "app" },
        components: { one: { ...ledger, env: { NAME: "outer" }, components: { inner } } },
      },
    );
    expect(await backend.query(one.inner.env)).toEqual(["outer", "inner", "outer"]);
    const around = async (ctx: Untyped) => [
      process.env.NAME,
      await ctx.runQuery(one.inner.env, {}),
      process.env.NAME,
    ];
    const expected = ["app", ["outer", "inner", "outer"], "app"];
    expect(await backend.query(around)).toEqual(expected);
    expect(await backend.action(around)).toEqual(expected);
  });
});

describe("process.env captured when the module was loaded", () => {
  it("[CMPT9] is that of the instance whose function reads it", async () => {
    const modules: Untyped = import.meta.glob("./app/convex/stock/*.ts");
    const instance = (KEY: string) => ({ modules, env: { KEY } });
    const backend = startBackend({}, { components: { one: instance("1"), two: instance("2") } });
    const read = (name: Untyped) => backend.query(name.lib.capturedKey);
    expect([await read(one), await read(two), await read(one)]).toEqual(["1", "2", "1"]);
  });
});

describe("crons", () => {
  it("[CMPT11] run in every instance that has them, on that instance's data", async () => {
    const backend = startBackend(
      {},
      {
        components: {
          one: { ...tickingLedger, components: { inner: tickingLedger } },
          two: ledger,
        },
      },
    );
    await backend.ready;
    await backend.advance({ hours: 2 });
    expect(await backend.query(one.lib.texts)).toEqual(["tick", "tick", "tick"]);
    expect(await backend.query(one.inner.texts)).toEqual(["tick", "tick", "tick"]);
    expect(await backend.query(two.lib.texts)).toEqual([]);
  });
});

describe("HTTP mounts", () => {
  const mounts = new ComponentMounts(
    [
      { path: "shop", httpPrefix: "/a/" },
      { path: "shop/mail", httpPrefix: "/b/" },
      { path: "blog", httpPrefix: "/a/long/" },
      { path: "hidden", httpPrefix: undefined },
      { path: "hidden/mail", httpPrefix: "/c/" },
    ],
    "/app/",
  );

  it("[CMPT15] are listed by the component that declares them, longest first", () => {
    expect(mounts.appPrefix).toBe("/app/");
    expect(mounts.of("")).toEqual([
      { prefix: "/a/long/", component: "blog" },
      { prefix: "/a/", component: "shop" },
    ]);
    expect(mounts.of("shop")).toEqual([{ prefix: "/b/", component: "shop/mail" }]);
    expect(mounts.of("blog")).toEqual([]);
  });

  it("[CMPT15] say where a component's requests begin, if any reach it", () => {
    expect(["", "shop", "shop/mail", "blog"].map((path) => mounts.sitePath(path))).toEqual([
      "",
      "/a",
      "/a/b",
      "/a/long",
    ]);
    expect(mounts.sitePath("hidden/mail")).toBe("");
  });

  it("[CMPT15] lead requests into the component, which answers with its own data and address", async () => {
    const http = httpRouter();
    http.route({
      path: "/texts",
      method: "GET",
      handler: httpActionGeneric(async (ctx) =>
        Response.json([
          await ctx.runQuery(makeFunctionReference<"query">("lib:texts"), {}),
          process.env.CONVEX_SITE_URL,
        ]),
      ),
    });
    const serving = {
      ...ledger,
      modules: { ...ledger.modules, http: { default: http } },
      httpPrefix: "/ledger",
    };
    const backend = startBackend(
      {},
      { url, components: { one: { ...serving, components: { two: serving } } } },
    );
    await backend.mutation(one.lib.add, { text: "a" });
    const get = async (path: string) => backend.fetch(new Request(`${url}${path}`));
    expect(await (await get("/ledger/texts")).json()).toEqual([["a"], `${url}/ledger`]);
    expect(await (await get("/ledger/ledger/texts")).json()).toEqual([[], `${url}/ledger/ledger`]);
    expect((await get("/texts")).status).toBe(404);
  });
});
