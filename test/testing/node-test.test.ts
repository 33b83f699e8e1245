/** `convexTest` in another runner, without Vite. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("[TST21] passes in node:test, with modulesFrom", async () => {
  const file = fileURLToPath(new URL("./node-test/notes.mjs", import.meta.url));
  const args = ["--import", "tsx", "--test", "--test-reporter=tap", file];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toMatch(/# pass 2\n# fail 0/);
});
