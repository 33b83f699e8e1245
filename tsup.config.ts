import { defineConfig } from "tsup";

/** One bundle per public entry (DESIGN 1), ESM and CommonJS, with types for both. */
export default defineConfig({
  entry: {
    index: "src/index.ts",
    values: "src/values/index.ts",
    server: "src/server/index.ts",
    client: "src/sync/client.ts",
    persistence: "src/persistence/index.ts",
    sqlite: "src/persistence/sqlite/sqlite.ts",
    testing: "src/testing/index.ts",
    "testing/matchers": "src/testing/matchers.ts",
  },
  format: ["esm", "cjs"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "es2022",
  treeshake: true,
});
