// The reactivity layer on a real store, with queries that are plain functions over a transaction.
// Counts runs, lets a test hold a run up, and changes the store through real commits.

import { after, encodeKeyPart } from "../../src/db/index-key";
import type { IndexPlan } from "../../src/db/index-plan";
import { ALL_KEYS, type KeyRange } from "../../src/db/key-range";
import type { Snapshot } from "../../src/db/live-snapshots";
import type { TablePlan } from "../../src/db/table-plan";
import type { Rows } from "../../src/db/table-store";
import type { Transaction } from "../../src/db/transaction";
import type { QueryRequest, QueryRun } from "../../src/reactivity/ports";
import { Reactivity, type ReactivityOptions } from "../../src/reactivity/reactivity";
import { must } from "../../src/shared/assert";
import { cloneValue } from "../../src/values/clone";
import type { Value } from "../../src/values/value";
import { type OpenDatabase, openDatabase } from "../db/open-database";

/** What a test's query is given. */
export interface Asked {
  readonly tx: Transaction;
  readonly items: TablePlan;
  readonly args: { readonly [name: string]: Value };
  readonly journal: string | undefined;
  /** The caller's name; asking is noted. */
  whoAsks(): string;
  /** The time; asking is noted. */
  now(): number;
  log(line: string): void;
  endPageAt(journal: string): void;
}

export type Query = (asked: Asked) => Value | Promise<Value>;

export interface ReactiveStore extends OpenDatabase {
  readonly reactivity: Reactivity;
  /** Names of the queries run so far, in order. */
  readonly runs: string[];
  readonly listenerErrors: unknown[];
  /** What a listener-less run on `snapshot` answers: the oracle. */
  runAlone(request: QueryRequest, snapshot: Snapshot): Promise<QueryRun>;
  /** Moves the clock. */
  pass(ms: number): void;
  insert(a: number, b?: string): string;
  patch(id: string, fields: Record<string, Value>): void;
  remove(id: string): void;
}

/** A store whose queries are `queries`, by path. */
export function openReactiveStore(
  seed: string,
  queries: Readonly<Record<string, Query>>,
  options: Pick<ReactivityOptions, "cache" | "outside"> = {},
): ReactiveStore {
  const open = openDatabase(seed);
  const { database, items, commit } = open;
  let nowMs = 1_000_000;
  const clock = { now: () => nowMs };
  const runs: string[] = [];
  const listenerErrors: unknown[] = [];
  const runAlone = (request: QueryRequest, snapshot: Snapshot) =>
    runQuery(must(queries[request.path]), request, open, snapshot, clock);
  const reactivity = new Reactivity({
    ...options,
    snapshots: database,
    runner: {
      run: (request, snapshot) => {
        runs.push(request.path);
        return runAlone(request, snapshot);
      },
    },
    clock,
    onListenerError: (error) => listenerErrors.push(error),
  });
  database.onCommit((record) => reactivity.onCommit(record));
  return {
    ...open,
    reactivity,
    runs,
    listenerErrors,
    runAlone,
    pass: (ms) => {
      nowMs += ms;
    },
    insert: (a, b) => commit((tx) => tx.insert(items, b === undefined ? { a } : { a, b })),
    patch: (id, fields) => commit((tx) => tx.patch(items, id, fields)),
    remove: (id) => commit((tx) => tx.remove(items, id)),
  };
}

async function runQuery(
  query: Query,
  request: QueryRequest,
  { database, items }: OpenDatabase,
  snapshot: Snapshot,
  clock: { now(): number },
): Promise<QueryRun> {
  const tx = database.begin(undefined, database.share(snapshot));
  const noted = { readIdentity: false, observedTime: false, journal: null as string | null };
  const logLines: string[] = [];
  const asked: Asked = {
    tx,
    items,
    args: request.args as { readonly [name: string]: Value },
    journal: request.journal,
    whoAsks: () => {
      noted.readIdentity = true;
      return request.identity?.key ?? "nobody";
    },
    now: () => {
      noted.observedTime = true;
      return clock.now();
    },
    log: (line) => logLines.push(line),
    endPageAt: (journal) => {
      noted.journal = journal;
    },
  };
  const outcome = await settle(async () => cloneValue(await query(asked)));
  tx.close();
  return { outcome, reads: tx.reads, ...noted, logLines };
}

async function settle(run: () => Promise<Value>): Promise<QueryRun["outcome"]> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, failure: { text: (error as Error).message, data: undefined } };
  }
}

/** A request for a query, by nobody unless `by` says who. */
export function ask(
  path: string,
  args: Record<string, Value> = {},
  by?: string,
  journal?: string,
): QueryRequest {
  return {
    componentPath: "",
    path,
    args,
    identity: by === undefined ? undefined : { key: by },
    journal,
  };
}

/** The documents of an index range, as a handler would collect them; at most `limit`. */
export function collect(
  { tx }: Asked,
  index: IndexPlan,
  where: { readonly prefix?: string; readonly range?: KeyRange; readonly limit?: number } = {},
): Value[] {
  const prefix = where.prefix ?? "";
  const range = where.range ?? (prefix === "" ? ALL_KEYS : { lower: prefix, upper: after(prefix) });
  const rows: Rows = { keys: [], versions: [] };
  const limit = where.limit ?? Number.POSITIVE_INFINITY;
  const isWhole = tx.scan(index, range, false, limit, rows);
  const edge = isWhole && rows.keys.length < limit ? undefined : rows.keys.at(-1);
  tx.consume(index, range, prefix, false, edge);
  return rows.versions.map(({ document }) => cloneValue(document as Value));
}

/** An index of the items. */
export function indexOf({ items }: Pick<Asked, "items">, name: string): IndexPlan {
  return must(items.indexes.get(name));
}

/** The key prefix of "field one equals a, field two equals b". */
export function prefixOf(...parts: (Value | undefined)[]): string {
  return parts.map((part) => encodeKeyPart(part)).join("");
}

/** A promise that a test resolves. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
