// What `npm run bench` starts: installs this folder's own dependencies when they are missing, builds
// the package when it is not built, bundles the suite, and runs it with the words given. With
// `search` or `persistence` as the first word (`npm run bench:search`) it runs that file instead of
// the contests.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  return status ?? 1;
}

function must(command, args, cwd) {
  const status = run(command, args, cwd);
  if (status !== 0) process.exit(status);
}

// npm writes this file last, so an install that broke off is done again.
if (!existsSync(`${here}node_modules/.package-lock.json`)) {
  must("npm", ["ci", "--no-audit", "--no-fund"], here);
}
// A package that does not build leaves its driver out; everything else can still be measured.
if (!existsSync(`${root}dist/index.js`)) run("npm", ["run", "build"], root);
must(process.execPath, ["build.mjs"], here);
process.env.NODE_ENV = "production"; // not before: npm would leave out what this folder needs
const words = process.argv.slice(2);
const program = ["search", "persistence"].includes(words[0])
  ? ["--expose-gc", "--max-old-space-size=8192", `.build/${words.shift()}.js`]
  : [".build/main.js"];
must(process.execPath, ["--enable-source-maps", ...program, ...words], here);
