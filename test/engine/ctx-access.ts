// A program's view of the engine: its operations as calls of `ctx`.

import type { GenericMutationCtx } from "invex/server";
import { makeFunctionReference } from "invex/server";
import type { LabModel } from "../fixtures/lab";
import type { Access, Row, Seen, Trace } from "../model/interpreter";
import type { Program, Read } from "../model/script";

/** What programs need besides `ctx`, of the call as a whole. */
export interface CallHost {
  /** Waits until the driver of the script lets it go on. */
  pass(): Promise<void>;
  /** Notes the id and creation time of what was inserted. */
  noteBirth(label: string, row: Row): void;
  /** Leaves `program` for a nested function to pick up; returns what to call it with. */
  leave(program: Program, trace: Trace): number;
}

// biome-ignore lint/suspicious/noExplicitAny: programs know nothing of the data model
type Untyped = any;

export class CtxAccess implements Access {
  readonly #ctx: GenericMutationCtx<LabModel>;
  readonly #db: Untyped;
  readonly #host: CallHost;

  constructor(ctx: unknown, host: CallHost) {
    this.#ctx = ctx as GenericMutationCtx<LabModel>;
    this.#db = this.#ctx.db;
    this.#host = host;
  }

  async insert(table: string, label: string, fields: Record<string, unknown>): Promise<Row> {
    const id = await this.#db.insert(table, fields);
    const row: Row = await this.#db.get(id);
    this.#host.noteBirth(label, row);
    return row;
  }

  get(id: string): Promise<Row | null> {
    return this.#db.get(id);
  }

  patch(id: string, fields: Record<string, unknown>): Promise<void> {
    return this.#db.patch(id, fields);
  }

  replace(id: string, fields: Record<string, unknown>): Promise<void> {
    return this.#db.replace(id, fields);
  }

  delete(id: string): Promise<void> {
    return this.#db.delete(id);
  }

  async read(read: Read): Promise<Row[]> {
    const query = this.#query(read);
    switch (read.mode) {
      case "collect":
        return query.collect();
      case "take":
        return query.take(read.limit);
      case "first":
        return listOf(await query.first());
      case "unique":
        return listOf(await query.unique());
      case "loop": {
        const rows: Row[] = [];
        if (read.limit === 0) return rows;
        for await (const row of query) if (rows.push(row) === read.limit) break;
        return rows;
      }
    }
  }

  async each(read: Read, body: (row: Row) => Promise<void>): Promise<void> {
    if (read.limit === 0) return;
    let rows = 0;
    for await (const row of this.#query(read)) {
      await body(row);
      rows += 1;
      if (rows === read.limit) break;
    }
  }

  page(read: Read, numItems: number): Promise<{ page: Row[]; isDone: boolean }> {
    return this.#query(read).paginate({ numItems, cursor: null });
  }

  async nested(
    call: "query" | "mutation" | "stale",
    program: Program,
    trace: Trace,
  ): Promise<void> {
    const args = { call: this.#host.leave(program, trace) };
    if (call === "mutation") {
      await this.#ctx.runMutation(makeFunctionReference<"mutation">("m:nestedMutation"), args);
      return;
    }
    const nested = makeFunctionReference<"query">("m:nestedQuery");
    const options = call === "stale" ? [{ useStaleSnapshot: true }] : [];
    await (this.#ctx.runQuery as Untyped)(nested, args, ...options);
  }

  together(begin: readonly (() => Promise<Seen>)[]): Promise<PromiseSettledResult<Seen>[]> {
    return Promise.allSettled(begin.map((each) => each()));
  }

  gate(): Promise<void> {
    return this.#host.pass();
  }

  #query({ table, index, bounds, order, filter }: Read): Untyped {
    let query = this.#db.query(table);
    if (index !== undefined) {
      query = query.withIndex(index, (q: Untyped) => {
        for (const { type, field, value } of bounds) q = q[type](field, value);
        return q;
      });
    }
    query = query.order(order);
    if (filter === undefined) return query;
    return query.filter((q: Untyped) => q.gte(q.field(filter.field), filter.atLeast));
  }
}

function listOf(row: Row | null): Row[] {
  return row === null ? [] : [row];
}
