/**
 * Which steps in the life of a job the scheduler may take by itself, each in a transaction of its
 * own: what actions ask for, and how runs end (functions.md 5.3, 5.4).
 */
import type { Execution, History, Line } from "./history";
import type { ModelJob } from "./model";
import type { Program, Step } from "./step";

type Jobs = ReadonlyMap<string, ModelJob>;

export class JobSteps {
  readonly #history: History;
  readonly #isFork: boolean;

  /** @param line whose jobs these are */
  constructor(history: History, line: Line) {
    this.#history = history;
    this.#isFork = line.origin !== undefined;
  }

  /**
   * Why a job may not go from what it was to what it is; `undefined`: it may.
   * @param jobs all others, as they are now
   * @param mayBeSeveral whether steps in between were not seen
   */
  problemOf(to: ModelJob, jobs: Jobs, mayBeSeveral: boolean): string | undefined {
    const from = jobs.get(to._id);
    if (from !== undefined) return this.#stepProblem(from, to, mayBeSeveral);
    const problem = this.#birthProblem(to);
    if (problem !== undefined) return problem;
    if (mayBeSeveral) {
      const isNew = to.state === "pending" || to.state === "canceled";
      return isNew ? undefined : this.#stepProblem({ ...to, state: "pending" }, to, true);
    }
    const expected = this.#isOfCanceled(to, jobs) ? "canceled" : "pending";
    return to.state === expected ? undefined : `begins as ${to.state}, not as ${expected}`;
  }

  /** Executions of a job. */
  runsOf(ticket: string): Execution[] {
    return this.#history.executions.filter((each) => each.ticket === ticket);
  }

  /** What a canceled job goes on to schedule is canceled from the start. */
  #isOfCanceled({ ticket }: ModelJob, jobs: Jobs): boolean {
    const parent = this.#history.executions[Number.parseInt(ticket, 10)]?.ticket;
    if (parent === undefined) return false;
    return [...jobs.values()].some((job) => job.ticket === parent && job.state === "canceled");
  }

  #stepProblem(from: ModelJob, to: ModelJob, mayBeSeveral: boolean): string | undefined {
    const isOther = from.scheduledTime !== to.scheduledTime || from.ticket !== to.ticket;
    if (isOther || from._creationTime !== to._creationTime) return "has become another";
    if (this.#reasons(from, to.state)) return undefined;
    const isLong = mayBeSeveral && from.state === "pending" && this.#reasons(from, "inProgress");
    if (isLong && this.#reasons({ ...from, state: "inProgress" }, to.state)) return undefined;
    return `goes from ${from.state} to ${to.state} for no reason`;
  }

  #reasons(job: ModelJob, next: string): boolean {
    const { state, runs, ticket, _id } = job;
    const executions = this.runsOf(ticket);
    switch (`${state} ${next}`) {
      case "pending inProgress":
        return runs === "action";
      case "pending failed":
        return runs === "mutation" && executions.some(({ end }) => end === "failed");
      case "inProgress success":
        return executions.some(({ end }) => end === "returned");
      case "inProgress failed":
        // Or the process died while it ran, or before it came to run. In a fork, what ran counts as
        // interrupted.
        return (
          executions.every(({ end }) => end !== "returned" || this.#hasCrashed) || this.#isFork
        );
      case "pending canceled":
      case "inProgress canceled":
        return this.#history.executions.some(({ canceled }) => canceled.has(_id));
      default:
        return false;
    }
  }

  get #hasCrashed(): boolean {
    return this.#history.main.commits.some(({ kind }) => kind === "found");
  }

  /** Mutations are replayed: what they do not explain, an action must have asked for. */
  #birthProblem({ ticket, runs, scheduledTime }: ModelJob): string | undefined {
    const [n, ...path] = ticket.split(".");
    const execution = this.#history.executions[Number(n)];
    if (execution?.kind !== "action") return "was scheduled by a transaction that is not there";
    const step = stepAt(execution.program, path.map(Number));
    if (step?.do !== "schedule" || step.runs !== runs) return "was never asked for";
    const earliest = execution.beganMs + step.afterMs;
    return scheduledTime < earliest ? `is scheduled for ${scheduledTime}, too early` : undefined;
  }
}

function stepAt(program: Program, path: readonly number[]): Step | undefined {
  const [first, ...rest] = path;
  const step = first === undefined ? undefined : program[first];
  if (rest.length === 0 || step === undefined) return step;
  return "program" in step ? stepAt(step.program, rest) : undefined;
}
