/**
 * Breaks the engine in one way after another, in a copy, and shows which test notices:
 * `npm run mutants`, or `npm run mutants -- cache` for those whose name holds a word. First the
 * suites run on the unbroken copy: a test that fails there proves nothing. Exits with 1 when a mutant
 * survives, takes longer than a minute, or no longer fits the sources.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutants, mutated } from "./mutants";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = Number(process.env.MUTANT_SECONDS ?? 60) * 1000;
const CONTROL_MS = 10 * 60_000;

const wanted = process.argv[2] ?? "";
const chosen = mutants.filter(({ name, file }) => `${name} ${file}`.includes(wanted));
const copy = makeCopy();
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

async function main(): Promise<boolean> {
  if (chosen.length === 0) {
    console.log(`No mutant is called ${wanted}.`);
    return false;
  }
  const suites = [...new Set(chosen.flatMap((mutant) => mutant.suites))];
  const control = await runSuites(suites, CONTROL_MS);
  if (control.failed !== undefined) {
    console.log(`The suites fail without any mutant: ${control.failed}`);
    return false;
  }
  console.log(`${suites.length} suites pass on the unbroken engine (${seconds(control.ms)}).\n`);
  let caught = 0;
  for (const mutant of chosen) if (await isCaught(mutant)) caught += 1;
  console.log(`\n${caught} of ${chosen.length} mutants were caught.`);
  return caught === chosen.length;
}

async function isCaught(mutant: Mutant): Promise<boolean> {
  const file = join(copy, mutant.file);
  const source = readFileSync(file, "utf8");
  const broken = mutated(source, mutant);
  if (broken === undefined) {
    console.log(`DOES NOT FIT    law ${mutant.law}  ${mutant.name} (${mutant.file})`);
    return false;
  }
  writeFileSync(file, broken);
  const { failed, ms } = await runSuites(mutant.suites, LIMIT_MS);
  writeFileSync(file, source);
  const verdict = failed === undefined ? "SURVIVED" : "caught";
  console.log(`${verdict.padEnd(8)} ${seconds(ms).padStart(6)}  law ${mutant.law}  ${mutant.name}`);
  if (failed !== undefined) console.log(`                         by ${failed}`);
  return failed !== undefined;
}

interface Outcome {
  readonly ms: number;
  /** The first test that failed. */
  readonly failed: string | undefined;
}

/** What is used of vitest's JSON report. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Runs suites in the copy until the first failure. `failed` names it; a run without an end counts. */
async function runSuites(suites: readonly string[], limitMs: number): Promise<Outcome> {
  const began = performance.now();
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const isInTime = await run(["run", ...suites, "--typecheck=false", "--bail=1"], report, limitMs);
  const ms = performance.now() - began;
  if (!isInTime) return { ms, failed: `no end within ${seconds(limitMs)}` };
  return { ms, failed: firstFailure(report) };
}

function run(args: readonly string[], report: string, limitMs: number): Promise<boolean> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const output = ["--reporter=json", `--outputFile=${report}`];
  const child = spawn(process.execPath, [vitest, ...args, ...output], {
    cwd: copy,
    stdio: "ignore",
    // A group of its own, so that its workers end with it.
    detached: true,
  });
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      resolve(false);
    }, limitMs);
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function firstFailure(report: string): string | undefined {
  const { testResults, success }: Report = JSON.parse(readFileSync(report, "utf8"));
  if (success) return undefined;
  for (const { assertionResults, name, message } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    if (failed !== undefined) return `${name.slice(copy.length + 1)}: ${failed.title}`;
    if (message) return `${name.slice(copy.length + 1)}: ${message.split("\n")[0]}`;
  }
  return "an error outside of the tests";
}

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), "invex-mutants-"));
  const files = ["package.json", "tsconfig.json", "vitest.config.ts", "inspector-page.config.ts"];
  for (const name of ["src", "test", ...files]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
