// Runs a program of script.ts against anything that can read and write, and keeps what it saw.

import type { Value } from "../../src/values/value";
import {
  type Fields,
  type Operation,
  type Program,
  type Read,
  resolveFields,
  type Target,
} from "./script";

export type Row = Record<string, Value> & { readonly _id: string; readonly _creationTime: number };

/** What one function call of a program runs on: the engine's ctx, or the naive model. */
export interface Access {
  insert(table: string, label: string, fields: Record<string, Value | undefined>): Promise<Row>;
  get(id: string): Promise<Row | null>;
  patch(id: string, fields: Record<string, Value | undefined>): Promise<void>;
  replace(id: string, fields: Record<string, Value | undefined>): Promise<void>;
  delete(id: string): Promise<void>;
  /** All modes of reading; `unique` rejects when there are two. */
  read(read: Read): Promise<Row[]>;
  /** Calls `body` for every row while the iteration goes on, at most `read.limit` times. */
  each(read: Read, body: (row: Row) => Promise<void>): Promise<void>;
  page(read: Read, items: number): Promise<{ readonly page: Row[]; readonly isDone: boolean }>;
  /** Runs `program` as a function of its own, filling `trace`; rejects when it fails. */
  nested(call: "query" | "mutation" | "stale", program: Program, trace: Trace): Promise<void>;
  /** Begins all at once, where it can; waits for all. */
  together(begin: readonly (() => Promise<Seen>)[]): Promise<PromiseSettledResult<Seen>[]>;
  gate(): Promise<void>;
}

/** What one operation showed its program. */
export interface Seen {
  readonly what: string;
  readonly value: unknown;
  /** Seen through a stale snapshot: no part of the transaction's serial place. */
  readonly isStale?: boolean;
  readonly rows?: readonly Row[];
  readonly own?: string;
}

export type Trace = Seen[];

export class ProgramFailure extends Error {}

/** Rejects when the program fails; `trace` holds what was seen until then. */
export async function interpret(
  program: Program,
  access: Access,
  seedIds: readonly string[],
  trace: Trace,
): Promise<void> {
  await new Interpreter(access, seedIds, trace).run(program);
}

class Interpreter {
  readonly #access: Access;
  readonly #seedIds: readonly string[];
  readonly #trace: Trace;
  #rows: readonly Row[] = [];
  readonly #own: string[] = [];

  constructor(access: Access, seedIds: readonly string[], trace: Trace) {
    this.#access = access;
    this.#seedIds = seedIds;
    this.#trace = trace;
  }

  async run(program: Program): Promise<void> {
    for (const operation of program) {
      if (operation.do === "together") await this.#runTogether(operation.program);
      else this.#note(await this.#prepare(operation)());
    }
  }

  async #runTogether(program: Program): Promise<void> {
    const begin = program.map((operation) => this.#prepare(operation));
    const settled = await this.#access.together(begin);
    let failure: unknown;
    for (const result of settled) {
      if (result.status === "fulfilled") this.#note(result.value);
      else failure ??= result.reason;
    }
    if (failure !== undefined) throw failure;
  }

  #note(seen: Seen): void {
    this.#trace.push(seen);
    if (seen.rows !== undefined) this.#rows = seen.rows;
    if (seen.own !== undefined) this.#own.push(seen.own);
  }

  /** Everything that depends on what was read so far is decided before the operation begins. */
  #prepare(operation: Operation): () => Promise<Seen> {
    const access = this.#access;
    const rows = this.#rows;
    switch (operation.do) {
      case "insert": {
        const { table, label } = operation;
        const fields = withoutUndefined(resolveFields(operation.fields, rows));
        return async () => {
          const row = await access.insert(table, label, fields);
          return { what: "insert", value: copy(row), own: row._id };
        };
      }
      case "get":
        return this.#onTarget(operation.target, async (id) => {
          const row = await access.get(id);
          return { what: "get", value: row && take(row) };
        });
      case "delete":
        return this.#onTarget(operation.target, async (id) =>
          told("delete", () => access.delete(id)),
        );
      case "patch": {
        const fields = resolveFields(operation.fields, rows);
        return this.#onTarget(operation.target, (id) =>
          told("patch", () => access.patch(id, fields)),
        );
      }
      case "replace": {
        const fields = withoutUndefined(resolveFields(operation.fields, rows));
        return this.#onTarget(operation.target, (id) =>
          told("replace", () => access.replace(id, fields)),
        );
      }
      case "read":
        return () => this.#read(operation.read);
      case "each":
        return () => this.#each(operation.read, operation.fields);
      case "page":
        return async () => {
          const { page, isDone } = await access.page(operation.read, operation.items);
          const seen = page.map(take);
          return { what: "page", value: { page: seen, isDone }, rows: seen };
        };
      case "nested":
        return () => this.#nested(operation);
      case "gate":
        return async () => {
          await access.gate();
          return { what: "gate", value: null };
        };
      case "fail":
        return () => Promise.reject(new ProgramFailure("told to fail"));
      case "failIfRows":
        return () =>
          rows.length > operation.moreThan
            ? Promise.reject(new ProgramFailure("too many rows"))
            : Promise.resolve({ what: "few rows", value: rows.length });
      case "together":
        throw new Error("side by side within side by side");
    }
  }

  #onTarget(target: Target, act: (id: string) => Promise<Seen>): () => Promise<Seen> {
    const id = this.#idOf(target);
    return id === undefined
      ? () => Promise.resolve({ what: "no target", value: null })
      : () => act(id);
  }

  #idOf({ of, at }: Target): string | undefined {
    const ids = {
      seed: this.#seedIds,
      own: this.#own,
      row: this.#rows.map(({ _id }) => _id),
    }[of];
    return ids.length === 0 ? undefined : ids[at % ids.length];
  }

  async #read(read: Read): Promise<Seen> {
    try {
      const rows = (await this.#access.read(read)).map(take);
      return { what: "read", value: rows, rows };
    } catch (error) {
      if (!(error as Error).message.includes("unique() query returned more than one")) throw error;
      return { what: "not unique", value: (error as Error).message };
    }
  }

  async #each(read: Read, fields: Fields): Promise<Seen> {
    const seen: Row[] = [];
    await this.#access.each(read, async (row) => {
      const own = take(row);
      seen.push(own);
      await this.#access.patch(own._id, resolveFields(fields, [own]));
    });
    return { what: "each", value: seen, rows: seen };
  }

  async #nested(operation: Operation & { do: "nested" }): Promise<Seen> {
    const inner: Trace = [];
    const isStale = operation.call === "stale";
    const what = `nested ${operation.call}`;
    try {
      await this.#access.nested(operation.call, operation.program, inner);
      return { what, value: inner, isStale };
    } catch (error) {
      if (!operation.catches) throw error;
      return { what: `failed ${what}`, value: inner, isStale };
    }
  }
}

/** A write, with its failure as part of what is seen: it is always caught. */
async function told(what: string, write: () => Promise<void>): Promise<Seen> {
  try {
    await write();
    return { what, value: null };
  } catch (error) {
    return { what: `failed ${what}`, value: (error as Error).message };
  }
}

/** Keeps a copy, and then does to the original what no handler should be able to do any harm with. */
function take(row: Row): Row {
  const kept = copy(row);
  row["a"] = "scribbled over";
  row["scribble"] = [true];
  return kept;
}

function copy(row: Row): Row {
  return { ...row };
}

function withoutUndefined(fields: Record<string, Value | undefined>): Record<string, Value> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, Value>;
}
