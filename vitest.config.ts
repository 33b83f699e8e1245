import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^invex$/, replacement: src("index.ts") },
      { find: /^invex\/values$/, replacement: src("values/index.ts") },
      { find: /^invex\/server$/, replacement: src("server/index.ts") },
      { find: /^invex\/client$/, replacement: src("sync/client.ts") },
      { find: /^invex\/persistence$/, replacement: src("persistence/index.ts") },
      { find: /^invex\/sqlite$/, replacement: src("persistence/sqlite/sqlite.ts") },
      { find: /^invex\/testing$/, replacement: src("testing/index.ts") },
      { find: /^invex\/testing\/matchers$/, replacement: src("testing/matchers.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    typecheck: {
      enabled: true,
      include: ["test/types/**/*.test-d.ts"],
      tsconfig: "./tsconfig.json",
    },
    testTimeout: 60_000,
  },
});
