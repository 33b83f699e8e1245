/**
 * `simulate`: an author's own functions under random programs and random interleavings, against what
 * he says must hold. What a run is, is in `simulation-run.ts`; how a failing program becomes small,
 * in `shrink.ts`.
 */
import { InvexError, userError } from "../../shared/errors";
import { printCall } from "./print-call";
import { randomProgram } from "./program";
import { type FailedRun, type Shrunk, shrink } from "./shrink";
import type { SimulatedCall, SimulationOptions, SimulationReport } from "./simulation-options";
import {
  isEndless,
  prepareSimulation,
  type RunResult,
  runProgram,
  type Simulation,
} from "./simulation-run";

const DEFAULT_RUNS = 100;
const DEFAULT_STEPS = 8;
const DEFAULT_CLIENTS = 3;
const DEFAULT_SEED = "simulate";

/**
 * Runs random programs of calls on backends of their own: several clients at once, with every choice
 * of who goes on made at random after each database operation, so that mutations conflict and are
 * retried, actions interleave, jobs and crons run late and in any order, and live queries run in
 * between. Checks what must hold, and that every subscription ends with what its query answers.
 *
 * Deterministic: the same seed gives the same runs, as long as functions wait for nothing but the
 * backend (an action's `fetch` or timer takes its own time). Some milliseconds a run.
 *
 * @returns what was tried
 * @throws InvexError `SimulationFailed` with the smallest failing program that was found, what
 * happened in it, and how to repeat it; `cause` is the check's own error. `OptionsInvalid`; and what
 * `setup` and `operations` themselves throw.
 * @example
 * await simulate({
 *   schema,
 *   modules,
 *   setup: (backend) => backend.mutation(api.accounts.open, { owner: "ada", cents: 100 }),
 *   operations: {
 *     withdraw: (random, account) => ({
 *       mutation: api.accounts.withdraw,
 *       args: { account, cents: random.below(100) },
 *     }),
 *   },
 *   always: async (backend) => (await backend.query(api.accounts.lowest)) >= 0,
 * });
 */
export async function simulate<Context = undefined>(
  options: SimulationOptions<Context>,
): Promise<SimulationReport> {
  checkOptions(options);
  const simulation = await prepareSimulation(options);
  const { runs = DEFAULT_RUNS, seed = DEFAULT_SEED } = options;
  const shape = {
    operations: Object.keys(options.operations),
    clients: options.clients ?? DEFAULT_CLIENTS,
    steps: options.steps ?? DEFAULT_STEPS,
  };
  const total = { runs, calls: 0, commits: 0, choices: 0 };
  for (let i = 0; i < runs; i++) {
    // The seed of a run is a seed that begins with this very run.
    const runSeed = i === 0 ? seed : `${seed}/${i}`;
    const program = randomProgram(runSeed, shape);
    const run = await runProgram(simulation, { program, seed: runSeed, schedule: runSeed });
    total.calls += run.calls.size;
    total.commits += run.commits;
    total.choices += run.choices;
    const { failure } = run;
    if (failure !== undefined)
      await fail(simulation, { ...run, failure, schedule: runSeed }, runSeed);
  }
  return total;
}

/** @throws always */
async function fail<Context>(
  simulation: Simulation<Context>,
  failed: FailedRun,
  seed: string,
): Promise<never> {
  const attempt = async (program: RunResult["program"], schedule: string) => {
    try {
      return await runProgram(simulation, { program, seed, schedule });
    } catch {
      return undefined;
    }
  };
  const shrunk = isEndless(failed) ? { run: failed, tries: 0 } : await shrink(failed, attempt);
  const { failure, program } = shrunk.run;
  throw new InvexError("SimulationFailed", describeFailure(shrunk, seed), {
    fields: { seed, calls: callsOf(shrunk.run), events: shrunk.run.events, size: program.length },
    cause: failure,
  });
}

function describeFailure({ run, tries }: Shrunk, seed: string): string {
  const calls = callsOf(run).map(
    ({ client, call }) =>
      `  client ${client}: ${call === undefined ? "(not begun)" : printCall(call)}`,
  );
  const events = withoutRepeats(run.events).map(
    (event, i) => `  ${String(i + 1).padStart(2)}. ${event}`,
  );
  return [
    `simulate: ${run.failure.message.trimEnd()}`,
    "",
    `The smallest program found that fails (${tries} tries):`,
    ...calls,
    "",
    "What happened:",
    ...events,
    "",
    `To repeat it: simulate({ …, seed: ${JSON.stringify(seed)}, runs: 1 })`,
  ].join("\n");
}

/** The same event several times in a row, once. */
function withoutRepeats(events: readonly string[]): string[] {
  return events.flatMap((event, i) => {
    if (event === events[i - 1]) return [];
    const next = events.findIndex((other, at) => at > i && other !== event);
    const times = (next === -1 ? events.length : next) - i;
    return [times === 1 ? event : `${event} (${times} times)`];
  });
}

function callsOf({
  program,
  calls,
}: RunResult): { client: number; call: SimulatedCall | undefined }[] {
  return program.map(({ client }, i) => ({ client: client + 1, call: calls.get(i) }));
}

function checkOptions<Context>(options: SimulationOptions<Context>): void {
  const { runs, steps, clients, operations } = options;
  for (const [name, count] of Object.entries({ runs, steps, clients })) {
    if (count === undefined || (Number.isInteger(count) && count > 0)) continue;
    throw invalid(`option \`${name}\` must be a positive integer, but is ${String(count)}`);
  }
  const names =
    typeof operations === "object" && operations !== null ? Object.entries(operations) : [];
  if (names.length === 0) throw invalid("option `operations` must hold at least one function");
  for (const [name, generate] of names) {
    if (typeof generate !== "function") throw invalid(`operation \`${name}\` must be a function`);
  }
}

function invalid(problem: string): Error {
  return userError("OptionsInvalid", `simulate: ${problem}.`);
}
