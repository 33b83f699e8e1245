/**
 * The naive model of a backend's data: documents and jobs in two Maps, every read a filter and a
 * sort. Nothing is shared with the engine but the order of values, which has tests of its own.
 */
import { compareValues } from "../../src/values/compare";
import { type Access, interpret, type Job, type Row, type Seen, StepFailure } from "./interpreter";
import {
  type Bound,
  INDEX_FIELDS,
  type ItemFields,
  type Program,
  type Read,
  type Step,
} from "./step";

export interface ModelJob extends Job {
  /** Names the step, and the run of it, that scheduled it. */
  readonly ticket: string;
  readonly runs: "mutation" | "action";
}

/** All data at one moment. */
export interface State {
  readonly items: ReadonlyMap<string, Row>;
  readonly jobs: ReadonlyMap<string, ModelJob>;
}

export const EMPTY: State = { items: new Map(), jobs: new Map() };

/** What the engine made up for what was inserted or scheduled. */
export type Birth = Pick<Job, "_id" | "_creationTime" | "scheduledTime">;

/** Births by the path of the step. */
export type Births = ReadonlyMap<string, Birth>;

/** One run of a program, as far as the model cannot know it. */
export interface Run {
  /** The execution's number: begins the tickets of what it schedules. */
  readonly n: number;
  readonly program: Program;
  readonly births: Births;
  /** What `Date.now()` says. */
  readonly nowMs: number;
  /** The job it runs as. */
  readonly ownJob: string | undefined;
  /** The job that runs the action that called. */
  readonly parentJob: string | undefined;
}

export interface Replay {
  readonly seen: Seen;
  readonly hasFailed: boolean;
  readonly state: State;
}

/** The replay went where the run did not. */
export class ModelError extends Error {}

/** What `run` does when it runs alone on `state`. */
export async function replay(run: Run, state: State): Promise<Replay> {
  const model = new Model(run, state);
  try {
    const seen = await interpret(run.program, model);
    return { seen, hasFailed: false, state: model.state };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return { seen: error.seen, hasFailed: true, state };
  }
}

/** What a query answers on `state`. */
export function answer(program: Program, state: State): Promise<Replay> {
  return replay({ ...NOBODY, program }, state);
}

const NOBODY = {
  n: -1,
  births: new Map(),
  nowMs: 0,
  ownJob: undefined,
  parentJob: undefined,
} as const;

class Model implements Access {
  readonly #run: Run;
  #items: Map<string, Row>;
  #jobs: Map<string, ModelJob>;

  constructor(run: Run, state: State) {
    this.#run = run;
    this.#items = new Map(state.items);
    this.#jobs = new Map(state.jobs);
    if (run.ownJob !== undefined) this.#move(run.ownJob, "inProgress");
  }

  /** With the job that it runs as done. */
  get state(): State {
    if (this.#run.ownJob !== undefined) this.#move(this.#run.ownJob, "success");
    return { items: this.#items, jobs: this.#jobs };
  }

  pause(): undefined {
    return undefined;
  }

  async insert(fields: ItemFields, path: string): Promise<Row> {
    const { _id, _creationTime } = this.#birthOf(path);
    const row = { ...fields, _id, _creationTime } as Row;
    this.#items.set(_id, row);
    return row;
  }

  async get(id: string): Promise<Row | null> {
    return this.#items.get(id) ?? null;
  }

  async patch(id: string, fields: ItemFields): Promise<void> {
    this.#items.set(id, { ...this.#mustFind(id), ...fields } as Row);
  }

  async replace(id: string, fields: ItemFields): Promise<void> {
    const { _id, _creationTime } = this.#mustFind(id);
    this.#items.set(id, { ...fields, _id, _creationTime } as Row);
  }

  async delete(id: string): Promise<void> {
    this.#mustFind(id);
    this.#items.delete(id);
  }

  async read(read: Read): Promise<readonly Row[]> {
    const rows = [...this.#items.values()].filter((row) => matches(row, read.bounds));
    const direction = read.order === "desc" ? -1 : 1;
    rows.sort((a, b) => direction * compareRows(read, a, b));
    const isWhole = read.mode === "collect";
    return isWhole ? rows : rows.slice(0, read.mode === "first" ? 1 : read.limit);
  }

  async jobs(): Promise<readonly Job[]> {
    return [...this.#jobs.values()].sort((a, b) => a._creationTime - b._creationTime);
  }

  async schedule({ runs, afterMs }: Step & { do: "schedule" }, path: string): Promise<Job> {
    const { _id, _creationTime } = this.#birthOf(path);
    const { n, nowMs, parentJob } = this.#run;
    const parent = parentJob === undefined ? undefined : this.#jobs.get(parentJob);
    const job: ModelJob = {
      _id,
      _creationTime,
      scheduledTime: nowMs + afterMs,
      state: parent?.state === "canceled" ? "canceled" : "pending",
      ticket: `${n}${path}`,
      runs,
    };
    this.#jobs.set(_id, job);
    return job;
  }

  async cancel(id: string): Promise<void> {
    const state = this.#jobs.get(id)?.state;
    if (id === this.#run.ownJob) return;
    if (state === "pending" || state === "inProgress") this.#move(id, "canceled");
  }

  async call({ program, kind }: Step & { do: "call" }, path: string): Promise<Seen> {
    const [items, jobs] = [new Map(this.#items), new Map(this.#jobs)];
    try {
      return await interpret(program, this, path);
    } catch (error) {
      if (kind === "mutation") [this.#items, this.#jobs] = [items, jobs];
      throw error;
    }
  }

  #move(id: string, state: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new ModelError(`the job ${id} is not there`);
    this.#jobs.set(id, { ...job, state });
  }

  #birthOf(path: string) {
    const birth = this.#run.births.get(path);
    if (birth === undefined) throw new ModelError(`the run never came to its step ${path}`);
    return birth;
  }

  #mustFind(id: string): Row {
    const row = this.#items.get(id);
    if (row === undefined) throw new Error(`nonexistent document ${id}`);
    return row;
  }
}

function matches(row: Row, bounds: readonly Bound[]): boolean {
  return bounds.every(({ type, field, value }) => {
    const order = compareValues(row[field], value);
    return { eq: order === 0, gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[
      type
    ];
  });
}

function compareRows({ index }: Read, a: Row, b: Row): number {
  for (const field of INDEX_FIELDS[index]) {
    const order = compareValues(a[field], b[field]);
    if (order !== 0) return order;
  }
  return 0;
}
