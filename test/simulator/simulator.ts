/** One seed, one world: runs it, judges what happened, and tells of a failure as small as it gets. */
import { judge } from "./oracle";
import { type Plan, randomPlan } from "./plan";
import { shrink } from "./shrink";
import { type Outcome, runPlan, type SimulationStats } from "./simulation";

/** Some seconds: more of them make the smallest plan smaller. */
const SHRINK_RUNS = 500;

export type Totals = { -readonly [Name in keyof SimulationStats]: number } & { histories: number };

export function noTotals(): Totals {
  return {
    histories: 0,
    commits: 0,
    executions: 0,
    crashes: 0,
    faults: 0,
    cuts: 0,
    messages: 0,
    writes: 0,
    choices: 0,
  };
}

/**
 * Runs the world of a seed, and adds what happened in it to `totals`.
 * @throws Error naming the seed, with the smallest failing plan that was found and what happened
 */
export async function simulateWorld(seed: string, totals: Totals): Promise<void> {
  const plan = randomPlan(seed);
  const { problems, outcome } = await run(plan);
  if (outcome !== undefined) add(totals, outcome.stats);
  if (problems.length > 0) throw new Error(await describeFailure(plan, problems));
}

/** What is wrong with the world of a plan. */
export async function problemsOf(plan: Plan): Promise<readonly string[]> {
  return (await run(plan)).problems;
}

interface Run {
  readonly problems: readonly string[];
  readonly outcome: Outcome | undefined;
}

async function run(plan: Plan, isTold = false): Promise<Run> {
  const { error } = console;
  // What the engine has nobody else to tell: it is part of the history, not of the terminal.
  console.error = () => {};
  try {
    const outcome = await runPlan(plan, isTold);
    return { problems: await judge(outcome.history), outcome };
  } catch (problem) {
    return { problems: [(problem as Error).stack ?? String(problem)], outcome: undefined };
  } finally {
    console.error = error;
  }
}

async function describeFailure(failed: Plan, problems: readonly string[]): Promise<string> {
  const fails = async (plan: Plan) => (await problemsOf(plan)).length > 0;
  const mostRuns = Number(process.env["INVEX_SHRINK"] ?? SHRINK_RUNS);
  const { plan, runs } = await shrink(failed, { fails, mostRuns });
  const { problems: left, outcome } = await run(plan, true);
  const { events, ...rest } = plan;
  return [
    `seed ${failed.seed}: ${problems[0]}`,
    "",
    `The smallest plan found that fails (${runs} runs):`,
    `  ${JSON.stringify(rest)}`,
    ...events.map((event) => `  ${JSON.stringify(event)}`),
    "",
    "What is wrong with it:",
    ...left.map((problem) => `  ${problem}`),
    "",
    "What happened:",
    ...(outcome?.history.events ?? ["(it did not end)"]).map((event) => `  ${event}`),
    "",
    `To repeat it: npm run simulator -- --seed ${failed.seed}`,
  ].join("\n");
}

function add(totals: Totals, stats: SimulationStats): void {
  totals.histories += 1;
  for (const [name, count] of Object.entries(stats)) {
    totals[name as keyof SimulationStats] += count;
  }
}
