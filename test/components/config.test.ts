/// <reference types="vite/client" />
// Components found by `convex.config`: a real folder with a component of its own and a package, and
// small maps for what can go wrong. Definitions of both fronts.

import * as convex from "convex/server";
import { v as convexValues } from "convex/values";
import type { BackendOptions } from "invex";
import * as invex from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { rejection } from "../fixtures/lab";
import { ledger } from "./ledger";
import { components, startBackend, type Untyped } from "./start-backend";

type Modules = BackendOptions["modules"];

const files: Modules = {
  ...import.meta.glob("./app/convex/**/*.ts"),
  ...import.meta.glob("../../node_modules/@convex-dev/action-cache/dist/component/**/*.js"),
};

const url = "https://app.example";

describe("an app's folder", () => {
  it("[CMPT13] brings its own components and those of packages", async () => {
    const backend = startBackend(files, { env: { STOCK_KEY: "k" } });
    await backend.mutation("orders:place", { item: "apple" });
    await backend.mutation("orders:place", { item: "pear" });
    expect(await backend.query("orders:state")).toEqual({
      stock: ["apple", "pear"],
      reserve: [],
    });
    const price = () => backend.action("orders:price", { item: "apple" });
    expect(await price()).toBe(await price());
  });

  it("[CMPT13] gives each instance its name, its variables and its place in the site", async () => {
    const backend = startBackend(files, { env: { STOCK_KEY: "k" }, url });
    expect(await backend.query("orders:environments")).toEqual([
      { KEY: "k", MODE: "strict", site: `${url}/stock` },
      { KEY: "fixed", MODE: null, site: url },
    ]);
  });

  it("[CMPT13] can be read by many backends at a time", async () => {
    const backends = [1, 2, 3].map((n) => startBackend(files, { env: { STOCK_KEY: `k${n}` } }));
    const keys = backends.map(
      async (backend) => (await backend.query(components.stock.lib.env)).KEY,
    );
    expect(await Promise.all(keys)).toEqual(["k1", "k2", "k3"]);
  });

  it("[CMPT17] is not asked for components when they are listed", async () => {
    const backend = startBackend(files, { components: { stock: ledger } });
    await backend.mutation(components.stock.lib.add, { text: "a" });
    const error = await rejection(backend.query(components.reserve.lib.taken));
    expect(error.message).toContain(`ComponentName("reserve") not found`);
  });
});

interface Front {
  defineApp(options?: object): Untyped;
  defineComponent(name: string, options?: object): Untyped;
}

const fronts: [string, Front, Untyped][] = [
  ["convex", convex as unknown as Front, convexValues],
  ["invex", invex as unknown as Front, v],
];

/** A map of an app that `declare` makes, with one component folder for each of `definitions`. */
function mapOf(definitions: Record<string, Untyped>, declare: () => Untyped): Modules {
  const map: Record<string, () => Promise<unknown>> = {
    "./convex/convex.config.ts": async () => ({ default: declare() }),
    "./convex/m.ts": async () => ({}),
  };
  for (const [folder, definition] of Object.entries(definitions)) {
    map[`./convex/${folder}/convex.config.ts`] = async () => ({ default: definition() });
    map[`./convex/${folder}/lib.ts`] = async () => ledger.modules.lib;
    map[`./convex/${folder}/inner.ts`] = async () => ledger.modules.inner;
    map[`./convex/${folder}/schema.ts`] = async () => ({ default: ledger.schema });
  }
  return map;
}

/** Why a backend of these modules never gets ready. */
async function refusal(modules: Modules): Promise<string> {
  const backend = startBackend(modules);
  const error = await rejection(backend.ready);
  expect((await rejection(backend.query("m:any"))).message).toBe(error.message);
  expect(error).toMatchObject({ code: "ModuleInvalid" });
  return error.message;
}

describe.each(fronts)("definitions of %s", (_, front, values) => {
  it("[CMPT13] nest", async () => {
    const leaf = front.defineComponent("inner");
    const middle = front.defineComponent("middle");
    const middleUsingLeaf = () => {
      middle.use(leaf);
      return middle;
    };
    const backend = startBackend(
      mapOf({ "a/b": () => leaf, a: middleUsingLeaf }, () => {
        const app = front.defineApp();
        app.use(middle);
        app.use(leaf, { name: "second" });
        return app;
      }),
    );
    const { middle: inMiddle, second } = components;
    await backend.mutation(inMiddle.inner.add, { text: "deep" });
    await backend.mutation(second.lib.add, { text: "shallow" });
    expect(await backend.query(inMiddle.inner.texts)).toEqual(["deep"]);
    expect(await backend.query(second.lib.texts)).toEqual(["shallow"]);
    expect(await backend.query(inMiddle.lib.texts)).toEqual([]);
  });

  it("[CMPT13] are refused when their modules are not in the map", async () => {
    const stranger = Object.assign(front.defineComponent("stranger"), {
      componentDefinitionPath: "node_modules/stranger",
    });
    const message = await refusal(
      mapOf({}, () => {
        const app = front.defineApp();
        app.use(stranger);
        return app;
      }),
    );
    expect(message).toContain(`The component "stranger" is installed in a convex.config, but`);
  });

  it.each<[string, (app: Untyped, child: Untyped) => void, string]>([
    ["one name for two", (app, child) => [app.use(child), app.use(child)], `as "child"`],
    [
      "no identifier as a name",
      (app, child) => app.use(child, { name: "a-b" }),
      "invalid character",
    ],
    [
      "a variable that is not declared",
      (app, child) => app.use(child, { env: { OTHER: "x" } }),
      `"child" is given the environment variable "OTHER"`,
    ],
  ])("[CMPT13] are refused with %s", async (_, use, text) => {
    const child = front.defineComponent("child");
    const message = await refusal(
      mapOf({ child: () => child }, () => {
        const app = front.defineApp();
        use(app, child);
        return app;
      }),
    );
    expect(message).toContain(text);
  });

  it("[CMPT13] are refused without a variable they need, and when they hold themselves", async () => {
    const needy = front.defineComponent("needy", { env: { KEY: values.string() } });
    const using = (child: Untyped) => () => {
      const app = front.defineApp();
      app.use(child);
      return app;
    };
    expect(await refusal(mapOf({ needy: () => needy }, using(needy)))).toContain(
      `"needy" declares the environment variable "KEY" and is not given it`,
    );
    const endless = front.defineComponent("endless");
    const loop = mapOf({ endless: () => endless }, () => {
      endless.use(endless);
      return using(endless)();
    });
    expect(await refusal(loop)).toContain("Does a component install itself?");
  });

  it("[CMPT13] of the wrong sort are refused", async () => {
    const component = front.defineComponent("child");
    expect(await refusal(mapOf({}, () => component))).toContain("of the app defines a component");
    expect(await refusal(mapOf({}, () => ({ not: "one" })))).toContain("must export an app");
    const app = front.defineApp();
    expect(await refusal(mapOf({ child: () => app }, () => app))).toContain("defines an app");
  });
});

describe("Convex's own use()", () => {
  it("[CMPT13] wants what it uses to be in the map, or loaded by then", async () => {
    const message = await refusal(
      mapOf({}, () => {
        const app = convex.defineApp();
        app.use(convex.defineComponent("child"));
        return app;
      }),
    );
    expect(message).toContain("The convex.config of the app uses a component that the modules map");
  });
});
