/**
 * Breaks the engine in one way after another, in a copy, and shows which test notices:
 * `npm run mutants`, or `npm run mutants -- cache` for those whose name holds a word. First the
 * suites run on the unbroken copy: a test that fails there proves nothing. Exits with 1 when a mutant
 * survives, takes longer than a minute, or no longer fits the sources.
 */
import { type Mutant, mutants, mutated } from "./mutants";
import { seconds, Workshop } from "./workshop";

const LIMIT_MS = Number(process.env.MUTANT_SECONDS ?? 60) * 1000;
const CONTROL_MS = 10 * 60_000;

const wanted = process.argv[2] ?? "";
const chosen = mutants.filter(({ name, file }) => `${name} ${file}`.includes(wanted));
const workshop = new Workshop();
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  workshop.close();
}

async function main(): Promise<boolean> {
  if (chosen.length === 0) {
    console.log(`No mutant is called ${wanted}.`);
    return false;
  }
  const suites = [...new Set(chosen.flatMap((mutant) => mutant.suites))];
  const control = await workshop.run(suites, CONTROL_MS);
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
  const broken = mutated(workshop.read(mutant.file), mutant);
  if (broken === undefined) {
    console.log(`DOES NOT FIT    law ${mutant.law}  ${mutant.name} (${mutant.file})`);
    return false;
  }
  const { failed, ms } = await workshop.withFile(mutant.file, broken, () =>
    workshop.run(mutant.suites, LIMIT_MS),
  );
  const verdict = failed === undefined ? "SURVIVED" : "caught";
  console.log(`${verdict.padEnd(8)} ${seconds(ms).padStart(6)}  law ${mutant.law}  ${mutant.name}`);
  if (failed !== undefined) console.log(`                         by ${failed}`);
  return failed !== undefined;
}
