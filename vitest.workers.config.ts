// Tests inside Cloudflare's own runtime: real Durable Objects in workerd, driven from Node.

import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/workers/**/*.workers.test.ts"],
    globalSetup: "./inspector-page.config.ts",
    // Each file has a runtime of its own; side by side they would starve each other.
    fileParallelism: false,
    // Tests that wait for hibernation wait together.
    maxConcurrency: 16,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
