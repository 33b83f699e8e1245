// Builds the examples' pages once, before any browser test.

import { fileURLToPath } from "node:url";
import { build } from "vite";

const EXAMPLES = ["node-server", "browser"];

export async function setup(): Promise<void> {
  for (const example of EXAMPLES) {
    const configFile = new URL(`../../examples/${example}/vite.config.ts`, import.meta.url);
    await build({ configFile: fileURLToPath(configFile), logLevel: "warn" });
  }
}
