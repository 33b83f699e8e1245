/** What the third argument of `ctx.runQuery` and `ctx.runMutation` may say (engine.md 6.3, 7.3). */
import type { TransactionLimits } from "../db/limits";

export interface NestedCallOptions {
  /** Lower limits for the nested call; never above what the caller has left. */
  readonly transactionLimits?: Partial<TransactionLimits>;
  /** Runs a query on the transaction's snapshot, without its own writes and without recording reads. */
  readonly useStaleSnapshot?: boolean;
}
