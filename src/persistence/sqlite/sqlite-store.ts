/**
 * A claimed SQLite file as a store: one row a document, one transaction a write. Every write is
 * counted by SQLite itself and compared with what it should have been, so that a library or a disk
 * that only says it wrote is noticed before anything is acknowledged.
 */
import { must } from "../../shared/assert";
import type {
  FileBytes,
  MetaChange,
  PersistentStore,
  RowChange,
  StoredRow,
  WriteBatch,
} from "../persistence";
import { persistenceError, reasonOf } from "../persistence-error";
import { claimSqlite, explaining, releaseSqlite } from "./sqlite-claim";
import { sqliteFiles } from "./sqlite-files";
import type { SqliteHandle, SqliteStatement } from "./sqlite-handle";

export interface SqliteStoreOptions {
  readonly synchronous: "full" | "normal";
  readonly isLazy: boolean;
}

/** Rows read at a time. */
const BATCH_ROWS = 2_000;

/** @throws InvexError `PersistenceFailed` */
export function openSqliteStore(db: SqliteHandle, options: SqliteStoreOptions): PersistentStore {
  claimSqlite(db, options.synchronous);
  try {
    return explaining(() => new SqliteStore(db, options.isLazy));
  } catch (error) {
    release(db);
    throw error;
  }
}

/** A damaged file may not even be given back; what is wrong with it has been found already. */
function release(db: SqliteHandle): void {
  try {
    releaseSqlite(db);
  } catch {
    // The handle's owner closes it.
  }
}

class SqliteStore implements PersistentStore {
  readonly meta: ReadonlyMap<string, string>;
  readonly isLazy: boolean;
  readonly files: FileBytes;
  readonly #db: SqliteHandle;
  readonly #read: SqliteStatement;
  readonly #writes: Readonly<Record<RowChange["change"], SqliteStatement>>;
  readonly #setMeta: SqliteStatement;
  readonly #total: SqliteStatement;

  constructor(db: SqliteHandle, isLazy: boolean) {
    this.#db = db;
    this.isLazy = isLazy;
    this.meta = readMeta(db);
    this.files = sqliteFiles(db);
    this.#read = db.prepare(
      `SELECT id, text FROM invex_rows WHERE tbl = ? AND id > ? ORDER BY id LIMIT ${BATCH_ROWS}`,
    );
    this.#writes = {
      insert: db.prepare("INSERT INTO invex_rows (text, tbl, id) VALUES (?, ?, ?)"),
      update: db.prepare("UPDATE invex_rows SET text = ? WHERE tbl = ? AND id = ?"),
      delete: db.prepare("DELETE FROM invex_rows WHERE tbl = ? AND id = ?"),
    };
    this.#setMeta = db.prepare(
      "INSERT INTO invex_meta (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
    );
    this.#total = db.prepare("SELECT total_changes() AS total");
  }

  *rows(table: number): Iterable<readonly StoredRow[]> {
    let last = "";
    while (true) {
      // In pages, because an open cursor would keep the connection busy.
      const batch = this.#readAfter(table, last);
      if (batch.length > 0) yield batch;
      if (batch.length < BATCH_ROWS) return;
      last = must(batch.at(-1)).id;
    }
  }

  write({ rows, meta }: WriteBatch): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const before = this.#totalChanges();
      for (const row of rows) this.#writeRow(row);
      for (const change of meta) this.#writeMeta(change);
      this.#mustHaveChanged(this.#totalChanges() - before, rows.length + meta.length);
      this.#db.exec("COMMIT");
    } catch (cause) {
      this.#rollBack();
      throw cause;
    }
    this.#mustBeCommitted();
  }

  close(): void {
    releaseSqlite(this.#db);
  }

  #readAfter(table: number, id: string): StoredRow[] {
    try {
      return this.#read.all(table, id) as StoredRow[];
    } catch (cause) {
      throw persistenceError(
        "damaged",
        `This SQLite file is damaged: rows of table ${table} after id "${id}" cannot be read (${reasonOf(cause)}). Nothing was changed.`,
        { table, id },
        cause,
      );
    }
  }

  #writeRow({ table, id, change, text }: RowChange): void {
    const statement = this.#writes[change];
    const { changes } =
      text === undefined ? statement.run(table, id) : statement.run(text, table, id);
    if (Number(changes) === 1) return;
    throw persistenceError(
      "failed",
      `The SQLite file is not as this backend left it: ${change} of row "${id}" changed ${changes} rows.`,
      { table, id },
    );
  }

  #writeMeta({ name, text }: MetaChange): void {
    this.#setMeta.run(name, text);
  }

  #totalChanges(): number {
    const [row] = this.#total.all() as { total: number | bigint }[];
    return Number(row?.total);
  }

  #mustHaveChanged(changed: number, expected: number): void {
    if (changed === expected) return;
    throw persistenceError(
      "failed",
      `SQLite changed ${changed} rows where it was told to change ${expected}.`,
    );
  }

  /** A commit that was only said to have happened leaves the transaction open. */
  #mustBeCommitted(): void {
    const isOpen = this.#db.inTransaction ?? this.#db.isTransaction ?? this.#rollBack();
    if (!isOpen) return;
    this.#rollBack();
    throw persistenceError("failed", "SQLite said it had committed, but had not.");
  }

  /** @returns whether there was a transaction to roll back */
  #rollBack(): boolean {
    try {
      this.#db.exec("ROLLBACK");
      return true;
    } catch {
      // None was open: SQLite rolls back by itself after some errors.
      return false;
    }
  }
}

function readMeta(db: SqliteHandle): Map<string, string> {
  const rows = db.prepare("SELECT name, text FROM invex_meta").all() as MetaChange[];
  return new Map(rows.map(({ name, text }) => [name, text]));
}
