// The window's page, for Electron's `loadFile` and for the stand-in's server: into dist/page.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("./page", import.meta.url)),
  // Electron loads it from a file.
  base: "./",
  // In this repository `invex` is its own sources, as tsconfig.json says; elsewhere, the package.
  resolve: { tsconfigPaths: true },
  build: { outDir: "../dist/page", emptyOutDir: true },
});
