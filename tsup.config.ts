import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";
import { inlinedInPage, setup as makeInspectorPage } from "./inspector-page.config";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * Small packages that every backend needs are part of the bundle: to find, read and link their files
 * takes Node longer than all of Invex does, most of all where they are CommonJS. Those that are ESM
 * only could not be required by our CommonJS everywhere.
 */
export const inlined = [
  "@noble/ciphers",
  "@noble/hashes",
  "fast-json-stable-stringify",
  "immer",
  "sorted-btree",
];

const core = fileURLToPath(new URL("src/backend/engine.ts", import.meta.url));

/**
 * Keeps the engine in one file. A bundler puts what one late part shares with the engine into one
 * chunk, what two share into another, and so on: dozens of files, each of which costs an import time.
 * So every late part is said to need the whole engine, which is there by then anyway.
 */
const oneCore: Plugin = {
  name: "one-core",
  setup(build) {
    build.initialOptions.logOverride = { "ignored-bare-import": "silent" };
    const late = new Set<string>();
    build.onResolve({ filter: /^\./ }, async ({ path, pluginData, ...from }) => {
      if (from.kind !== "dynamic-import" || pluginData === "one-core") return undefined;
      const found = await build.resolve(path, { ...from, pluginData: "one-core" });
      late.add(found.path);
      return found;
    });
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!late.has(path)) return undefined;
      const contents = `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(core)};\n`;
      return { contents, loader: "ts" };
    });
  },
};

/** In CommonJS late parts are required, late: Jest, among others, has no `import()` there. */
const lateRequire: NonNullable<Options["plugins"]>[number] = {
  name: "late-require",
  renderChunk(code) {
    if (this.format !== "cjs") return undefined;
    const late = /\bimport\(\s*(["']\.\.?\/[^"']+["'])\s*\)/g;
    return { code: code.replace(late, "Promise.resolve().then(() => require($1))") };
  },
};

/** One bundle per public entry (DESIGN 1), ESM and CommonJS, with types for both. */
export default defineConfig(async () => {
  await makeInspectorPage();
  return {
    entry: {
      index: "src/index.ts",
      values: "src/values/index.ts",
      server: "src/server/index.ts",
      client: "src/sync/client.ts",
      persistence: "src/persistence/index.ts",
      indexeddb: "src/persistence/indexeddb/indexeddb.ts",
      sqlite: "src/persistence/sqlite/sqlite.ts",
      "durable-object": "src/durable-object/index.ts",
      inspector: "src/inspector/index.ts",
      testing: "src/testing/index.ts",
      "testing/matchers": "src/testing/matchers.ts",
    },
    external: ["cloudflare:workers"],
    format: ["esm", "cjs"],
    noExternal: inlined,
    esbuildPlugins: [oneCore],
    plugins: [lateRequire],
    dts: true,
    sourcemap: true,
    clean: true,
    target: "es2022",
    splitting: true,
    treeshake: true,
    async onSuccess() {
      const licenses = [...inlined, ...inlinedInPage].map((name) => {
        const text = readFileSync(new URL(`node_modules/${name}/LICENSE`, import.meta.url), "utf8");
        return `${name}\n\n${text.trim()}\n`;
      });
      const opening = "The bundles hold code of these packages:\n\n";
      writeFileSync(new URL("dist/LICENSES.txt", import.meta.url), opening + licenses.join("\n\n"));
    },
  };
});
