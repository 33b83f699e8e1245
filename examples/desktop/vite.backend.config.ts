// The backend's half as one file that Node and Electron run: dist/backend.mjs. Native modules stay out.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path("./backend"),
  resolve: { tsconfigPaths: true },
  ssr: { noExternal: true, external: ["better-sqlite3"] },
  build: {
    ssr: path("./backend/main.ts"),
    outDir: "../dist/backend",
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: "main.mjs" } },
  },
});
