// The modules map: which keys are modules, what they are called, when they are loaded.

import { describe, expect, it } from "vitest";
import { ModuleMap, type Modules } from "../../../src/functions/module-map";
import { moduleRole } from "../../../src/functions/module-path";

const ns = { marker: 1 };
const keysTo = (keys: readonly string[]): Modules => Object.fromEntries(keys.map((k) => [k, ns]));
const pathsOf = (keys: readonly string[], root?: string) => new ModuleMap(keysTo(keys), { root });

describe("keys", () => {
  it.each([
    ["messages", "messages"],
    ["admin/users", "admin/users"],
    ["messages.ts", "messages"],
    ["admin/users.mjs", "admin/users"],
  ])("[MOD1] %s names the module %s as it stands", (key, path) => {
    expect(pathsOf([key]).paths).toEqual([path]);
  });

  it.each(["js", "mjs", "cjs", "ts", "tsx", "mts", "cts", "jsx"])(
    "[MOD1] strips .%s",
    (extension) => {
      expect(pathsOf([`./a.${extension}`, "./b.ts"]).paths).toEqual(["a", "b"]);
    },
  );

  it("[MOD1] leaves other files alone", () => {
    expect(pathsOf(["./a.ts", "./readme.md", "./data.json", "./styles.css"]).paths).toEqual(["a"]);
  });

  it("[MOD2] cuts what precedes the first _generated", () => {
    const map = pathsOf([
      "../other/x.ts",
      "../convex/_generated/api.js",
      "../convex/admin/users.ts",
      "../convex/messages.ts",
    ]);
    expect(map.root).toBe("../convex/");
    expect(map.folder).toBe("convex");
    expect(map.paths).toEqual(["admin/users", "messages"]);
  });

  it("[MOD2] without _generated cuts the longest shared directory", () => {
    const map = pathsOf(["./backend/admin/users.ts", "./backend/messages.ts"]);
    expect(map.paths).toEqual(["admin/users", "messages"]);
    expect(map.folder).toBe("backend");
    expect(pathsOf(["./a/bc/x.ts", "./a/bd/y.ts"]).paths).toEqual(["bc/x", "bd/y"]);
    expect(pathsOf(["/src/convex/x.ts", "/src/convex/y/z.ts"]).paths).toEqual(["x", "y/z"]);
    expect(pathsOf(["/a/x.ts", "./b/y.ts"]).root).toBe("");
    expect(pathsOf(["/a/x.ts", "/b/y.ts"]).paths).toEqual(["a/x", "b/y"]);
  });

  it("[MOD2] takes the root option, with or without a slash at its end", () => {
    const keys = ["./convex/admin/users.ts", "./lib/x.ts"];
    expect(pathsOf(keys, "./convex").paths).toEqual(["admin/users"]);
    expect(pathsOf(keys, "./convex/").paths).toEqual(["admin/users"]);
    expect(() => pathsOf(keys, "./backend")).toThrow(
      'No key of the modules map lies under the root "./backend/". The first key is "./convex/admin/users.ts".',
    );
  });

  it("[MOD2] reads Windows paths", () => {
    const map = pathsOf([
      "C:\\app\\convex\\_generated\\api.js",
      "C:\\app\\convex\\admin\\users.ts",
    ]);
    expect(map.paths).toEqual(["admin/users"]);
  });

  it("[MOD2] takes hand-written module paths beside files", () => {
    expect(pathsOf(["../convex/_generated/api.js", "../convex/a.ts", "extra/b"]).paths).toEqual([
      ...["a", "extra/b"],
    ]);
  });

  it.each([
    "_generated/api.ts",
    "_generated/server.js",
    "messages.d.ts",
    "messages.d.mts",
    ".eslintrc.js",
    "lib/.hidden.ts",
    "messages.test.ts",
    "admin/users.spec.tsx",
    "nested/schema.ts",
    "nested/auth.config.ts",
    "#messages.ts",
    "my messages.ts",
  ])("[MOD3] ignores %s", (file) => {
    expect(moduleRole(file)).toEqual({ role: "ignored" });
  });

  it("[MOD3] leaves nested components to their own map", () => {
    const keys = ["./_generated/api.js", "./a.ts", "./agent/convex.config.ts", "./agent/b.ts"];
    expect(pathsOf(keys).paths).toEqual(["a"]);
    const own = pathsOf(["./agent/convex.config.ts", "./agent/b.ts"]);
    expect(own.paths).toEqual(["b"]);
  });

  it("[MOD4] finds modules by name", () => {
    const map = new ModuleMap({
      schema: { default: "the schema" },
      "auth.config": { default: "the auth config" },
      "convex.config": { default: "the app" },
      http: { default: "the router" },
      crons: { default: "the crons" },
    });
    expect(map.special("schema")).toBe("the schema");
    expect(map.special("auth.config")).toBe("the auth config");
    expect(map.special("convex.config")).toBe("the app");
    expect(map.special("http")).toBe("the router");
    expect(map.special("crons")).toBe("the crons");
    expect(map.paths).toEqual(["crons", "http"]);
    expect(new ModuleMap({}).special("http")).toBeUndefined();
  });

  it("[MOD5] refuses two keys for one module", () => {
    expect(() => pathsOf(["./messages.ts", "./messages.js"])).toThrow(
      'Two keys of the modules map name the module "messages": "./messages.ts" and "./messages.js". Remove one of them.',
    );
    expect(() => pathsOf(["./schema.ts", "./schema.js"])).toThrow('"schema"');
  });
});

describe("values", () => {
  it("[MOD6] accepts namespaces, loaders and both together", async () => {
    const map = new ModuleMap({ eager: ns, lazy: () => Promise.resolve(ns) });
    expect(map.load("eager")).toBe(ns);
    expect(await map.load("lazy")).toBe(ns);
    expect(map.load("neither")).toBeUndefined();
    expect(map.has("lazy")).toBe(true);
  });

  it("[MOD6] sees through CommonJS modules", async () => {
    const exports = { __esModule: true, marker: 2 };
    const map = new ModuleMap({ a: () => Promise.resolve({ default: exports }) });
    expect(await map.load("a")).toBe(exports);
  });

  it("[MOD6] looks into no namespace before it is needed", () => {
    const unevaluated = {
      get default(): never {
        throw new ReferenceError("Cannot access 'default' before initialization");
      },
    };
    expect(new ModuleMap({ a: unevaluated }).load("a")).toBe(unevaluated);
  });

  it.each([
    ["a promise", Promise.resolve({}), "is a promise. Give a function that imports it"],
    ["null", null, 'The module "m" is null.'],
    ["a string", "./m", 'The module "m" is string.'],
    ["nothing", undefined, 'The module "m" is undefined.'],
  ])("[MOD6] refuses %s", (_, value, text) => {
    expect(() => new ModuleMap({ m: value } as unknown as Modules)).toThrow(text);
  });

  it("[MOD6] refuses what a loader gives, if it is no module", async () => {
    const map = new ModuleMap({ m: () => Promise.resolve(undefined) });
    await expect(map.load("m")).rejects.toThrow('The module "m" is undefined.');
  });

  it("[MOD7] loads on first use, once, and then hands out without waiting", async () => {
    let loads = 0;
    const map = new ModuleMap({
      m: async () => {
        loads += 1;
        return ns;
      },
    });
    expect(loads).toBe(0);
    await Promise.all([map.load("m"), map.load("m"), map.load("m")]);
    expect(map.load("m")).toBe(ns);
    expect(loads).toBe(1);
  });

  it("[MOD8] says which module failed to load, and tries again", async () => {
    const reason = new Error("Unexpected token");
    let attempts = 0;
    const map = new ModuleMap({
      "./convex/m.ts": async () => {
        attempts += 1;
        if (attempts === 1) throw reason;
        return ns;
      },
    });
    const failure = await Promise.resolve(map.load("m")).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "ModuleInvalid",
      message: 'The module "./convex/m.ts" could not be loaded: Unexpected token',
      cause: reason,
    });
    expect(await map.load("m")).toBe(ns);
  });

  it("[MOD8] survives a loader that throws at once", async () => {
    const map = new ModuleMap({
      m: () => {
        throw "no module here";
      },
    });
    await expect(map.load("m")).rejects.toThrow("could not be loaded: no module here");
  });

  it("[MOD9] wants default exports of special modules", async () => {
    const map = new ModuleMap({ http: {}, crons: async () => ({}), schema: {} });
    expect(() => map.special("http")).toThrow(
      "`convex/http.js` must have a default export of a Router.",
    );
    await expect(map.special("crons")).rejects.toThrow(
      "`convex/crons.js` must have a default export of a Crons object.",
    );
    expect(() => map.special("schema")).toThrow("must have a default export");
  });
});
