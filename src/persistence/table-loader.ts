/**
 * Reads a store's tables into a database: parsed row by row, and checked against the schema when it
 * is another than the one they were checked against last. Each table is read once.
 */
import type { Database, TableSource } from "../db/database";
import type { Document } from "../db/document";
import type { TablePlan } from "../db/table-plan";
import { userError } from "../shared/errors";
import { readDocument } from "./document-row";
import { type LoadedBytes, loadedSize } from "./loaded-bytes";
import type { PersistentStore } from "./persistence";
import { type StoredTables, validatorOf } from "./stored-tables";

export class TableLoader implements TableSource {
  readonly #store: PersistentStore;
  readonly #tables: StoredTables;
  /** Those that were there at the beginning and nobody has asked for. */
  readonly #unread: Set<number>;
  readonly #loaded: LoadedBytes;

  constructor(store: PersistentStore, tables: StoredTables, loaded: LoadedBytes) {
    this.#loaded = loaded;
    this.#store = store;
    this.#tables = tables;
    this.#unread = new Set(tables.keys);
  }

  /** @throws InvexError `PersistenceFailed`, naming the table, and the row if it is that */
  take(plan: TablePlan): readonly Document[] | undefined {
    const table = this.#tables.find(plan);
    if (table === undefined || !this.#unread.has(table.key)) return undefined;
    const documents: Document[] = [];
    const owns = (id: string) => plan.owns(id);
    let bytes = 0;
    for (const batch of this.#store.rows(table.key)) {
      for (const row of batch) {
        bytes += loadedSize(row.text.length);
        documents.push(readDocument(row, table.name, owns));
      }
      this.#loaded.mustHaveRoomFor(table.name, bytes);
    }
    this.#loaded.add(bytes);
    // Not before: a table that could not be read must not look empty the next time.
    this.#unread.delete(table.key);
    return documents;
  }

  /**
   * Makes the stored tables of `component` ready for use: checks what another schema let in, and
   * unless the store is lazy reads the rest.
   * @throws InvexError `SchemaEnforcementError` naming the first document that does not fit;
   * `PersistenceFailed`. Cost: O(documents read).
   */
  prepare(database: Database, component: string): void {
    const namespace = database.catalog.of(component);
    for (const plan of namespace.tables) {
      const table = this.#tables.find(plan);
      if (table === undefined) continue;
      const isChecked = table.validator === validatorOf(plan, namespace);
      if (isChecked && this.#store.isLazy) continue;
      const documents = database.documentsOf(plan);
      if (isChecked) continue;
      check(database, plan, documents);
      this.#tables.checked(plan, namespace);
    }
  }
}

function check(database: Database, plan: TablePlan, documents: Iterable<Document>): void {
  const shape = database.shapeOf(plan);
  for (const document of documents) {
    const problem = shape.problemOf(document);
    if (problem !== undefined) throw misfit(plan.name, document._id, problem);
  }
}

/** Convex's text for data that a new schema does not admit (engine.md 3.5). */
function misfit(table: string, id: string, problem: string) {
  return userError(
    "SchemaEnforcementError",
    `Document with ID "${id}" in table "${table}" does not match the schema: ${problem}`,
    { table, id },
  );
}
