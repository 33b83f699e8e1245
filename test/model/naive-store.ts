// The naive serial model: documents in a Map, every read a filter and a sort over all of them.
// Nothing here is shared with the engine but the order of values, which has tests of its own.

import { compareValues } from "../../src/values/compare";
import type { Value } from "../../src/values/value";
import type { Access, Row, Seen, Trace } from "./interpreter";
import { interpret } from "./interpreter";
import { type Bound, INDEX_FIELDS, type Program, type Read } from "./script";

/** All documents of all tables at one moment, by id. */
export type State = ReadonlyMap<string, { readonly table: string; readonly row: Row }>;

/** The ids and creation times that a run of the engine gave to what it inserted, by label. */
export type Births = ReadonlyMap<string, { readonly _id: string; readonly _creationTime: number }>;

export interface Replay {
  readonly trace: Trace;
  readonly state: State;
  readonly hasFailed: boolean;
}

/** What `program` does when it runs alone on `state`. */
export async function replay(
  program: Program,
  state: State,
  births: Births,
  seedIds: readonly string[],
): Promise<Replay> {
  const trace: Trace = [];
  const store = new NaiveStore(state, births, seedIds);
  try {
    await interpret(program, store, seedIds, trace);
    return { trace, state: store.state, hasFailed: false };
  } catch (error) {
    if (error instanceof ModelError) throw error;
    return { trace, state, hasFailed: true };
  }
}

/** The replay went where the run did not: no failure of a program. */
class ModelError extends Error {}

class NaiveStore implements Access {
  #state: Map<string, { table: string; row: Row }>;
  readonly #before: State;
  readonly #births: Births;
  readonly #seedIds: readonly string[];

  constructor(state: State, births: Births, seedIds: readonly string[]) {
    this.#state = new Map(state);
    this.#before = state;
    this.#births = births;
    this.#seedIds = seedIds;
  }

  get state(): State {
    return this.#state;
  }

  async insert(table: string, label: string, fields: Record<string, Value>): Promise<Row> {
    const birth = this.#births.get(label);
    if (birth === undefined) throw new ModelError(`the run never inserted ${label}`);
    const row: Row = { ...fields, ...birth };
    this.#state.set(row._id, { table, row });
    return { ...row };
  }

  async get(id: string): Promise<Row | null> {
    const found = this.#state.get(id);
    return found === undefined ? null : { ...found.row };
  }

  async patch(id: string, fields: Record<string, Value | undefined>): Promise<void> {
    const { table, row } = this.#mustFind(id, "Update");
    const next: Record<string, Value> = { ...row };
    for (const [field, value] of Object.entries(fields)) {
      if (value === undefined) delete next[field];
      else next[field] = value;
    }
    this.#state.set(id, { table, row: next as Row });
  }

  async replace(id: string, fields: Record<string, Value>): Promise<void> {
    const { table, row } = this.#mustFind(id, "Replace");
    const { _id, _creationTime } = row;
    this.#state.set(id, { table, row: { ...fields, _id, _creationTime } });
  }

  async delete(id: string): Promise<void> {
    this.#mustFind(id, "Delete");
    this.#state.delete(id);
  }

  async read(read: Read): Promise<Row[]> {
    const rows = rowsOf(this.#state, read);
    if (read.mode === "unique" && rows.length > 1) {
      const [first, second] = rows as [Row, Row];
      throw new Error(
        `unique() query returned more than one result from table ${read.table}:\n [${first._id}, ${second._id}, ...]`,
      );
    }
    return rows.slice(0, limitOf(read));
  }

  /** An iteration goes over the rows as they were when it began (they are fewer than a hundred). */
  async each(read: Read, body: (row: Row) => Promise<void>): Promise<void> {
    for (const row of rowsOf(this.#state, read).slice(0, read.limit)) await body(row);
  }

  async page(read: Read, items: number): Promise<{ page: Row[]; isDone: boolean }> {
    const rows = rowsOf(this.#state, read);
    return { page: rows.slice(0, items), isDone: rows.length < items };
  }

  async nested(
    call: "query" | "mutation" | "stale",
    program: Program,
    trace: Trace,
  ): Promise<void> {
    const savepoint = this.#state;
    this.#state = new Map(call === "stale" ? this.#before : savepoint);
    try {
      await interpret(program, this, this.#seedIds, trace);
      if (call === "stale") this.#state = savepoint;
    } catch (error) {
      this.#state = savepoint;
      throw error;
    }
  }

  async together(begin: readonly (() => Promise<Seen>)[]): Promise<PromiseSettledResult<Seen>[]> {
    const settled: PromiseSettledResult<Seen>[] = [];
    for (const each of begin) settled.push(...(await Promise.allSettled([each()])));
    return settled;
  }

  async gate(): Promise<void> {}

  #mustFind(id: string, verb: string): { table: string; row: Row } {
    const found = this.#state.get(id);
    if (found === undefined) throw new Error(`${verb} on nonexistent document ID ${id}`);
    return found;
  }
}

/** Copies of all rows that match, in order. */
export function rowsOf(state: State, read: Read): Row[] {
  const order = read.order === "desc" ? -1 : 1;
  const fields = INDEX_FIELDS[read.index ?? "by_creation_time"];
  return [...state.values()]
    .filter(({ table, row }) => table === read.table && matches(row, read))
    .map(({ row }) => ({ ...row }))
    .sort((a, b) => order * compareFields(fields, a, b));
}

function matches(row: Row, { bounds, filter }: Read): boolean {
  if (!bounds.every((bound) => isWithin(row, bound))) return false;
  return filter === undefined || compareValues(row[filter.field], filter.atLeast) >= 0;
}

function isWithin(row: Row, { type, field, value }: Bound): boolean {
  const order = compareValues(row[field], value);
  return { eq: order === 0, gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[type];
}

function compareFields(fields: readonly string[], a: Row, b: Row): number {
  for (const field of fields) {
    const order = compareValues(a[field], b[field]);
    if (order !== 0) return order;
  }
  return 0;
}

function limitOf({ mode, limit }: Read): number {
  const limits = {
    collect: Number.POSITIVE_INFINITY,
    take: limit,
    first: 1,
    unique: 1,
    loop: limit,
  };
  return limits[mode];
}
