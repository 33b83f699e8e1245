/** SQLite files in a folder of their own, opened by every library this machine has. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import type { SqliteHandle } from "invex/sqlite";
import Libsql from "libsql";

export type ClosableHandle = SqliteHandle & { close(): unknown };

export interface SqliteLibrary {
  readonly name: string;
  open(file: string): ClosableHandle;
}

type NodeSqlite = { DatabaseSync: new (file: string) => ClosableHandle };

export const betterSqlite: SqliteLibrary = {
  name: "better-sqlite3",
  open: (file) => new BetterSqlite(file, { timeout: 0 }) as unknown as ClosableHandle,
};

/** `node:sqlite` came with Node 22.5. */
export const sqliteLibraries: readonly SqliteLibrary[] = [
  betterSqlite,
  { name: "libsql", open: (file) => new Libsql(file, { timeout: 0 }) as unknown as ClosableHandle },
  ...nodeSqlite(),
];

function nodeSqlite(): SqliteLibrary[] {
  try {
    const { DatabaseSync } = createRequire(import.meta.url)("node:sqlite") as NodeSqlite;
    return [{ name: "node:sqlite", open: (file) => new DatabaseSync(file) }];
  } catch {
    return [];
  }
}

/** A folder for files of one test. */
export class SqliteFolder {
  readonly path = mkdtempSync(join(tmpdir(), "invex-sqlite-"));
  #handles: ClosableHandle[] = [];

  file(name = "data.db"): string {
    return join(this.path, name);
  }

  /** A handle that `remove` closes. */
  open(library: SqliteLibrary = betterSqlite, name?: string): ClosableHandle {
    const handle = library.open(this.file(name));
    this.#handles.push(handle);
    return handle;
  }

  closeAll(): void {
    for (const handle of this.#handles.splice(0)) {
      try {
        handle.close();
      } catch {
        // Closed by the test.
      }
    }
  }

  remove(): void {
    this.closeAll();
    rmSync(this.path, { recursive: true, force: true });
  }
}
