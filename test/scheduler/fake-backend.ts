/**
 * A small in-memory backend for the scheduler's ports, honest about what they promise: transactions
 * are serializable (optimistic, by document and by table), a commit is durable before it is visible,
 * and a crash keeps what was durable and nothing else. Functions are plain handlers.
 */

import type { AdvanceReport } from "../../src/scheduler/advance-report";
import { type CtxScheduler, createCtxScheduler } from "../../src/scheduler/ctx-scheduler";
import type { JobDocument } from "../../src/scheduler/job";
import {
  JOBS,
  type MutationOutcome,
  type MutationSteps,
  type Resolution,
  type RunOutcome,
  type ScheduledCall,
  type SchedulerHost,
  type SchedulerNotice,
  type StoredDocument,
  type SystemChange,
  type SystemTable,
  type SystemTransaction,
} from "../../src/scheduler/ports";
import { Scheduler, type SchedulerOptions } from "../../src/scheduler/scheduler";
import type { FunctionAddress } from "../../src/server/function-address";
import type { Clock } from "../../src/shared/clock";
import type { Duration } from "../../src/shared/duration";
import { userError } from "../../src/shared/errors";
import { manualClock } from "../../src/shared/manual-clock";
import { createRandom, type Random } from "../../src/shared/random";
import { canonicalCopy } from "../../src/values/canonical";
import { encodeId } from "../../src/values/id";
import type { Value, ValueObject } from "../../src/values/value";

const tableNumbers: Record<string, number> = {
  _scheduled_functions: 600,
  _cron_jobs: 601,
  rows: 10_001,
};

type AnyTable = { readonly component: string; readonly name: string };
type Document = Readonly<Record<string, Value | undefined>> & StoredDocument;

/** Everything committed, by `component/table/id`, with the number of the commit that wrote it. */
type Versions = Map<string, { readonly document: Document | undefined; readonly seq: number }>;

export class Conflict extends Error {}

/** One transaction on a {@link FakeBackend}. */
export class FakeTransaction implements SystemTransaction {
  readonly #backend: FakeBackend;
  readonly #beginSeq: number;
  readonly #writes = new Map<string, Document | undefined>();
  readonly #read = new Set<string>();
  readonly #listed = new Set<string>();
  readonly nowMs: number;

  constructor(backend: FakeBackend) {
    this.#backend = backend;
    this.#beginSeq = backend.log.length;
    this.nowMs = backend.clock.now();
  }

  get(table: AnyTable, id: string): Document | undefined {
    return this.#find(keyOf(table, id));
  }

  insert(table: AnyTable, fields: ValueObject): string {
    const id = this.#backend.newId(table.name);
    const _creationTime = this.#backend.newCreationTime(this.nowMs);
    this.#write(table, id, { ...(canonicalCopy(fields) as ValueObject), _id: id, _creationTime });
    return id;
  }

  patch(table: AnyTable, id: string, fields: ValueObject): void {
    const old = this.get(table, id);
    if (old === undefined) throw new Error(`patch of missing ${id}`);
    const merged = canonicalCopy({ ...old, ...fields }) as unknown as Document;
    this.#write(table, id, merged);
  }

  remove(table: AnyTable, id: string): void {
    if (this.get(table, id) === undefined) throw new Error(`removal of missing ${id}`);
    this.#writes.set(keyOf(table, id), undefined);
  }

  owns(table: AnyTable, id: string): boolean {
    return (
      encodeId(tableNumbers[table.name] ?? 0, new Uint8Array(16)).slice(0, 2) === id.slice(0, 2)
    );
  }

  list(table: AnyTable): Document[] {
    const prefix = keyOf(table, "");
    this.#listed.add(prefix);
    const keys = new Set([...this.#backend.versions.keys(), ...this.#writes.keys()]);
    const documents = [...keys]
      .filter((key) => key.startsWith(prefix))
      .map((key) => this.#find(key));
    return documents
      .filter((document) => document !== undefined)
      .sort((left, right) => left._creationTime - right._creationTime);
  }

  /** What this transaction changes. @throws Conflict when what it read has changed meanwhile */
  changes(): SystemChange[] {
    for (const key of this.#backend.log.slice(this.#beginSeq).flat()) {
      const isListed = [...this.#listed].some((prefix) => key.startsWith(prefix));
      if (isListed || this.#read.has(key)) throw new Conflict(key);
    }
    return [...this.#writes].map(([key, after]) => {
      const [component = "", name = "", id = ""] = key.split("/");
      const table = { component, name } as SystemTable;
      return { table, id, before: this.#backend.versions.get(key)?.document, after };
    });
  }

  #find(key: string): Document | undefined {
    this.#read.add(key);
    if (this.#writes.has(key)) return this.#writes.get(key);
    const version = this.#backend.versions.get(key);
    // No history is kept: a document newer than the snapshot means that this transaction has lost.
    if (version !== undefined && version.seq > this.#beginSeq) throw new Conflict(key);
    return version?.document;
  }

  #write(table: AnyTable, id: string, document: Document): void {
    this.#read.add(keyOf(table, id));
    this.#writes.set(keyOf(table, id), document);
  }
}

/** What handlers get. */
export interface FakeCtx {
  readonly args: Record<string, unknown>;
  readonly scheduler: CtxScheduler;
  readonly backend: FakeBackend;
  /** Only in mutations. */
  readonly tx: FakeTransaction;
  log(text: string): void;
}

export interface FakeFunction {
  readonly kind: "query" | "mutation" | "action";
  handler(ctx: FakeCtx): unknown;
}

export const mutation = (handler: FakeFunction["handler"]): FakeFunction => ({
  kind: "mutation",
  handler,
});
export const action = (handler: FakeFunction["handler"]): FakeFunction => ({
  kind: "action",
  handler,
});
export const query = (handler: FakeFunction["handler"]): FakeFunction => ({
  kind: "query",
  handler,
});

export interface FakeOptions extends Partial<Omit<SchedulerOptions, "host" | "onNotice">> {
  /** By name with extension; a name in a component is `"component/mod.js:fn"`. */
  readonly functions?: Record<string, FakeFunction>;
  readonly seed?: string;
}

export class FakeBackend implements SchedulerHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly functions: Map<string, FakeFunction>;
  readonly notices: SchedulerNotice[] = [];
  versions: Versions = new Map();
  /** The keys that every commit wrote, oldest first. */
  log: string[][] = [];
  /** Called before every step that a real backend would wait for: a place to fail or to dawdle. */
  onStep: (step: "resolve" | "transact" | "commit" | "action") => void | Promise<void> = () => {};
  /** Set by `crash`: the process is gone, nothing it began goes on. */
  isDead = false;
  scheduler: Scheduler;
  #options: FakeOptions;
  #creationTime = 0;

  constructor(options: FakeOptions = {}, from?: FakeBackend) {
    this.#options = options;
    this.clock = options.clock ?? manualClock();
    this.random = options.random ?? from?.random.fork() ?? createRandom(options.seed ?? "fake");
    this.functions = from?.functions ?? new Map(Object.entries(options.functions ?? {}));
    if (from !== undefined) {
      this.versions = new Map(from.versions);
      this.log = [...from.log];
      this.#creationTime = from.#creationTime;
    }
    this.scheduler = Scheduler.start(this.schedulerOptions());
  }

  schedulerOptions(): SchedulerOptions {
    const { components = [""], crons = [], functions: _, seed: __, ...rest } = this.#options;
    return {
      ...rest,
      host: this,
      clock: this.clock,
      random: this.random,
      components,
      crons,
      onNotice: (notice) => this.notices.push(notice),
    };
  }

  /** The process dies here; a new one starts on what was durable. */
  crash(options: FakeOptions = {}): FakeBackend {
    this.isDead = true;
    void this.scheduler.close();
    return new FakeBackend(
      { ...this.#options, clock: this.clock, random: this.random, ...options },
      this,
    );
  }

  /** An independent copy of this moment, as `backend.fork()` would make it. */
  fork(clock: Clock): FakeBackend {
    const fork = new FakeBackend({ ...this.#options, clock, crons: [] }, this);
    void fork.scheduler.close();
    fork.scheduler = this.scheduler.fork(fork.schedulerOptions());
    return fork;
  }

  isEmpty(table: SystemTable): boolean {
    return [...new FakeTransaction(this).list(table)].length === 0;
  }

  async transact<T>(body: (tx: SystemTransaction) => T): Promise<T> {
    for (;;) {
      await this.#step("transact");
      const tx = new FakeTransaction(this);
      const result = attempt(() => body(tx));
      if (result !== undefined && (await this.commit(tx))) return result.value;
    }
  }

  async resolve(component: string, name: string): Promise<Resolution> {
    await this.#step("resolve");
    return this.resolveNow(component, name);
  }

  resolveNow(component: string, name: string): Resolution {
    const path = /\.js(:|$)/.test(name) ? name : name.replace(":", ".js:");
    const target = { component, name: path };
    const found = this.functions.get(component === "" ? path : `${component}/${path}`);
    if (found !== undefined) return { kind: found.kind, target };
    return { kind: "missing", target, error: `Couldn't find "${path}".\n` };
  }

  async runMutation(call: ScheduledCall, steps: MutationSteps): Promise<MutationOutcome> {
    for (;;) {
      await this.#step("transact");
      const tx = new FakeTransaction(this);
      const logs: string[] = [];
      try {
        if (!steps.begin(tx)) return { kind: "calledOff" };
        await this.#function(call).handler(this.#ctx(call, tx, logs));
        if (this.isDead) await never();
        steps.finish(tx);
      } catch (error) {
        if (error instanceof Conflict) continue;
        return { kind: "failed", error: rendered(error), logs };
      }
      if (await this.commit(tx)) return { kind: "success", logs };
    }
  }

  async runAction(call: ScheduledCall): Promise<RunOutcome> {
    await this.#step("action");
    const logs: string[] = [];
    try {
      await this.#function(call).handler(this.#ctx(call, undefined, logs));
      if (this.isDead) await never();
      return { kind: "success", logs };
    } catch (error) {
      return { kind: "failed", error: rendered(error), logs };
    }
  }

  /** Runs a mutation as a client would. */
  async mutate<T>(body: (ctx: FakeCtx) => T | Promise<T>, component = ""): Promise<T> {
    for (;;) {
      const tx = new FakeTransaction(this);
      const call = { target: { component, name: "client.js:mutate" }, args: [{}], job: undefined };
      try {
        const result = await body(this.#ctx(call, tx, []));
        if (await this.commit(tx)) return result;
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
  }

  /** Schedules one function as a client's mutation would. */
  schedule(name: string, delayMs = 0, args: Record<string, Value> = {}): Promise<string> {
    return this.mutate(({ scheduler }) => scheduler.runAfter(delayMs, name, args));
  }

  cancel(id: string): Promise<void> {
    return this.mutate(({ scheduler }) => scheduler.cancel(id));
  }

  /** @returns whether it committed; `false` after a conflict */
  async commit(tx: FakeTransaction): Promise<boolean> {
    await this.#step("commit");
    let changes: SystemChange[];
    try {
      changes = tx.changes();
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
    if (changes.length === 0) return true;
    this.log.push(changes.map(({ table, id }) => keyOf(table, id)));
    const seq = this.log.length;
    for (const { table, id, after } of changes) {
      this.versions.set(keyOf(table, id), { document: after as Document | undefined, seq });
    }
    this.scheduler?.onCommit(changes.filter(({ table }) => table.name.startsWith("_")));
    return true;
  }

  newId(table: string): string {
    return encodeId(tableNumbers[table] ?? 0, this.random.bytes(16));
  }

  newCreationTime(nowMs: number): number {
    this.#creationTime = Math.max(nowMs, this.#creationTime + 2 ** -12);
    return this.#creationTime;
  }

  /** Committed documents of a table, oldest first. */
  rows(table: string, component = ""): Document[] {
    return new FakeTransaction(this).list({ component, name: table });
  }

  job(id: string, component = ""): JobDocument | undefined {
    const { document } = this.versions.get(keyOf({ component, name: JOBS }, id)) ?? {};
    return document as unknown as JobDocument | undefined;
  }

  jobs(component = ""): JobDocument[] {
    return this.rows(JOBS, component) as unknown as JobDocument[];
  }

  advance(duration: Duration): Promise<AdvanceReport> {
    return this.scheduler.advance(duration);
  }

  settle(): Promise<AdvanceReport> {
    return this.scheduler.settle();
  }

  async #step(step: Parameters<FakeBackend["onStep"]>[0]): Promise<void> {
    await this.onStep(step);
    if (this.isDead) await never();
  }

  #function({ target: { component, name } }: ScheduledCall): FakeFunction {
    const found = this.functions.get(component === "" ? name : `${component}/${name}`);
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  }

  #ctx(call: ScheduledCall, tx: FakeTransaction | undefined, logs: string[]): FakeCtx {
    const { component } = call.target;
    return {
      args: structuredClone(call.args[0]) as Record<string, unknown>,
      backend: this,
      tx: tx as FakeTransaction,
      log: (text) => logs.push(`[LOG] '${text}'`),
      scheduler: createCtxScheduler({
        component,
        job: call.job,
        isJobsOwnTransaction: tx !== undefined && call.job?.kind === "mutation",
        now: () => tx?.nowMs ?? this.clock.now(),
        resolve: (address) => this.#target(component, address),
        parseArgs: (args) => canonicalCopy(args ?? {}),
        charge: () => {},
        transact: (body) => (tx === undefined ? this.transact(body) : promised(() => body(tx))),
        warn: (text) => logs.push(`[WARN] '${text}'`),
      }),
    };
  }

  #target(from: string, address: FunctionAddress) {
    const [, child, name] = address.reference?.split("/") ?? [undefined, from, address.name];
    const resolution = this.resolveNow(child ?? "", name ?? "");
    if (resolution.kind !== "missing") return resolution.target;
    const text = `Attempted to schedule function at nonexistent path: ${name}`;
    throw userError("FunctionNotFound", text);
  }
}

function keyOf(table: AnyTable, id: string): string {
  return `${table.component}/${table.name}/${id}`;
}

function attempt<T>(body: () => T): { value: T } | undefined {
  try {
    return { value: body() };
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}

async function promised<T>(body: () => T): Promise<T> {
  return body();
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function rendered(error: unknown): string {
  return error instanceof Error
    ? `Uncaught ${error.name}: ${error.message}\n`
    : `Uncaught ${error}\n`;
}
