// `vite` serves the page, `vite build` writes it into dist/: static files, no server behind them.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path("./page"),
  // In this repository `invex` is its own sources, as tsconfig.json says; elsewhere, the package.
  resolve: { tsconfigPaths: true },
  server: { fs: { allow: [path("../..")] } },
  // A backend is more than Vite expects of a page: about 216 kB gzipped with React and Convex's client.
  build: { outDir: "../dist", emptyOutDir: true, chunkSizeWarningLimit: 1000 },
});
