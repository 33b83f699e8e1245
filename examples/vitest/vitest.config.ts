import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // `invex` is this repository's sources, as its tsconfig.json says; elsewhere it is the package.
  resolve: { tsconfigPaths: true },
  test: { include: ["*.test.ts"] },
});
