/** Turns commits into writes of a store: the last state of every document, and what the store knows of itself. */
import type { CommitRecord, DocumentChange } from "../db/commit-record";
import type { CommitSink } from "../db/committer";
import type { Database } from "../db/database";
import type { TablePlan } from "../db/table-plan";
import { must } from "../shared/assert";
import { type InvexError, isInvexError } from "../shared/errors";
import { rowText } from "./document-row";
import { type LoadedBytes, loadedSize } from "./loaded-bytes";
import type { MetaChange, PersistentStore, RowChange, RowChangeKind } from "./persistence";
import { momentChange } from "./store-header";
import type { StoredTables } from "./stored-tables";

export class CommitWriter implements CommitSink {
  readonly #store: PersistentStore;
  readonly #tables: StoredTables;
  readonly #database: Database;
  readonly #loaded: LoadedBytes;
  /** What a new store begins with, until it is written. */
  #beginning: readonly MetaChange[];

  constructor(options: {
    readonly store: PersistentStore;
    readonly tables: StoredTables;
    readonly loaded: LoadedBytes;
    readonly database: Database;
    readonly beginning: readonly MetaChange[];
  }) {
    this.#store = options.store;
    this.#tables = options.tables;
    this.#loaded = options.loaded;
    this.#database = options.database;
    this.#beginning = options.beginning;
  }

  refusal({ changes }: CommitRecord): InvexError | undefined {
    if (!this.#loaded.isBounded) return undefined;
    try {
      // Read now, if they were not yet: a table there is no room for must not be written to.
      for (const { table } of changes) this.#database.storeOf(table);
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return error;
    }
    const growth = growthOf(changes.filter(({ table }) => table.visibility === "user"));
    return this.#loaded.refusalOf(growth);
  }

  append(records: readonly CommitRecord[]): void | Promise<void> {
    for (const { changes } of records) this.#loaded.add(growthOf(changes));
    const rows = this.#rowsOf(records);
    const { ts } = must(records.at(-1));
    const moment = momentChange({ ts, creationTime: this.#database.lastCreationTime });
    const meta = [...this.#beginning, ...this.#tables.takeChanges(), moment];
    this.#beginning = [];
    return this.#store.write({ rows, meta });
  }

  #rowsOf(records: readonly CommitRecord[]): RowChange[] {
    const spans = new Map<string, Span>();
    for (const { changes, createdTables, droppedTables = [] } of records) {
      for (const change of changes) this.#extend(spans, change);
      for (const plan of droppedTables) this.#tables.drop(plan);
      // Without a document too: its number is known from now on.
      for (const plan of createdTables) this.#keyOf(plan);
    }
    const rows: RowChange[] = [];
    for (const { table, first, last } of spans.values()) {
      const change = kindOf(first, last);
      if (change === undefined) continue;
      const row = { table, id: last.id, change };
      rows.push(last.after === undefined ? row : { ...row, text: rowText(last.after) });
    }
    return rows;
  }

  #extend(spans: Map<string, Span>, change: DocumentChange): void {
    // Read now, if it was not yet: after the write it would be read with what is written here.
    this.#database.storeOf(change.table);
    const table = this.#keyOf(change.table);
    const key = `${table} ${change.id}`;
    spans.set(key, { table, first: spans.get(key)?.first ?? change, last: change });
  }

  #keyOf(plan: TablePlan): number {
    return this.#tables.keyOf(plan, this.#database.catalog.of(plan.component));
  }
}

/** In bytes of memory, about. */
function growthOf(changes: readonly DocumentChange[]): number {
  let bytes = 0;
  for (const { oldVersion, newVersion } of changes) {
    if (newVersion !== undefined) bytes += loadedSize(newVersion.size);
    if (oldVersion !== undefined) bytes -= loadedSize(oldVersion.size);
  }
  return bytes;
}

/** One row's first and last change among the commits written together. */
interface Span {
  readonly table: number;
  readonly first: DocumentChange;
  readonly last: DocumentChange;
}

/** `undefined`: came and went in between. */
function kindOf(first: DocumentChange, last: DocumentChange): RowChangeKind | undefined {
  if (first.before === undefined) return last.after === undefined ? undefined : "insert";
  return last.after === undefined ? "delete" : "update";
}
