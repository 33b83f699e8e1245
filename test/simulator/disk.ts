/**
 * A disk in memory that does what disks do: takes its time for each write, fails one before or after
 * it took effect, and at a crash loses what was not acknowledged, or does not. A batch is all or
 * nothing, as the port says. Whoever drives the world decides all of it.
 */
import type {
  FileBytes,
  Persistence,
  PersistentStore,
  RowChange,
  StoredRow,
  WriteBatch,
} from "../../src/persistence/persistence";

export type DiskFault = "before" | "after";

interface PendingWrite {
  readonly batch: WriteBatch;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SimulatedDisk implements Persistence {
  readonly #tables = new Map<number, Map<string, string>>();
  readonly #meta = new Map<string, string>();
  readonly #isLazy: boolean;
  readonly #isInstant: boolean;
  #store: DiskStore | undefined;
  #pending: PendingWrite | undefined;
  #fault: DiskFault | undefined;
  #failed = false;
  #newestNs = 0n;
  writes = 0;
  faults = 0;

  constructor(options: { readonly isLazy: boolean; readonly isInstant: boolean }) {
    this.#isLazy = options.isLazy;
    this.#isInstant = options.isInstant;
  }

  open(): PersistentStore {
    if (this.#store !== undefined) throw new Error("the disk is claimed twice");
    this.#store = new DiskStore(this, this.#meta, this.#isLazy);
    return this.#store;
  }

  /** Whether a write waits for `complete`. */
  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /** Whether the backend must have stopped. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** The next write fails, or does not after all. */
  breakNext(fault: DiskFault | undefined): void {
    this.#fault = fault;
  }

  /** Lets the waiting write end. */
  complete(): void {
    const pending = this.#pending as PendingWrite;
    this.#pending = undefined;
    const fault = this.#takeFault();
    if (fault !== "before") this.#apply(pending.batch);
    if (fault === undefined) pending.resolve();
    else pending.reject(new Error(`the disk failed ${fault} the write`));
  }

  /** The process is gone. @param keeps whether what it was writing is there */
  crash(keeps: boolean): void {
    if (this.#pending !== undefined && keeps) this.#apply(this.#pending.batch);
    this.#pending = undefined;
    this.#store = undefined;
    this.#fault = undefined;
    this.#failed = false;
  }

  /** When the newest commit was, of those that are here; zero for none. */
  get newestNs(): bigint {
    return this.#newestNs;
  }

  /** All rows of a table by its name, parsed. O(rows). */
  // biome-ignore lint/suspicious/noExplicitAny: documents of any table
  documents(name: string): any[] {
    for (const [key, text] of this.#meta) {
      if (!key.startsWith("table/")) continue;
      const table = JSON.parse(text) as { name: string };
      if (table.name !== name) continue;
      const rows = this.#tables.get(Number(key.slice("table/".length)));
      return Array.from(rows?.values() ?? [], (row) => JSON.parse(row));
    }
    return [];
  }

  rowsOf(table: number): ReadonlyMap<string, string> | undefined {
    return this.#tables.get(table);
  }

  write(store: DiskStore, batch: WriteBatch): void | Promise<void> {
    // A process that is gone writes nothing, and hears of nothing.
    if (store !== this.#store) return new Promise(() => {});
    if (this.#failed) throw new Error("a backend goes on after its disk has failed");
    if (this.#pending !== undefined) throw new Error("two writes at a time");
    this.writes += 1;
    if (!this.#isInstant) {
      return new Promise((resolve, reject) => {
        this.#pending = { batch, resolve, reject };
      });
    }
    const fault = this.#takeFault();
    if (fault !== "before") this.#apply(batch);
    if (fault !== undefined) throw new Error(`the disk failed ${fault} the write`);
  }

  #takeFault(): DiskFault | undefined {
    const fault = this.#fault;
    if (fault === undefined) return undefined;
    this.#fault = undefined;
    this.#failed = true;
    this.faults += 1;
    return fault;
  }

  #apply({ rows, meta }: WriteBatch): void {
    for (const row of rows) this.#check(row);
    for (const { table, id, text } of rows) {
      const stored = this.#tables.get(table) ?? new Map<string, string>();
      this.#tables.set(table, stored);
      if (text === undefined) stored.delete(id);
      else stored.set(id, text);
    }
    for (const { name, text } of meta) this.#meta.set(name, text);
    const moment = this.#meta.get("moment");
    if (moment !== undefined) this.#newestNs = BigInt((JSON.parse(moment) as { ns: string }).ns);
  }

  #check({ table, id, change }: RowChange): void {
    const isThere = this.#tables.get(table)?.has(id) === true;
    if (isThere !== (change !== "insert")) {
      throw new Error(`${change} of row ${id}, which is ${isThere ? "" : "not "}there`);
    }
  }
}

class DiskStore implements PersistentStore {
  readonly meta: ReadonlyMap<string, string>;
  readonly isLazy: boolean;
  readonly files: FileBytes = NO_FILES;
  readonly #disk: SimulatedDisk;

  constructor(disk: SimulatedDisk, meta: ReadonlyMap<string, string>, isLazy: boolean) {
    this.#disk = disk;
    this.meta = new Map(meta);
    this.isLazy = isLazy;
  }

  *rows(table: number): Iterable<readonly StoredRow[]> {
    yield Array.from(this.#disk.rowsOf(table) ?? [], ([id, text]) => ({ id, text }));
  }

  write(batch: WriteBatch): void | Promise<void> {
    return this.#disk.write(this, batch);
  }

  close(): void {}
}

/** Programs store no files. */
const NO_FILES: FileBytes = {
  put: () => Promise.reject(new Error("no files")),
  read: () => undefined,
  delete: () => {},
  ids: () => [],
};
