/**
 * Turns a finished transaction into a commit, or says that it lost a conflict.
 *
 * Commits are decided one at a time, made durable in order, and become visible in order. A mutation
 * that lost a conflict runs again while it holds the turn: nobody else commits meanwhile, so it
 * cannot lose twice (law 4).
 */
import { assert } from "../shared/assert";
import { type InvexError, systemError } from "../shared/errors";
import type { CommitRecord } from "./commit-record";
import { type Conflict, findConflict } from "./conflict";
import type { Database } from "./database";
import { resolveCommitTs } from "./resolve-commit-ts";
import type { Timestamp } from "./timestamp";
import type { Transaction } from "./transaction";

/** Where commits are made durable. */
export interface CommitSink {
  /**
   * Durable, in this order and all or none, when it returns or its promise resolves. A throw or a
   * rejection means the disk's state is unknown: the committer stops for good.
   */
  append(records: readonly CommitRecord[]): void | Promise<void>;
  /** Why a commit may not be, when it may not. Asked before anything is decided. */
  refusal?(record: CommitRecord): InvexError | undefined;
}

export type CommitOutcome =
  | { readonly kind: "committed"; readonly ts: Timestamp; readonly record?: CommitRecord }
  | { readonly kind: "conflict"; readonly conflict: Conflict };

/** What a commit will have done, made without a transaction by whoever holds the turn. */
export type PreparedCommit = Pick<CommitRecord, "changes" | "createdTables" | "droppedTables">;

/** The exclusive right to commit. Release it, whatever happens. */
export interface Turn {
  release(): void;
}

interface InFlight {
  readonly record: CommitRecord;
  readonly settle: (error: InvexError | undefined) => void;
}

export class Committer {
  readonly #database: Database;
  readonly #sink: CommitSink | undefined;
  #holder: Turn | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Decided but not yet durable, in order. */
  #inFlight: InFlight[] = [];
  #isFlushing = false;
  #lastDecided: Timestamp;
  #failure: InvexError | undefined;

  constructor(database: Database, sink?: CommitSink) {
    this.#database = database;
    this.#sink = sink;
    this.#lastDecided = database.latest;
  }

  /**
   * Commits and closes `tx`. Synchronous unless somebody else holds the turn or the sink is
   * asynchronous. A transaction without writes never conflicts (engine.md 6.1).
   * @param source the function's path, for others' error texts
   * @param turn the caller's own turn, if it holds it
   */
  commit(tx: Transaction, source?: string, turn?: Turn): CommitOutcome | Promise<CommitOutcome> {
    if (!tx.hasWrites) {
      tx.close();
      return { kind: "committed", ts: tx.snapshot.ts };
    }
    if (this.#holder === undefined || this.#holder === turn) return this.#decide(tx, source);
    return this.#commitWhenFree(tx, source);
  }

  /**
   * Commits what was prepared since `turn` was taken, so that nothing can conflict with it. Every
   * change must be right: documents checked, versions before those of the latest commit.
   */
  commitPrepared(prepared: PreparedCommit, turn: Turn): CommitOutcome | Promise<CommitOutcome> {
    assert(this.#holder === turn, "only the holder of the turn may commit what it has prepared");
    if (this.#failure !== undefined) throw this.#failure;
    return this.#conclude({ ...prepared, ts: this.#nextTs() });
  }

  /** Waits for the turn, first come first served; everything decided before is visible by then. */
  async takeTurn(): Promise<Turn> {
    while (this.#holder !== undefined) await this.#whenFree();
    const turn: Turn = { release: () => this.#release(turn) };
    this.#holder = turn;
    if (this.#inFlight.length > 0) await this.#drained();
    return turn;
  }

  /** Resolves when everything decided is visible, or could not be made durable. */
  async settled(): Promise<void> {
    if (this.#inFlight.length > 0) await this.#drained();
  }

  /** Stops all further commits. */
  stop(failure: InvexError): void {
    this.#failure ??= failure;
  }

  async #commitWhenFree(tx: Transaction, source: string | undefined): Promise<CommitOutcome> {
    while (this.#holder !== undefined) await this.#whenFree();
    return this.#decide(tx, source);
  }

  #decide(tx: Transaction, source: string | undefined): CommitOutcome | Promise<CommitOutcome> {
    if (this.#failure !== undefined) {
      tx.close();
      throw this.#failure;
    }
    const conflict = this.#conflictOf(tx);
    if (conflict !== undefined) {
      tx.close();
      return { kind: "conflict", conflict };
    }
    const ts = this.#nextTs();
    const record: CommitRecord = {
      ts,
      changes: tx.usesCommitTs ? resolveCommitTs(tx.changes(), ts) : tx.changes(),
      createdTables: tx.createdTables,
      source,
    };
    // Before it is applied: the transaction's own snapshot must not force copies of what it writes.
    tx.close();
    return this.#conclude(record);
  }

  #nextTs(): Timestamp {
    return this.#lastDecided.next(this.#database.clock.now());
  }

  #conclude(record: CommitRecord): CommitOutcome | Promise<CommitOutcome> {
    const refusal = this.#sink?.refusal?.(record);
    if (refusal !== undefined) throw refusal;
    this.#lastDecided = record.ts;
    this.#database.remember(record);
    return this.#makeDurable(record);
  }

  #conflictOf(tx: Transaction): Conflict | undefined {
    const since = this.#database.decidedSince(tx.snapshot.ts.seq);
    if (since.length === 0) return undefined;
    for (const table of tx.createdTables) {
      // Another new table took the number that is in our ids.
      if (this.#database.planNumbered(table.component, table.number) !== undefined) {
        return { record: since[since.length - 1] as CommitRecord, table };
      }
    }
    return findConflict(tx.reads, since);
  }

  #makeDurable(record: CommitRecord): CommitOutcome | Promise<CommitOutcome> {
    const outcome: CommitOutcome = { kind: "committed", ts: record.ts, record };
    if (this.#sink === undefined) {
      this.#database.publish(record);
      return outcome;
    }
    return new Promise((resolve, reject) => {
      const settle = (error: InvexError | undefined) => (error ? reject(error) : resolve(outcome));
      this.#inFlight.push({ record, settle });
      if (!this.#isFlushing) void this.#flush(this.#sink as CommitSink);
    });
  }

  /** Writes whatever has gathered, batch after batch. */
  async #flush(sink: CommitSink): Promise<void> {
    this.#isFlushing = true;
    // One microtask later, so that commits of one turn of the event loop share a batch.
    await undefined;
    while (this.#inFlight.length > 0 && this.#failure === undefined) {
      // A copy: what is decided while the sink works belongs to the next batch.
      const batch = [...this.#inFlight];
      try {
        await sink.append(batch.map(({ record }) => record));
      } catch (cause) {
        this.#failure = systemError(
          "PersistenceFailed",
          `The backend has stopped: its storage failed while committing. ${String(cause)}`,
          { problem: "failed", cause },
        );
        break;
      }
      this.#inFlight = this.#inFlight.slice(batch.length);
      for (const { record, settle } of batch) {
        this.#database.publish(record);
        settle(undefined);
      }
    }
    this.#isFlushing = false;
    const abandoned = this.#inFlight;
    this.#inFlight = [];
    for (const { settle } of abandoned) settle(this.#failure);
    this.#wakeDrained();
  }

  readonly #drainWaiters: (() => void)[] = [];

  #drained(): Promise<void> {
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  #wakeDrained(): void {
    for (const wake of this.#drainWaiters.splice(0)) wake();
  }

  #whenFree(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(turn: Turn): void {
    if (this.#holder !== turn) return;
    this.#holder = undefined;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
