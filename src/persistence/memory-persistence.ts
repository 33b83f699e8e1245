/**
 * A store that lives as long as its object: what tests restart and crash backends on, and the
 * shortest adapter to read before writing one.
 */
import type {
  FileBytes,
  MetaChange,
  Persistence,
  PersistentStore,
  RowChange,
  StoredRow,
  WriteBatch,
} from "./persistence";
import { persistenceError } from "./persistence-error";

/** What {@link memoryPersistence} returns. */
export interface MemoryPersistence extends Persistence {
  /**
   * As if the process that has the store had died: its claim ends, and whatever it still writes
   * fails. Do nothing when nobody has it.
   */
  crash(): void;
}

/**
 * Persistence for tests of restarts: a backend closed or crashed on it can be made again.
 *
 * @example
 * const disk = memoryPersistence();
 * const first = createBackend({ schema, modules, persistence: disk });
 * await first.mutation(api.messages.send, { body: "hi" });
 * disk.crash();
 * const second = createBackend({ schema, modules, persistence: disk }); // has the message
 */
export function memoryPersistence(): MemoryPersistence {
  const data = new MemoryData();
  let claim: MemoryStore | undefined;
  return {
    open: () => {
      if (claim?.isOpen === true) {
        throw persistenceError("busy", "This store is in use: another backend has it.");
      }
      claim = new MemoryStore(data);
      return claim;
    },
    crash: () => claim?.close(),
  };
}

class MemoryData {
  readonly meta = new Map<string, string>();
  readonly tables = new Map<number, Map<string, string>>();
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
}

class MemoryStore implements PersistentStore {
  readonly meta: ReadonlyMap<string, string>;
  readonly isLazy = false;
  readonly files: FileBytes;
  readonly #data: MemoryData;
  #isOpen = true;

  constructor(data: MemoryData) {
    this.#data = data;
    this.meta = new Map(data.meta);
    this.files = new MemoryFiles(data.files, () => this.#mustBeOpen());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  *rows(table: number): Iterable<readonly StoredRow[]> {
    this.#mustBeOpen();
    yield Array.from(this.#data.tables.get(table) ?? [], ([id, text]) => ({ id, text }));
  }

  write({ rows, meta }: WriteBatch): void {
    this.#mustBeOpen();
    // All checks first: nothing below can fail.
    for (const row of rows) this.#check(row);
    for (const row of rows) this.#apply(row);
    for (const { name, text } of meta as MetaChange[]) this.#data.meta.set(name, text);
  }

  close(): void {
    this.#isOpen = false;
  }

  #check({ table, id, change }: RowChange): void {
    const isThere = this.#data.tables.get(table)?.has(id) ?? false;
    if (isThere === (change !== "insert")) return;
    throw persistenceError(
      "failed",
      `${change} of row "${id}", which is ${isThere ? "" : "not "}there`,
    );
  }

  #apply({ table, id, text }: RowChange): void {
    let rows = this.#data.tables.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#data.tables.set(table, rows);
    }
    if (text === undefined) rows.delete(id);
    else rows.set(id, text);
  }

  #mustBeOpen(): void {
    if (!this.#isOpen) throw persistenceError("failed", "This store was closed.");
  }
}

class MemoryFiles implements FileBytes {
  readonly #files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #mustBeOpen: () => void;

  constructor(files: Map<string, Uint8Array<ArrayBuffer>>, mustBeOpen: () => void) {
    this.#files = files;
    this.#mustBeOpen = mustBeOpen;
  }

  async put(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of content) parts.push(chunk.slice());
    this.#mustBeOpen();
    this.#files.set(id, new Uint8Array(await new Blob(parts).arrayBuffer()));
  }

  read(id: string, start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | undefined {
    const bytes = this.#files.get(id);
    return bytes && once(bytes.slice(start, end));
  }

  delete(id: string): void {
    this.#mustBeOpen();
    this.#files.delete(id);
  }

  ids(): string[] {
    return [...this.#files.keys()];
  }
}

async function* once(bytes: Uint8Array<ArrayBuffer>) {
  yield bytes;
}
