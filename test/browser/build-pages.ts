// Builds the examples once, before any browser test.

import { fileURLToPath } from "node:url";
import { build } from "vite";

const CONFIGS = [
  "node-server/vite.config.ts",
  "browser/vite.config.ts",
  "desktop/vite.config.ts",
  "desktop/vite.backend.config.ts",
  "durable-rooms/vite.config.ts",
];

export async function setup(): Promise<void> {
  for (const config of CONFIGS) {
    const configFile = new URL(`../../examples/${config}`, import.meta.url);
    await build({ configFile: fileURLToPath(configFile), logLevel: "warn" });
  }
}
