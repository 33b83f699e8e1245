/** The engine as a program sees it: its steps as calls of `ctx`. */
import { makeFunctionReference } from "invex/server";
import type { Execution } from "./history";
import { type Access, type Job, type Row, type Seen, StepFailure } from "./interpreter";
import type { ItemFields, Read, Step } from "./step";

// biome-ignore lint/suspicious/noExplicitAny: programs know nothing of the data model
type Untyped = any;

const NESTED = {
  query: makeFunctionReference<"query">("m:nestedQuery"),
  mutation: makeFunctionReference<"mutation">("m:nestedMutation"),
};
const OWN = {
  query: makeFunctionReference<"query">("m:query"),
  mutation: makeFunctionReference<"mutation">("m:mutation"),
};
const JOBS = {
  mutation: makeFunctionReference<"mutation">("m:mutation"),
  action: makeFunctionReference<"action">("m:action"),
};

/** Queries and mutations. */
export class CtxAccess implements Access {
  readonly pause: () => Promise<void> | undefined;
  readonly #ctx: Untyped;
  readonly #execution: Execution | undefined;

  /** @param execution absent for queries: what they do cannot be told apart, nor need it */
  constructor(ctx: unknown, execution: Execution | undefined, pause: CtxAccess["pause"]) {
    this.#ctx = ctx;
    this.#execution = execution;
    this.pause = pause;
  }

  async insert(fields: ItemFields, path: string): Promise<Row> {
    this.#wrote();
    const row: Row = await this.#ctx.db.get(await this.#ctx.db.insert("items", fields));
    const { _id, _creationTime } = row;
    this.#execution?.births.set(path, { _id, _creationTime, scheduledTime: 0 });
    return row;
  }

  get(id: string): Promise<Row | null> {
    return this.#ctx.db.get(id);
  }

  patch(id: string, fields: ItemFields): Promise<void> {
    this.#wrote();
    return this.#ctx.db.patch(id, fields);
  }

  replace(id: string, fields: ItemFields): Promise<void> {
    this.#wrote();
    return this.#ctx.db.replace(id, fields);
  }

  delete(id: string): Promise<void> {
    this.#wrote();
    return this.#ctx.db.delete(id);
  }

  async read(read: Read): Promise<readonly Row[]> {
    const query = this.#query(read);
    switch (read.mode) {
      case "collect":
        return query.collect();
      case "take":
        return query.take(read.limit);
      case "first": {
        const row = await query.first();
        return row === null ? [] : [row];
      }
      case "page":
        return (await query.paginate({ numItems: read.limit, cursor: null })).page;
      case "loop": {
        const rows: Row[] = [];
        for await (const row of query) if (rows.push(row) === read.limit) break;
        return rows;
      }
    }
  }

  async jobs(): Promise<readonly Job[]> {
    const jobs: Untyped[] = await this.#ctx.db.system.query("_scheduled_functions").collect();
    return jobs.map(jobOf);
  }

  async schedule(step: Step & { do: "schedule" }, path: string): Promise<Job> {
    this.#wrote();
    const { runs, afterMs, program } = step;
    const args = { program, ticket: `${this.#execution?.n}${path}` };
    const { scheduler } = this.#ctx;
    // Both ways to say the same.
    const id: string =
      afterMs % 2 === 0
        ? await scheduler.runAfter(afterMs, JOBS[runs], args)
        : await scheduler.runAt(Date.now() + afterMs, JOBS[runs], args);
    const job = jobOf(await this.#ctx.db.system.get(id));
    this.#execution?.births.set(path, job);
    return job;
  }

  async cancel(id: string): Promise<void> {
    this.#wrote();
    await this.#ctx.scheduler.cancel(id);
  }

  async call({ kind, program }: Step & { do: "call" }, path: string): Promise<Seen> {
    const run = kind === "query" ? this.#ctx.runQuery : this.#ctx.runMutation;
    return caught(() => run(NESTED[kind], { program, n: this.#execution?.n ?? -1, path }));
  }

  #wrote(): void {
    if (this.#execution !== undefined) this.#execution.hasWritten = true;
  }

  #query({ index, bounds, order }: Read): Untyped {
    const table = this.#ctx.db.query("items");
    const query =
      index === "by_creation_time"
        ? table
        : table.withIndex(index, (q: Untyped) => {
            for (const { type, field, value } of bounds) q = q[type](field, value);
            return q;
          });
    return query.order(order);
  }
}

/** Actions: nothing but calls of their own, and the scheduler. */
export class ActionAccess extends CtxAccess {
  readonly #ctx: Untyped;
  readonly #execution: Execution;

  constructor(ctx: unknown, execution: Execution, pause: CtxAccess["pause"]) {
    super(ctx, execution, pause);
    this.#ctx = ctx;
    this.#execution = execution;
  }

  override async read(): Promise<readonly Row[]> {
    return [];
  }

  override async insert(): Promise<Row> {
    return { _id: "", _creationTime: 0 };
  }

  override async schedule(step: Step & { do: "schedule" }, path: string): Promise<Job> {
    const { runs, afterMs, program } = step;
    const args = { program, ticket: `${this.#execution.n}${path}` };
    const id: string = await this.#ctx.scheduler.runAfter(afterMs, JOBS[runs], args);
    this.#execution.births.set(path, { _id: id, _creationTime: 0, scheduledTime: 0 });
    return { _id: id, _creationTime: 0, scheduledTime: 0, state: "asked" };
  }

  override async cancel(id: string): Promise<void> {
    this.#execution.canceled.add(id);
    await this.#ctx.scheduler.cancel(id);
  }

  override async call({ kind, program }: Step & { do: "call" }, path: string): Promise<Seen> {
    if (kind === "query") return caught(() => this.#ctx.runQuery(OWN.query, { program }));
    const tag = `a${this.#execution.n}${path}`;
    const seen = await caught(() => this.#ctx.runMutation(OWN.mutation, { program, tag }));
    this.#execution.acknowledged.push(tag);
    return seen;
  }
}

async function caught(call: () => Promise<Seen>): Promise<Seen> {
  try {
    return await call();
  } catch (error) {
    const seen = seenOf(error);
    throw seen === undefined ? error : new StepFailure(seen);
  }
}

/** What a program that failed had seen, as it is told in errors. */
export function seenOf(error: unknown): Seen | undefined {
  if (error instanceof StepFailure) return error.seen;
  const data = (error as { data?: unknown } | undefined)?.data;
  return Array.isArray(data) ? (data as Seen) : undefined;
}

function jobOf({ _id, _creationTime, scheduledTime, state }: Untyped): Job {
  return { _id, _creationTime, scheduledTime, state: state.kind };
}
