// One file of tests, on convex-test or, with TARGET=invex, on the built `invex/testing`.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const onInvex = [{ find: /^convex-test$/, replacement: `${dist}testing.js` }];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: { alias: process.env.TARGET === "invex" ? onInvex : [] },
  test: {
    include: ["*.test.ts"],
    // convex-test asks to be compiled by Vite; Invex is loaded by Node, as from node_modules.
    server: { deps: { inline: ["convex-test"], external: [/\/dist\/[^/]+\.js$/] } },
  },
});
