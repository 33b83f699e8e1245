/** Transactions of the engine's own, between those of functions. */
import type { Committer, Turn } from "../db/committer";
import type { Database } from "../db/database";
import type { Transaction } from "../db/transaction";
import { systemError } from "../shared/errors";

export interface OwnTransactions {
  readonly database: Database;
  readonly committer: Committer;
}

/**
 * Runs `body` and commits what it wrote; runs it once more, alone, when that lost a conflict.
 * Rejects with what `body` throws, nothing having been written then.
 */
export async function transact<T>(
  { database, committer }: OwnTransactions,
  body: (tx: Transaction) => T,
): Promise<T> {
  const attempt = async (turn?: Turn) => {
    const tx = database.begin();
    const result = runIn(tx, body);
    const outcome = await committer.commit(tx, undefined, turn);
    return { result, isCommitted: outcome.kind === "committed" };
  };
  const first = await attempt();
  if (first.isCommitted) return first.result;
  const turn = await committer.takeTurn();
  try {
    const second = await attempt(turn);
    if (second.isCommitted) return second.result;
    throw systemError("InternalError", "a transaction lost a conflict while it held the turn");
  } finally {
    turn.release();
  }
}

/** Runs `body`, which only reads, on the newest version. */
export function readNow<T>({ database }: OwnTransactions, body: (tx: Transaction) => T): T {
  const tx = database.begin();
  const result = runIn(tx, body);
  tx.close();
  return result;
}

function runIn<T>(tx: Transaction, body: (tx: Transaction) => T): T {
  try {
    return body(tx);
  } catch (error) {
    tx.close();
    throw error;
  }
}
