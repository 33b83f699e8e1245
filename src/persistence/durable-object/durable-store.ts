/**
 * The SQLite database of a Durable Object as a store: one row a document, one `transactionSync` a
 * write, statements of many rows. What a write changed is counted, so a database that is not as this
 * backend left it is noticed before anything is acknowledged.
 *
 * A write that fails resets the object: what it holds in memory is not what is stored.
 */
import type {
  FileBytes,
  MetaChange,
  PersistentStore,
  RowChange,
  StoredRow,
  WriteBatch,
} from "../persistence";
import { persistenceError, reasonOf } from "../persistence-error";
import {
  type DurableContext,
  type DurableSql,
  MAX_BINDINGS,
  type SqlValue,
  slices,
} from "./durable-storage";
import { LongTexts } from "./long-texts";

/** The names of our tables. Without row ids: a row is one write, and writes are what is billed. */
const TABLES: Readonly<Record<string, string>> = {
  invex_meta: "name TEXT PRIMARY KEY, text TEXT NOT NULL",
  // `text` is the document, or the number of parts that `invex_long` has of it.
  invex_rows: "tbl INTEGER, id TEXT, text NOT NULL, PRIMARY KEY (tbl, id)",
  invex_long: "tbl INTEGER, id TEXT, part INTEGER, text TEXT NOT NULL, PRIMARY KEY (tbl, id, part)",
  invex_files: "id TEXT, chunk INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (id, chunk)",
};

/** Rows handed on at a time. */
const BATCH_ROWS = 500;

/** Characters handed on at a time, about: a batch is in memory twice. */
const BATCH_UNITS = 1_000_000;

export interface DurableStoreOptions {
  readonly maxBytes: number;
  readonly files: (sql: DurableSql) => FileBytes;
  readonly onClose: () => void;
}

interface WriteStatement {
  readonly head: string;
  readonly tail: string;
}

const STATEMENTS = {
  insert: { head: "INSERT INTO invex_rows (tbl, id, text) VALUES ", tail: "" },
  update: {
    head: "WITH changed (tbl, id, text) AS (VALUES ",
    tail: ") UPDATE invex_rows SET text = changed.text FROM changed WHERE invex_rows.tbl = changed.tbl AND invex_rows.id = changed.id",
  },
  delete: { head: "DELETE FROM invex_rows WHERE (tbl, id) IN (VALUES ", tail: ")" },
  meta: {
    head: "INSERT INTO invex_meta (name, text) VALUES ",
    tail: " ON CONFLICT (name) DO UPDATE SET text = excluded.text",
  },
} as const satisfies Record<string, WriteStatement>;

export class DurableStore implements PersistentStore {
  readonly meta: ReadonlyMap<string, string>;
  readonly isLazy = true;
  readonly maxBytes: number;
  readonly files: FileBytes;
  readonly #context: DurableContext;
  readonly #sql: DurableSql;
  readonly #long: LongTexts;
  readonly #onClose: () => void;

  constructor(context: DurableContext, { maxBytes, files, onClose }: DurableStoreOptions) {
    this.#context = context;
    this.#sql = context.storage.sql;
    for (const [name, columns] of Object.entries(TABLES)) {
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns}) WITHOUT ROWID`);
    }
    this.maxBytes = maxBytes;
    this.meta = readMeta(this.#sql);
    this.#long = new LongTexts(this.#sql);
    this.files = files(this.#sql);
    this.#onClose = onClose;
  }

  *rows(table: number): Iterable<readonly StoredRow[]> {
    let batch: StoredRow[] = [];
    let units = 0;
    for (const row of this.#read(table)) {
      batch.push(row);
      units += row.text.length;
      if (batch.length < BATCH_ROWS && units < BATCH_UNITS) continue;
      yield batch;
      batch = [];
      units = 0;
    }
    if (batch.length > 0) yield batch;
  }

  write({ rows, meta }: WriteBatch): void {
    try {
      this.#context.storage.transactionSync(() => {
        for (const row of rows) this.#long.remove(row);
        this.#insert(rows.filter(({ change }) => change === "insert"));
        this.#update(rows.filter(({ change }) => change === "update"));
        this.#delete(rows.filter(({ change }) => change === "delete"));
        this.#setMeta(meta);
      });
    } catch (cause) {
      this.#context.abort(`Invex: a commit could not be stored: ${reasonOf(cause)}`);
      throw cause;
    }
  }

  close(): void {
    this.#onClose();
  }

  *#read(table: number): Generator<StoredRow> {
    try {
      const cursor = this.#sql.exec("SELECT id, text FROM invex_rows WHERE tbl = ?", table);
      for (const [id, text] of cursor.raw() as Iterable<[string, string | number]>) {
        yield { id, text: typeof text === "string" ? text : this.#long.read({ table, id }) };
      }
    } catch (cause) {
      throw persistenceError(
        "damaged",
        `Rows of table ${table} cannot be read: ${reasonOf(cause)}. Nothing was changed.`,
        { table },
        cause,
      );
    }
  }

  #insert(rows: readonly RowChange[]): void {
    this.#run(
      STATEMENTS.insert,
      rows.map((row) => this.#valuesOf(row)),
    );
  }

  #update(rows: readonly RowChange[]): void {
    this.#run(
      STATEMENTS.update,
      rows.map((row) => this.#valuesOf(row)),
    );
  }

  #delete(rows: readonly RowChange[]): void {
    this.#run(
      STATEMENTS.delete,
      rows.map(({ table, id }) => [table, id]),
    );
  }

  #setMeta(changes: readonly MetaChange[]): void {
    this.#run(
      STATEMENTS.meta,
      changes.map(({ name, text }) => [name, text]),
    );
  }

  #valuesOf(row: RowChange): SqlValue[] {
    const text = row.text ?? "";
    const parts = LongTexts.parts(text);
    if (parts > 0) this.#long.write(row, text);
    return [row.table, row.id, parts > 0 ? parts : text];
  }

  /** One statement for as many rows as it can bind, each of which must change one row. */
  #run({ head, tail }: WriteStatement, rows: readonly SqlValue[][]): void {
    const width = rows[0]?.length ?? 1;
    const tuple = `(${Array(width).fill("?").join()})`;
    for (const slice of slices(rows, Math.floor(MAX_BINDINGS / width))) {
      const query = head + Array(slice.length).fill(tuple).join() + tail;
      const { rowsWritten } = this.#sql.exec(query, ...slice.flat());
      if (rowsWritten !== slice.length) throw notAsLeft(head, slice.length, rowsWritten);
    }
  }
}

function notAsLeft(statement: string, expected: number, changed: number) {
  return persistenceError(
    "failed",
    `The object's storage is not as this backend left it: "${statement}…" changed ${changed} rows where it was to change ${expected}.`,
  );
}

function readMeta(sql: DurableSql): Map<string, string> {
  const rows = sql.exec("SELECT name, text FROM invex_meta").raw() as Iterable<[string, string]>;
  return new Map(rows);
}
