/**
 * A claimed store as one backend uses it: what it held when it was opened, how its tables are read,
 * and how commits are written. Nothing is written before the first commit.
 */

import type { CommitSink } from "../db/committer";
import type { Database } from "../db/database";
import { CommitWriter } from "./commit-writer";
import { LoadedBytes } from "./loaded-bytes";
import type { FileBytes, PersistentStore } from "./persistence";
import { headerChanges, readHeader, type StoredMoment } from "./store-header";
import { StoredTables } from "./stored-tables";
import { TableLoader } from "./table-loader";

export class OpenedStore {
  /** Of earlier lives of the store; `undefined` for a new one. */
  readonly secret: Uint8Array | undefined;
  readonly moment: StoredMoment | undefined;
  readonly tables: StoredTables;
  readonly loader: TableLoader;
  readonly #store: PersistentStore;
  readonly #loaded: LoadedBytes;

  /** @throws InvexError `PersistenceFailed` when it is not what this version of Invex wrote */
  constructor(store: PersistentStore) {
    const header = readHeader(store.meta);
    this.#store = store;
    this.secret = header?.secret;
    this.moment = header?.moment;
    this.tables = new StoredTables(header?.tables ?? [], header?.lastTableKey);
    this.#loaded = new LoadedBytes(store.maxBytes);
    this.loader = new TableLoader(store, this.tables, this.#loaded);
  }

  get files(): FileBytes {
    return this.#store.files;
  }

  /** Where the commits of `database`, which was loaded from here, go. */
  writer(database: Database, secret: Uint8Array): CommitSink {
    const moment = { ts: database.latest, creationTime: database.lastCreationTime };
    const beginning = this.moment === undefined ? headerChanges(secret, moment) : [];
    return new CommitWriter({
      store: this.#store,
      tables: this.tables,
      loaded: this.#loaded,
      database,
      beginning,
    });
  }

  close(): void | Promise<void> {
    return this.#store.close();
  }
}
