// Bundles the suite into .build/, where plain Node runs it. A loader such as tsx would wrap every
// closure to keep its name, which is a cost that no user of the measured libraries pays.
// `invex` is the built package in ../dist, as a user gets it.
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = (entry) => here(`../dist/${entry}.js`);
const entries = { invex: dist("index") };
for (const entry of ["values", "server", "testing", "sqlite"]) {
  entries[`invex/${entry}`] = dist(entry);
}

if (!existsSync(entries.invex)) {
  console.warn("bench: ../dist is missing, so the Invex driver cannot run; `npm run build` first.");
}

rmSync(here(".build"), { recursive: true, force: true });
await build({
  absWorkingDir: here("."),
  entryPoints: {
    main: "main.ts",
    worker: "worker.ts",
    search: "search.ts",
    persistence: "persistence.ts",
  },
  outdir: ".build",
  bundle: true,
  splitting: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
  plugins: [
    {
      name: "invex-is-the-built-package",
      setup(run) {
        run.onResolve({ filter: /^invex(\/|$)/ }, ({ path }) => ({
          path: entries[path],
          external: true,
        }));
      },
    },
  ],
});
