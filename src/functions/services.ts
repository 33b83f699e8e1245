/**
 * What `ctx` offers beyond the database: ports, implemented by the storage and scheduler layers and
 * by search, handed in by `backend.ts`.
 */
import type { CommitRecord } from "../db/commit-record";
import type { Transaction } from "../db/transaction";
import type { Scheduler } from "../server/scheduler";
import type { StorageActionWriter, StorageReader, StorageWriter } from "../server/storage";
import type { ActionCall } from "./action-call";
import type { TransactionFrame } from "./transaction-frame";

export interface FunctionServices {
  /** `ctx.storage` of a query. */
  storageReader(frame: TransactionFrame): StorageReader;
  /** `ctx.storage` of a mutation: takes part in its transaction. */
  storageWriter(frame: TransactionFrame): StorageWriter;
  /** `ctx.storage` of an action: each call a transaction of its own. */
  storageActionWriter(call: ActionCall): StorageActionWriter;
  /** Told when a mutation's transaction is over; `record` is what it committed, if anything. */
  transactionEnded(tx: Transaction, record: CommitRecord | undefined): void;
  /** `ctx.scheduler` of a mutation: jobs exist if it commits. */
  transactionScheduler(frame: TransactionFrame): Scheduler;
  /** `ctx.scheduler` of an action: jobs exist at once. */
  actionScheduler(call: ActionCall): Scheduler;
  /** `ctx.auth.signJwt` of a mutation. */
  signJwt(frame: TransactionFrame, options: unknown): Promise<string>;
  vectorSearch(call: ActionCall, table: string, index: string, query: unknown): Promise<unknown>;
}
