/**
 * What the scheduler needs of the layers above and beside it: transactions on its own tables, and
 * somebody who runs functions. `backend.ts` hands both in. The scheduler owes them in turn:
 * `Scheduler.onCommit` must be told of every commit that touched its tables.
 */
import type { Value, ValueObject } from "../values/value";

/** A table that only this layer writes, one of each in every component instance. */
export interface SystemTable {
  /** Path of the component instance; "" is the app. */
  readonly component: string;
  readonly name: typeof JOBS | typeof CRONS;
}

/** Scheduled functions, readable through `ctx.db.system`. */
export const JOBS = "_scheduled_functions";
/** Crons and when they run next; invisible to users. */
export const CRONS = "_cron_jobs";

/** A document of a {@link SystemTable}. The store's own: never changed, not handed to users. */
export interface StoredDocument {
  readonly _id: string;
  readonly _creationTime: number;
  readonly [field: string]: Value | undefined;
}

/**
 * A transaction as far as the scheduler writes in it. Serializable like any other: what is read here
 * is part of its read set, what is written becomes visible with everything else or not at all.
 * Synchronous. Costs nothing of a user's transaction limits.
 */
export interface SystemTransaction {
  get(table: SystemTable, id: string): StoredDocument | undefined;
  /** @returns the new document's id. `fields` stays the caller's. */
  insert(table: SystemTable, fields: ValueObject): string;
  /** Sets the given fields. The document exists. */
  patch(table: SystemTable, id: string, fields: ValueObject): void;
  /** The document exists. */
  remove(table: SystemTable, id: string): void;
  /** Whether `id`, well-formed, is one of that table's, with or without a document. */
  owns(table: SystemTable, id: string): boolean;
  /** Every document in order of creation; reads the whole table. Used when starting only. */
  list(table: SystemTable): Iterable<StoredDocument>;
}

/** A change of a document of a {@link SystemTable}, as a commit made it. */
export interface SystemChange {
  readonly table: SystemTable;
  readonly id: string;
  /** `undefined` for an insert. */
  readonly before: StoredDocument | undefined;
  /** `undefined` for a removal. */
  readonly after: StoredDocument | undefined;
}

/** A function in a component instance. */
export interface FunctionTarget {
  readonly component: string;
  /** With its extension, as jobs record it: `"messages.js:send"`. */
  readonly name: string;
}

export type FunctionKind = "query" | "mutation" | "action" | "httpAction";

/** What a name leads to. `error` says, as a caller would be told, why it leads nowhere. */
export type Resolution =
  | { readonly kind: FunctionKind; readonly target: FunctionTarget }
  | { readonly kind: "missing"; readonly target: FunctionTarget; readonly error: string };

/** One run of a function on behalf of a job or a cron. It has no identity. */
export interface ScheduledCall {
  readonly target: FunctionTarget;
  /** An array of one arguments object. The store's own: the handler gets a copy. */
  readonly args: readonly Value[];
  /** The job, for `getRequestMetadata()` and as the parent of what the run schedules; absent for crons. */
  readonly job: RunningJob | undefined;
}

/** Where a job's document is. */
export interface JobReference {
  readonly component: string;
  readonly id: string;
}

/** A job that runs, with the kind of its function. */
export interface RunningJob extends JobReference {
  readonly kind: "mutation" | "action";
}

/** How a run ended. Logs are lines in wire form (functions.md 8.4). */
export type RunOutcome =
  | { readonly kind: "success"; readonly logs: readonly string[] }
  | { readonly kind: "failed"; readonly error: string; readonly logs: readonly string[] };

/** What a scheduled mutation does to the scheduler's own tables, in the mutation's transaction. */
export interface MutationSteps {
  /**
   * Called first in every attempt, before arguments are checked.
   * @returns `false` calls the run off: the transaction is dropped and the handler not called.
   */
  begin(tx: SystemTransaction): boolean;
  /** Called last, after the handler and the check of its result, right before the commit. */
  finish(tx: SystemTransaction): void;
}

export type MutationOutcome = RunOutcome | { readonly kind: "calledOff" };

/** Runs functions and commits transactions. */
export interface SchedulerHost {
  /** Whether no committed document is in `table`. O(1), records no read. */
  isEmpty(table: SystemTable): boolean;

  /**
   * Runs `body` in a transaction of its own and commits it. Conflicts are retried inside, `body`
   * with them, so it must not have effects outside `tx`.
   * Resolves when the commit is durable and visible. Rejects when nothing was committed.
   */
  transact<T>(body: (tx: SystemTransaction) => T): Promise<T>;

  /** What `name`, with or without extension, is in `component`. Rejects only on internal errors. */
  resolve(component: string, name: string): Promise<Resolution>;

  /**
   * Runs a mutation and `steps` as ONE transaction. Conflicts are retried inside, everything with
   * them. `success` means all of it is durable and visible; `failed` (the function threw, its
   * arguments or result were refused, a limit was hit) and `calledOff` mean nothing of it is.
   * Rejects when nothing was committed for a reason that is not the function's: it will be run again.
   */
  runMutation(call: ScheduledCall, steps: MutationSteps): Promise<MutationOutcome>;

  /** Runs an action, once. Rejects only on internal errors, which count as the action's failure. */
  runAction(call: ScheduledCall): Promise<RunOutcome>;
}

/** Something worth telling whoever operates the backend. */
export interface SchedulerNotice {
  readonly level: "INFO" | "WARN" | "ERROR";
  readonly message: string;
  readonly component: string;
  /** The function concerned, as jobs record it. */
  readonly function: string;
}
