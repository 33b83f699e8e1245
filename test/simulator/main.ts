/**
 * Simulates worlds until there were enough, and prints what they came to:
 *
 *     npm run simulator                             a thousand
 *     npm run simulator -- --histories 1000000      a million
 *     npm run simulator -- --minutes 60             for an hour
 *     npm run simulator -- --from nightly-7         other ones; default: always the same
 *     npm run simulator -- --seed nightly-7/12      one of them, told in full if it fails
 *
 * Stops at the first that fails, with exit code 1 and the smallest plan that shows why.
 */
import "./warm-up";
import { parseArgs } from "node:util";
import { noTotals, simulateWorld, type Totals } from "./simulator";

const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    minutes: { type: "string" },
    from: { type: "string", default: "nightly" },
    seed: { type: "string" },
  },
});

const REPORT_EVERY = 5_000;

process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const began = performance.now();
  const totals = noTotals();
  const isOver = limitFrom(began);
  try {
    if (values.seed === undefined) {
      for (let i = 0; !isOver(i); i++) {
        await simulateWorld(`${values.from}/${i}`, totals);
        if (totals.histories % REPORT_EVERY === 0) report(totals, began);
      }
    } else await simulateWorld(values.seed, totals);
  } catch (error) {
    console.log((error as Error).message);
    return false;
  } finally {
    report(totals, began);
  }
  return true;
}

/** Whether a run that begins with history `i` is over. */
function limitFrom(began: number): (i: number) => boolean {
  const { minutes, histories } = values;
  if (minutes !== undefined) return () => performance.now() - began >= Number(minutes) * 60_000;
  const count = Number(histories ?? 1_000);
  return (i) => i >= count;
}

function report(totals: Totals, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  const counts = Object.entries(totals).map(([name, count]) => `${name} ${count}`);
  console.log(`${counts.join(", ")}: ${seconds.toFixed(0)} s`);
}
