// `npm run test:packed [-- runner …]`: the package as npm would publish it, in an empty folder for
// each test runner, under a small test of `invex/testing`. Installs from the registry, so it is no
// part of `npm test`. Needs `npm run build` before.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
};

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

function tryRunner(name, tarball) {
  const { install, imports, file, command, type, packageJson = {} } = runners[name];
  const folder = mkdtempSync(join(tmpdir(), `invex-${name}-`));
  try {
    const manifest = { name: "packed", private: true, type, ...packageJson };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
    run(["npm", "install", ...flags, tarball, "convex@1.48.0", ...install], folder);
    const source = `${imports}\n${readFileSync(`${here}body.txt`, "utf8")}`;
    writeFileSync(join(folder, file), type === "commonjs" ? asCommonJS(source) : source);
    const output = run(command, folder);
    if (!/\b3 pass|\bpass 3|3 passed/.test(output)) throw new Error(`not 3 tests:\n${output}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const packed = mkdtempSync(join(tmpdir(), "invex-packed-"));
run(["npm", "pack", "--pack-destination", packed], root);
const tarball = join(packed, readdirSync(packed)[0]);
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(runners);
let failed = 0;
for (const name of names) {
  try {
    tryRunner(name, tarball);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.message}`);
  }
}
rmSync(packed, { recursive: true, force: true });
process.exit(failed === 0 ? 0 : 1);
