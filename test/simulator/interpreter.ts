/**
 * Runs a program on whatever can read and write, the engine or the model, and keeps what it saw.
 * What is seen is nested arrays of plain values: it is what functions return.
 */
import type { Value } from "../../src/values/value";
import type { ItemFields, Program, Read, Step, Target } from "./step";

export interface Row {
  readonly _id: string;
  readonly _creationTime: number;
  readonly a?: number;
  readonly b?: Value;
  readonly n?: number;
}

export interface Job {
  readonly _id: string;
  readonly _creationTime: number;
  readonly scheduledTime: number;
  readonly state: string;
}

export type Seen = Value[];

/** What one call of a program runs on. Paths name its steps, nested ones included. */
export interface Access {
  /** Between steps: where others may come in. */
  pause(): Promise<void> | undefined;
  insert(fields: ItemFields, path: string): Promise<Row>;
  get(id: string): Promise<Row | null>;
  patch(id: string, fields: ItemFields): Promise<void>;
  replace(id: string, fields: ItemFields): Promise<void>;
  delete(id: string): Promise<void>;
  read(read: Read): Promise<readonly Row[]>;
  jobs(): Promise<readonly Job[]>;
  schedule(step: Step & { do: "schedule" }, path: string): Promise<Job>;
  cancel(id: string): Promise<void>;
  /** @throws StepFailure, and whatever else went wrong */
  call(step: Step & { do: "call" }, path: string): Promise<Seen>;
}

/** A program that was told to fail, with what it had seen until then. */
export class StepFailure extends Error {
  readonly seen: Seen;

  constructor(seen: Seen) {
    super("told to fail");
    this.seen = seen;
  }
}

/** @throws StepFailure when the program fails; whatever else `access` throws */
export async function interpret(program: Program, access: Access, path = ""): Promise<Seen> {
  return new Interpreter(access, path).run(program);
}

class Interpreter {
  readonly #access: Access;
  readonly #path: string;
  readonly #seen: Seen = [];
  #rows: readonly Row[] = [];
  #ids: readonly string[] = [];
  readonly #own: string[] = [];
  #jobIds: readonly string[] = [];
  readonly #ownJobs: string[] = [];

  constructor(access: Access, path: string) {
    this.#access = access;
    this.#path = path;
  }

  async run(program: Program): Promise<Seen> {
    for (const [i, step] of program.entries()) {
      const pause = this.#access.pause();
      if (pause !== undefined) await pause;
      await this.#take(step, `${this.#path}.${i}`);
    }
    return this.#seen;
  }

  async #take(step: Step, path: string): Promise<void> {
    const access = this.#access;
    switch (step.do) {
      case "insert": {
        const row = await access.insert(this.#fields(step.fields), path);
        this.#own.push(row._id);
        return this.#note("insert", cells(row));
      }
      case "get": {
        const id = this.#idOf(step.target);
        const row = id === undefined ? null : await access.get(id);
        return this.#note("get", row === null ? null : cells(row));
      }
      case "read": {
        this.#rows = await access.read(step.read);
        this.#ids = this.#rows.map(({ _id }) => _id);
        return this.#note("read", this.#rows.map(cells));
      }
      case "patch":
        return this.#write(step.target, (id) => access.patch(id, this.#fields(step.fields)));
      case "replace":
        return this.#write(step.target, (id) => access.replace(id, this.#fields(step.fields)));
      case "delete":
        return this.#write(step.target, (id) => access.delete(id));
      case "jobs": {
        const jobs = await access.jobs();
        this.#jobIds = jobs.map(({ _id }) => _id);
        return this.#note("jobs", jobs.map(jobCells));
      }
      case "schedule": {
        const job = await access.schedule(step, path);
        this.#ownJobs.push(job._id);
        return this.#note("schedule", jobCells(job));
      }
      case "cancel": {
        const ids = step.target.of === "own" ? this.#ownJobs : this.#jobIds;
        const id = ids[step.target.at % ids.length];
        if (id !== undefined) await access.cancel(id);
        return this.#note("cancel", id ?? null);
      }
      case "call":
        return this.#call(step, path);
      case "throw":
        throw new StepFailure(this.#seen);
      case "throwIfMore":
        if (this.#rows.length > step.than) throw new StepFailure(this.#seen);
    }
  }

  async #call(step: Step & { do: "call" }, path: string): Promise<void> {
    try {
      this.#note("called", await this.#access.call(step, path));
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      this.#note("failed", error.seen);
      if (!step.catches) throw new StepFailure(this.#seen);
    }
  }

  /** A write to a document that is gone fails; that it does is part of what is seen. */
  async #write(target: Target, write: (id: string) => Promise<void>): Promise<void> {
    const id = this.#idOf(target);
    if (id === undefined) return this.#note("nothing to write", null);
    try {
      await write(id);
      this.#note("written", id);
    } catch (error) {
      if (!(error as Error).message.includes("nonexistent document")) throw error;
      this.#note("gone", id);
    }
  }

  #note(what: string, value: Value): void {
    this.#seen.push(what, value);
  }

  #idOf({ of, at }: Target): string | undefined {
    const ids = of === "own" ? this.#own : this.#ids;
    return ids[at % ids.length];
  }

  #fields(fields: ItemFields): ItemFields {
    if (fields.n !== "sum") return fields;
    let n = 1;
    for (const row of this.#rows) n = (n + (row.n ?? 0)) % 100_000;
    return { ...fields, n };
  }
}

function cells({ _id, _creationTime, a, b, n }: Row): Value {
  return [_id, _creationTime, a ?? [], b === undefined ? [] : b, n ?? []];
}

function jobCells({ _id, scheduledTime, state }: Job): Value {
  return [_id, scheduledTime, state];
}

/** What was seen as text: equal texts are equal sights. */
export function textOf(seen: unknown): string {
  return JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
}
