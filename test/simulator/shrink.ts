/** From a plan that fails to the smallest one that can be found to fail too. */
import type { Plan, PlannedEvent } from "./plan";
import type { Program, Step } from "./step";

/** What is left out shifts all choices: each smaller plan is tried under several schedules. */
const SCHEDULES = 8;

export interface Shrunk {
  readonly plan: Plan;
  readonly runs: number;
}

export interface ShrinkOptions {
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** What bounds the time it takes. */
  readonly mostRuns: number;
}

export async function shrink(failing: Plan, { fails, mostRuns }: ShrinkOptions): Promise<Shrunk> {
  let plan = failing;
  let runs = 0;
  const find = async (smaller: Plan): Promise<Plan | undefined> => {
    for (let i = -1; i < SCHEDULES && runs < mostRuns; i++) {
      const tried = i === -1 ? smaller : { ...smaller, schedule: `${failing.schedule}/${i}` };
      runs += 1;
      if (await fails(tried)) return tried;
    }
    return undefined;
  };
  for (let smaller: Plan | undefined = plan; smaller !== undefined; ) {
    plan = smaller;
    smaller = undefined;
    for (const candidate of smallerPlans(plan)) {
      smaller = await find(candidate);
      if (smaller !== undefined || runs >= mostRuns) break;
    }
  }
  return { plan, runs };
}

/** The boldest first. */
function* smallerPlans(plan: Plan): Generator<Plan> {
  for (const events of shorter(plan.events)) yield { ...plan, events };
  for (const flag of ["hasCrons", "isLazy", "slowClients"] as const) {
    if (plan[flag]) yield { ...plan, [flag]: false };
  }
  if (!plan.isInstant) yield { ...plan, isInstant: true };
  for (const [i, event] of plan.events.entries()) {
    for (const simpler of simplerEvents(event)) {
      yield { ...plan, events: plan.events.map((each, at) => (at === i ? simpler : each)) };
    }
  }
}

function* simplerEvents(event: PlannedEvent): Generator<PlannedEvent> {
  if ("program" in event) {
    for (const program of simplerPrograms(event.program)) yield { ...event, program };
  }
  if (event.do === "crash" && event.downMs > 0) yield { ...event, downMs: 0 };
}

function* simplerPrograms(program: Program): Generator<Program> {
  for (const steps of shorter(program)) if (steps.length > 0) yield steps;
  for (const [i, step] of program.entries()) {
    for (const simpler of simplerSteps(step)) {
      yield program.map((each, at) => (at === i ? simpler : each));
    }
  }
}

function* simplerSteps(step: Step): Generator<Step> {
  if ("program" in step) {
    for (const program of simplerPrograms(step.program)) yield { ...step, program };
  }
  if (step.do === "schedule" && step.afterMs > 0) yield { ...step, afterMs: 0 };
  if (step.do === "read" && step.read.bounds.length > 0) {
    yield { ...step, read: { ...step.read, bounds: [] } };
  }
}

/** Without halves of it, without quarters, and so on to single items. */
function* shorter<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < items.length; start += size) {
      yield [...items.slice(0, start), ...items.slice(start + size)];
    }
  }
}
