/**
 * `npm run mutants:sweep -- --count 100 --seed monday --in src/db`: makes that many random slips of
 * the pen in the core, one at a time, in a copy, and shows which are not noticed by the tests nearest
 * to the file; with `--all`, by any that look at behaviour (minutes for each). A survivor is a test
 * that is missing, code that is not needed, or a change that no one can see: somebody has to look.
 */
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { createRandom } from "../../src/shared/random";
import { type Slip, slipsOf, withSlip } from "./slips";
import { type Outcome, seconds, Workshop } from "./workshop";

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "sweep" },
    all: { type: "boolean", default: false },
    in: { type: "string", default: "src/values,src/db,src/reactivity,src/scheduler" },
  },
});

const LIMIT_MS = 90_000;
const ALL_LIMIT_MS = 15 * 60_000;

/** Where a slip in a folder should be noticed. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  "src/values": ["test/values", "test/functions/args", "test/fuzz"],
  "src/db": ["test/db", "test/explain", "test/engine"],
  "src/reactivity": ["test/reactivity", "test/engine"],
  "src/scheduler": ["test/scheduler"],
};

/** All that looks at behaviour. */
const ALL = readdirSync(new URL("..", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `test/${name}/`)
  .filter((folder) => !/mutants|docs|types|browser|workers|packed|suites|spec/.test(folder));

interface Place {
  readonly file: string;
  readonly slip: Slip;
}

const workshop = new Workshop();
try {
  await main();
} finally {
  workshop.close();
}

async function main(): Promise<void> {
  const places = chosenPlaces();
  const survivors: Place[] = [];
  for (const [i, place] of places.entries()) {
    const outcome = await outcomeOf(place);
    const verdict = outcome.failed === undefined ? "SURVIVED" : "caught  ";
    console.log(`${i + 1}/${places.length} ${verdict} ${seconds(outcome.ms)} ${nameOf(place)}`);
    if (outcome.failed === undefined) survivors.push(place);
    else console.log(`      by ${outcome.failed}`);
  }
  console.log(`\n${places.length - survivors.length} of ${places.length} slips were noticed. Not:`);
  for (const place of survivors) console.log(`  ${nameOf(place)}`);
}

async function outcomeOf({ file, slip }: Place): Promise<Outcome> {
  return workshop.withFile(file, withSlip(workshop.read(file), slip), async () => {
    const folder = Object.keys(NEAREST).find((name) => file.startsWith(`${name}/`));
    const near = await workshop.run(NEAREST[folder ?? ""] ?? ALL, LIMIT_MS);
    if (near.failed !== undefined || !options.all) return near;
    const all = await workshop.run(ALL, ALL_LIMIT_MS);
    return { ms: near.ms + all.ms, failed: all.failed };
  });
}

/** As many random places as asked for, the same for the same seed and sources. */
function chosenPlaces(): Place[] {
  const places = options.in.split(",").flatMap(placesIn);
  const random = createRandom(options.seed);
  const chosen: Place[] = [];
  while (chosen.length < Number(options.count) && places.length > 0) {
    chosen.push(...places.splice(Math.floor(random.next() * places.length), 1));
  }
  return chosen;
}

function placesIn(folder: string): Place[] {
  return readdirSync(new URL(`../../${folder}`, import.meta.url), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file) => slipsOf(workshop.read(file)).map((slip) => ({ file, slip })));
}

function nameOf({ file, slip }: Place): string {
  const { before, after, line } = slip;
  return `${file}:${line}  ${before.replace(/\s+/g, " ")}  =>  ${after.replace(/\s+/g, " ")}`;
}
