// `npm run test:suites [-- --all] [-- package …]`: the tests that published packages ship, written
// against convex-test, run twice: as they are, and with the alias `convex-test` -> `invex/testing`,
// which is all of a migration. What passes on convex-test must pass on Invex; what fails there (a
// file that was not published, a package that is not installed) is no business of ours. Needs
// `npm run build`. With `--all` it installs the packages from the registry.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { companions, installed, others } from "./packages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const alias = join(root, "dist/testing.js");

function run(command, args, cwd) {
  const env = { ...process.env, NO_COLOR: "1", NODE_ENV: "test" };
  return spawnSync(command, args, { cwd, encoding: "utf8", timeout: 600_000, env });
}

/** A folder of its own below one where everything it imports is found. */
function place(name, home) {
  const folder = join(home, ".suites", name.replace("/", "__"));
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(home, "node_modules", name), folder, { recursive: true, dereference: true });
  return folder;
}

function configFor(folder, target) {
  return `export default {
  root: ${JSON.stringify(folder)},
  resolve: {
    conditions: ["@convex-dev/component-source", "module", "node", "development|production"],
    alias: ${target === "invex" ? `[{ find: /^convex-test$/, replacement: ${JSON.stringify(alias)} }]` : "[]"},
  },
  test: {
    environment: "edge-runtime",
    include: ["**/*.test.ts", "**/*.test.tsx"],
    exclude: ["**/node_modules/**", "dist/**"],
    testTimeout: 60000,
    passWithNoTests: true,
    // Vite compiles the mock, as it asks for, and leaves Invex to Node, as from node_modules.
    server: { deps: { inline: ["convex-test"], external: [/\\/dist\\/(testing|chunk-)[^/]*\\.js$/] } },
  },
};
`;
}

/** How each test ended, by file and name. Names that hold a seed of their own lose it. */
function outcomes(folder, home, target) {
  const config = join(folder, "vitest.suites.config.mjs");
  const report = join(folder, `${target}.json`);
  writeFileSync(config, configFor(folder, target));
  const vitest = join(home, "node_modules/vitest/vitest.mjs");
  const args = ["run", "--config", config, "--reporter=json", `--outputFile=${report}`];
  const { stderr } = run(process.execPath, [vitest, ...args], folder);
  if (!existsSync(report)) throw new Error(`vitest gave no report in ${folder}:\n${stderr}`);
  const tests = new Map();
  for (const { name, assertionResults } of JSON.parse(readFileSync(report, "utf8")).testResults) {
    for (const { fullName, status, failureMessages } of assertionResults) {
      const id = `${relative(folder, name)} > ${fullName.replace(/ \(with seed=-?\d+\)$/, "")}`;
      tests.set(id, { status, message: failureMessages[0] ?? "" });
    }
  }
  return tests;
}

/** Tests that pass on convex-test and not on Invex, with what happened. */
function lostTests(folder, home) {
  const mock = outcomes(folder, home, "convex-test");
  const ours = outcomes(folder, home, "invex");
  const passing = [...mock].filter(([, { status }]) => status === "passed").map(([id]) => id);
  const lost = passing.filter((id) => ours.get(id)?.status !== "passed");
  const failing = [...mock.values()].filter(({ status }) => status === "failed").length;
  return { passing, lost: new Map(lost.map((id) => [id, ours.get(id)])), failing };
}

function compare(name, home) {
  const folder = place(name, home);
  const { passing, lost, failing } = lostTests(folder, home);
  // Some of these tests depend on which millisecond it is: what is lost once is tried again.
  const again = lost.size === 0 ? lost : lostTests(folder, home).lost;
  const failed = [...again].filter(([id]) => lost.has(id));
  const passed = passing.length - failed.length;
  const aside = failing === 0 ? "" : `; ${failing} fail on convex-test as well`;
  console.log(`${name}: ${passed} of ${passing.length} pass${aside}`);
  for (const [id, outcome] of failed) {
    const reason = (outcome?.message ?? "did not run").split("\n").slice(0, 3).join("\n    ");
    console.log(`  FAILS ${id}\n    ${reason}`);
  }
  return { passed, failed: failed.length };
}

function install() {
  const home = mkdtempSync(join(tmpdir(), "invex-suites-"));
  writeFileSync(join(home, "package.json"), '{ "private": true, "type": "module" }');
  const flags = ["--no-audit", "--no-fund", "--legacy-peer-deps", "--ignore-scripts"];
  const { status, stderr } = run(
    "npm",
    ["install", ...flags, ...companions, ...installed, ...others],
    home,
  );
  if (status !== 0) throw new Error(`npm install:\n${stderr}`);
  return home;
}

const words = process.argv.slice(2);
const isAll = words.includes("--all");
const names = words.filter((word) => word !== "--all");
const home = isAll ? install() : root;
const chosen = names.length > 0 ? names : [...installed, ...(isAll ? others : [])];
const total = { passed: 0, failed: 0 };
for (const name of chosen) {
  const { passed, failed } = compare(name, home);
  total.passed += passed;
  total.failed += failed;
}
rmSync(isAll ? home : join(home, ".suites"), { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
