/** From a program that fails to the smallest one that can be found to fail too. */
import { type Program, smallerPrograms } from "./program";
import type { RunResult } from "./simulation-run";

/**
 * Steps that are run for each smaller program, in as many interleavings as that makes: what is left
 * out shifts all choices, and the smaller a program the rarer the ones that make it fail.
 */
const STEPS_TRIED = 80;
/** Choices made in all, over all tries: what bounds the time it takes. */
const MOST_CHOICES = 10_000;
/** Interleavings tried for the smallest program, to show the shortest story. */
const STORIES = 40;

export interface FailedRun extends RunResult {
  readonly failure: Error;
  readonly schedule: string;
}

export interface Shrunk {
  readonly run: FailedRun;
  readonly tries: number;
}

/** @param attempt runs a program with the choices of one schedule */
export async function shrink(
  failed: FailedRun,
  attempt: (program: Program, schedule: string) => Promise<RunResult | undefined>,
): Promise<Shrunk> {
  let run = failed;
  let tries = 0;
  let choices = 0;
  const find = async (program: Program): Promise<FailedRun | undefined> => {
    const others = Math.ceil(STEPS_TRIED / program.length);
    for (let i = -1; i < others; i++) {
      const schedule = i === -1 ? run.schedule : `${failed.schedule}/${i}`;
      const result = await attempt(program, schedule);
      // What cannot be made of these draws cannot be made with any schedule.
      if (result === undefined || choices > MOST_CHOICES) return undefined;
      tries += 1;
      choices += result.choices;
      if (result.failure !== undefined) return { ...result, failure: result.failure, schedule };
    }
    return undefined;
  };
  for (let smaller: FailedRun | undefined = run; smaller !== undefined; ) {
    run = smaller;
    smaller = undefined;
    for (const program of smallerPrograms(run.program)) {
      smaller = await find(program);
      if (smaller !== undefined || choices > MOST_CHOICES) break;
    }
  }
  return { run: choices > MOST_CHOICES ? run : await shortestStory(run, attempt), tries };
}

async function shortestStory(
  failed: FailedRun,
  attempt: (program: Program, schedule: string) => Promise<RunResult | undefined>,
): Promise<FailedRun> {
  let shortest = failed;
  for (let i = 0; i < STORIES; i++) {
    const schedule = `story/${i}`;
    const result = await attempt(failed.program, schedule);
    if (result?.failure === undefined || result.events.length >= shortest.events.length) continue;
    shortest = { ...result, failure: result.failure, schedule };
  }
  return shortest;
}
