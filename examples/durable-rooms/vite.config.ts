// Builds the page into dist/. It holds Convex's own client and nothing of Invex.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("./page", import.meta.url)),
  build: { outDir: "../dist", emptyOutDir: true },
});
