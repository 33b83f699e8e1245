/**
 * The one way to a database that is ours: every read and write goes through here, is refused once the
 * database or the claim has been lost, and fails in words of ours.
 */
import type { IDBPDatabase, IDBPTransaction, StoreNames } from "idb";
import { persistenceError } from "../persistence-error";
import type { Claim } from "./indexeddb-claim";
import type { OpenedDatabase, Stores } from "./indexeddb-database";
import { explained } from "./indexeddb-failure";

export type Durability = "strict" | "relaxed";

export class IndexedDbAccess {
  readonly #opened: OpenedDatabase;
  readonly #claim: Claim;
  readonly #durability: Durability;

  constructor(opened: OpenedDatabase, claim: Claim, durability: Durability) {
    this.#opened = opened;
    this.#claim = claim;
    this.#durability = durability;
  }

  /** @throws InvexError `PersistenceFailed` */
  async read<T>(work: (database: IDBPDatabase<Stores>) => Promise<T>): Promise<T> {
    try {
      return await work(this.#opened.database);
    } catch (cause) {
      throw this.#whatHappened(cause);
    }
  }

  /**
   * One transaction, of all requests that `work` makes at once.
   * @throws InvexError `PersistenceFailed`, and then none of it is there
   */
  async write<Name extends StoreNames<Stores>>(
    names: Name[],
    work: (tx: IDBPTransaction<Stores, Name[], "readwrite">) => Promise<unknown>[],
  ): Promise<void> {
    this.#mustHave();
    try {
      const options = { durability: this.#durability };
      const tx = this.#opened.database.transaction(names, "readwrite", options);
      const requests = attempt(tx, work);
      // All have been made: the browser need not wait for more.
      tx.commit();
      await Promise.all([...requests, tx.done]);
    } catch (cause) {
      throw this.#whatHappened(cause);
    }
  }

  /** Others can have it then. What is being written is still written. */
  async close(): Promise<void> {
    this.#opened.database.close();
    await this.#claim.release();
  }

  #mustHave(): void {
    const { database, isTerminated } = this.#opened;
    this.#claim.mustHold();
    if (isTerminated()) throw terminated(database.name);
  }

  /** A database that was closed under a transaction fails in words that mislead. */
  #whatHappened(cause: unknown): unknown {
    try {
      this.#mustHave();
    } catch (lost) {
      return lost;
    }
    return explained(cause);
  }
}

/** When not all requests could be made, none count. */
function attempt<Tx extends { abort(): void; readonly done: Promise<void> }>(
  tx: Tx,
  work: (tx: Tx) => Promise<unknown>[],
): Promise<unknown>[] {
  try {
    return work(tx);
  } catch (error) {
    tx.done.catch(() => undefined);
    tx.abort();
    throw error;
  }
}

function terminated(name: string) {
  return persistenceError(
    "failed",
    `The browser has closed the IndexedDB database "${name}", as it does when somebody clears the site's data. Reload the page to begin again.`,
    { name },
  );
}
