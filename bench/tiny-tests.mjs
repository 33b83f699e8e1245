// `npm --prefix bench run tiny-tests`: the same files of a hundred tests each under vitest, on
// convex-test and on `invex/testing`, by turns. The time is that of the tests themselves, from the
// first to the last; vitest's own work and the imports, which it reports beside, come on top.
// Fails when a test does.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const targets = ["convex-test", "invex"];

function must(command, args, cwd) {
  if (spawnSync(command, args, { cwd, stdio: "inherit" }).status !== 0) process.exit(1);
}

if (!existsSync(`${here}node_modules/.package-lock.json`)) {
  must("npm", ["ci", "--no-audit", "--no-fund"], here);
}
if (!existsSync(`${root}dist/testing.js`)) must("npm", ["run", "build"], root);

function run(file, target) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      `${root}node_modules/vitest/vitest.mjs`,
      "run",
      file,
      "--config",
      "tiny-tests/vitest.config.ts",
    ],
    { cwd: here, encoding: "utf8", env: { ...process.env, TARGET: target, NO_COLOR: "1" } },
  );
  const timed = /^TIMED (.*)$/m.exec(stdout)?.[1];
  if (status !== 0 || timed === undefined || !/100 passed/.test(stdout)) {
    throw new Error(`${file} on ${target} failed:\n${stdout}\n${stderr}`);
  }
  const [, amount = "", unit] = /\bimport ([\d.]+)(m?s)/.exec(stdout) ?? [];
  return { ...JSON.parse(timed), importMs: Number(amount) * (unit === "s" ? 1000 : 1) };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const ms = (value) => `${value.toFixed(0)} ms`.padStart(8);

function report(file, runs) {
  console.log(`\n${file}: 100 tests, medians of ${rounds} runs`);
  for (const [target, results] of Object.entries(runs)) {
    const of = (what) => median(results.map((each) => each[what]));
    const best = Math.min(...results.map((each) => each.ms));
    console.log(
      `  ${target.padEnd(12)} tests ${ms(of("ms"))}  best ${ms(best)}  CPU ${ms(of("cpuMs"))}  imports ${ms(of("importMs"))}`,
    );
  }
}

report("empty.test.ts", {
  vitest: Array.from({ length: rounds }, () => run("empty.test.ts", "invex")),
});
for (const file of ["small.test.ts", "seeded.test.ts"]) {
  const runs = { "convex-test": [], invex: [] };
  for (let round = 0; round < rounds; round++) {
    for (const target of round % 2 ? targets : targets.toReversed()) {
      runs[target].push(run(file, target));
    }
  }
  report(file, runs);
  const ratio = (what) => {
    const [theirs, ours] = targets.map((target) => median(runs[target].map((each) => each[what])));
    return (theirs / ours).toFixed(1);
  };
  console.log(`  convex-test takes ${ratio("ms")} times as long (${ratio("cpuMs")} times the CPU)`);
}
