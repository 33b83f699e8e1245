/** A claimed IndexedDB database as a store: one record a row, one transaction a write. */
import { must } from "../../shared/assert";
import type { PersistentStore, StoredRow, WriteBatch } from "../persistence";
import { persistenceError } from "../persistence-error";
import type { IndexedDbAccess } from "./indexeddb-access";
import { IndexedDbFiles } from "./indexeddb-files";

/** Rows read at a time. A row can be a megabyte. */
const BATCH_ROWS = 1_000;

/** Rows by table. */
type Batches = Map<number, StoredRow[][]>;

export class IndexedDbStore implements PersistentStore {
  readonly meta: ReadonlyMap<string, string>;
  readonly isLazy = false;
  readonly files: IndexedDbFiles;
  readonly #access: IndexedDbAccess;
  /** What was there at the beginning, until somebody asks for it. */
  readonly #unread: Batches;

  private constructor(
    access: IndexedDbAccess,
    read: { readonly meta: Map<string, string>; readonly rows: Batches; readonly ids: Set<string> },
  ) {
    this.#access = access;
    this.#unread = read.rows;
    this.meta = read.meta;
    this.files = new IndexedDbFiles(access, read.ids);
  }

  /**
   * Reads everything but the bytes of files.
   * @throws InvexError `PersistenceFailed`
   */
  static async open(access: IndexedDbAccess): Promise<IndexedDbStore> {
    const meta = await readMeta(access);
    const rows = await readRows(access);
    const keys = await access.read((database) => database.getAllKeys("invex_files"));
    return new IndexedDbStore(access, { meta, rows, ids: new Set(keys.map(([id]) => id)) });
  }

  *rows(table: number): Iterable<readonly StoredRow[]> {
    const batches = this.#unread.get(table) ?? [];
    this.#unread.delete(table);
    // Each is let go as soon as it is handed out.
    batches.reverse();
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) yield batch;
  }

  write({ rows, meta }: WriteBatch): Promise<void> {
    return this.#access.write(["invex_rows", "invex_meta"], (tx) => {
      const rowStore = tx.objectStore("invex_rows");
      const metaStore = tx.objectStore("invex_meta");
      const rowRequests = rows.map(({ table, id, change, text }) => {
        if (change === "delete") return rowStore.delete([table, id]);
        return rowStore[change === "insert" ? "add" : "put"](must(text), [table, id]);
      });
      return [...rowRequests, ...meta.map(({ name, text }) => metaStore.put(text, name))];
    });
  }

  close(): Promise<void> {
    return this.#access.close();
  }
}

function readMeta(access: IndexedDbAccess): Promise<Map<string, string>> {
  return access.read(async (database) => {
    const { store } = database.transaction("invex_meta");
    const [names, texts] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return new Map(names.map((name, i) => [name, asText(texts[i], `entry "${name}"`)]));
  });
}

function readRows(access: IndexedDbAccess): Promise<Batches> {
  return access.read(async (database) => {
    const tables: Batches = new Map();
    const { store } = database.transaction("invex_rows");
    let range: IDBKeyRange | undefined;
    while (true) {
      // The same range in one transaction: the keys are those of the texts.
      const [keys, texts] = await Promise.all([
        store.getAllKeys(range, BATCH_ROWS),
        store.getAll(range, BATCH_ROWS),
      ]);
      addBatches(tables, keys, texts);
      if (keys.length < BATCH_ROWS) return tables;
      range = IDBKeyRange.lowerBound(keys.at(-1), true);
    }
  });
}

/** Keys come in order of tables. */
function addBatches(
  tables: Batches,
  keys: readonly [table: number, id: string][],
  texts: readonly string[],
): void {
  let current: number | undefined;
  let batch: StoredRow[] = [];
  keys.forEach(([table, id], i) => {
    if (table !== current) {
      current = table;
      batch = [];
      const batches = tables.get(table);
      if (batches === undefined) tables.set(table, [batch]);
      else batches.push(batch);
    }
    batch.push({ id, text: asText(texts[i], `row "${id}" of table ${table}`) });
  });
}

function asText(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw persistenceError(
    "damaged",
    `The data cannot be read: ${where} is not text. Nothing was changed.`,
  );
}
