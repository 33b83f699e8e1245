/** The suite's command: reads options, runs contests one after another, prints and saves. */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, resolve } from "node:path";
import { contest, type Measurement } from "./contest";
import { runGrowth } from "./growth";
import { type Options, readOptions, usage } from "./options";
import { contestTable, problems, summaryTable } from "./report";

/** `run.mjs` starts this in the suite's folder; a path given on the command line is the caller's. */
const resultsFolder = resolve("results");
const callersFolder = process.env.INIT_CWD ?? process.cwd();

async function runAll(options: Options): Promise<Measurement[]> {
  const all: Measurement[] = [];
  for (const workload of options.workloads) {
    for (const size of options.sizesOf(workload)) {
      const measurements = await contest(workload, size, options);
      console.log(contestTable(workload, measurements));
      all.push(...measurements);
    }
  }
  return all;
}

function resultPath({ jsonPath, growth }: Options): string {
  if (jsonPath !== undefined) return resolve(callersFolder, jsonPath);
  return resolve(resultsFolder, growth ? "growth.json" : "latest.json");
}

function save(path: string, measurements: readonly Measurement[]): void {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const text = JSON.stringify({ at: new Date().toISOString(), machine, measurements }, null, 1);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`);
  console.log(`\nsaved ${path}`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const measurements = options.growth ? await runGrowth(options) : await runAll(options);
  if (!options.growth) console.log(summaryTable(measurements));
  save(resultPath(options), measurements);
  const failed = problems(measurements);
  if (failed.length === 0) return;
  console.error(`\n${failed.join("\n")}`);
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
