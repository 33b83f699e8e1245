// `npm run test:packed [-- name …]`: the package as npm would publish it, in an empty folder for each
// test runner (under a small test of `invex/testing`), compiler, bundler and runtime. Installs from
// the registry, so it is no part of `npm test`. Needs `npm run build` before. What cannot be installed
// here is said and skipped; `--strict` makes that a failure.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builds } from "./builds.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is installed, how the tests begin, what runs them. */
const runners = {
  vitest2: {
    install: ["vitest@2"],
    imports: 'import { expect, test } from "vitest";',
    file: "app.test.mjs",
    command: ["npx", "vitest", "run"],
    type: "module",
  },
  vitest3: {
    install: ["vitest@3"],
    imports: 'import { expect, test } from "vitest";',
    file: "app.test.mjs",
    command: ["npx", "vitest", "run"],
    type: "module",
  },
  jest: {
    install: ["jest@30"],
    imports: "",
    file: "app.test.js",
    command: ["npx", "jest"],
    type: "commonjs",
  },
  "jest-esm": {
    install: ["jest@30"],
    imports: "",
    file: "app.test.mjs",
    command: ["node", "--experimental-vm-modules", "node_modules/jest/bin/jest.js"],
    type: "module",
    packageJson: { jest: { testMatch: ["**/*.test.mjs"], transform: {} } },
  },
  "node-test": {
    install: ["expect@30"],
    imports: 'import { test } from "node:test";\nimport { expect } from "expect";',
    file: "app.test.mjs",
    command: ["node", "--test"],
    type: "module",
  },
  "node-test-cjs": {
    install: ["expect@30"],
    imports: 'import { test } from "node:test";\nimport { expect } from "expect";',
    file: "app.test.js",
    command: ["node", "--test"],
    type: "commonjs",
  },
  bun: {
    install: ["bun@1"],
    imports: 'import { expect, test } from "bun:test";',
    file: "app.test.mjs",
    command: ["npx", "bun", "test"],
    type: "module",
  },
  deno: {
    install: ["deno@2", "expect@30"],
    imports: 'import { test } from "node:test";\nimport { expect } from "expect";',
    file: "app.test.mjs",
    command: ["npx", "deno", "test", "-A"],
    type: "module",
  },
};

/** The registry has no such package for this machine, or its binary cannot be fetched. */
class NotInstalled extends Error {}

function run([command, ...args], cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "test" },
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}:\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

/** `import { a } from "b"` as `require`: these tests know no other form. */
function asCommonJS(source) {
  return source.replace(/^import \{(.*)\} from (".*");$/gm, "const {$1} = require($2);");
}

function install(folder, manifest, packages) {
  const text = JSON.stringify({ name: "packed", private: true, ...manifest });
  writeFileSync(join(folder, "package.json"), text);
  const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
  try {
    run(["npm", "install", ...flags, tarball, "convex@1.48.0", ...packages], folder);
  } catch (error) {
    throw new NotInstalled(error.message);
  }
}

function tryRunner({ imports, file, command, type, packageJson = {}, ...runner }, folder) {
  install(folder, { type, ...packageJson }, runner.install);
  const source = `${imports}\n${readFileSync(`${here}body.txt`, "utf8")}`;
  writeFileSync(join(folder, file), type === "commonjs" ? asCommonJS(source) : source);
  const output = run(command, folder);
  if (!/\b3 pass|\bpass 3|3 passed/.test(output)) throw new Error(`not 3 tests:\n${output}`);
}

/** @returns what was left out, if anything */
async function tryBuild({ type, files, commands, says, after, ...build }, folder) {
  install(folder, { type }, build.install);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const output = commands.map((command) => run(command, folder)).at(-1);
  if (says !== undefined && !says.test(output))
    throw new Error(`it says something else:\n${output}`);
  return after?.(folder);
}

const isStrict = process.argv.includes("--strict");
const chosen = process.argv.slice(2).filter((name) => name !== "--strict");
const names = chosen.length > 0 ? chosen : [...Object.keys(runners), ...Object.keys(builds)];
const packed = mkdtempSync(join(tmpdir(), "invex-packed-"));
run(["npm", "pack", "--pack-destination", packed], root);
const tarball = join(packed, readdirSync(packed)[0]);
let failed = 0;
for (const name of names) {
  const folder = mkdtempSync(join(tmpdir(), `invex-${name}-`));
  try {
    const left = await (name in runners
      ? tryRunner(runners[name], folder)
      : tryBuild(builds[name], folder));
    console.log(`ok      ${name}${left === undefined ? "" : `: ${left}`}`);
  } catch (error) {
    const isSkipped = error instanceof NotInstalled && !isStrict;
    if (!isSkipped) failed += 1;
    console.log(`${isSkipped ? "SKIPPED" : "FAILED "} ${name}\n${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
rmSync(packed, { recursive: true, force: true });
process.exit(failed === 0 ? 0 : 1);
