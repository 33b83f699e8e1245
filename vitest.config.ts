import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  // `invex` and its entries are this repository's sources, as tsconfig.json says.
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/**/*.test.ts", "examples/vitest/**/*.test.ts"],
    globalSetup: "./inspector-page.config.ts",
    // These need Chromium and workerd: `npm run test:browser`, `npm run test:workers`.
    exclude: [...configDefaults.exclude, "test/browser/**", "test/workers/**"],
    typecheck: {
      enabled: true,
      include: ["test/types/**/*.test-d.ts"],
      tsconfig: "./test/types/tsconfig.json",
    },
    // Vitest leaves one core to itself, which of two is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
  },
});
