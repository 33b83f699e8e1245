// Runs a script on a target, one call after the other, and keeps what each call answered. The
// outcomes are raw: making two targets comparable is transcript.ts.

import type { CallStep, Entry, Outcome, Saved, Step, Target } from "./step";

export interface RunOptions {
  /** Leaves a step out, effects and all. */
  readonly skip?: (step: CallStep) => boolean;
}

export async function runScript(
  target: Target,
  script: readonly Step[],
  options: RunOptions = {},
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const saved: Record<string, unknown> = {};
  for (const step of script) {
    target.tick();
    if (step.kind === "drain") {
      await target.drain(step.ms);
      continue;
    }
    if (options.skip?.(step) === true) continue;
    const outcome = await perform(target, step, saved);
    if (step.save !== undefined) keep(saved, step, outcome);
    entries.push({ step, outcome });
  }
  await target.close();
  return entries;
}

async function perform(target: Target, step: CallStep, saved: Saved): Promise<Outcome> {
  const args = typeof step.args === "function" ? step.args(saved) : (step.args ?? {});
  try {
    return { value: await target.call(step, args) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return isConvexError(error) ? { convexError: error.data } : { error: error.message };
  }
}

function isConvexError(error: Error): error is Error & { data: unknown } {
  return Symbol.for("ConvexError") in error;
}

function keep(saved: Record<string, unknown>, step: CallStep, outcome: Outcome): void {
  if (!("value" in outcome)) {
    throw new Error(`${step.path} was to be saved, but failed: ${JSON.stringify(outcome)}`);
  }
  saved[step.save as string] = outcome.value;
}
