// The tests that need a browser: the examples' pages in headless Chromium, against real processes.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/browser/**/*.browser.test.ts"],
    globalSetup: ["./inspector-page.config.ts", "./test/browser/build-pages.ts"].map((path) =>
      fileURLToPath(new URL(path, import.meta.url)),
    ),
    // Each file has browsers and processes of its own; side by side they would starve each other.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
