/**
 * `invex/sqlite`: persistence in a SQLite file, through whatever library the process has.
 */
import { userError } from "../../shared/errors";
import type { Persistence } from "../persistence";
import type { SqliteHandle } from "./sqlite-handle";
import { openSqliteStore, type SqliteStoreOptions } from "./sqlite-store";

export type { Persistence } from "../persistence";
export type { SqliteHandle, SqliteStatement, SqliteValue } from "./sqlite-handle";

export interface SqliteOptions {
  /**
   * What a commit waits for.
   * `"full"` (default): the disk. A mutation that has resolved outlives a loss of power.
   * `"normal"`: the operating system. Faster where the disk is slow; outlives every crash of the
   * process, but a loss of power may cost the last commits (never a part of one).
   */
  readonly synchronous?: "full" | "normal";
  /**
   * `"eager"` (default): everything is read before `createBackend` returns, so that all that is
   * wrong is known then. `"lazy"`: each table when it is first used.
   */
  readonly load?: "eager" | "lazy";
}

/**
 * Keeps a backend in a SQLite file of its own.
 *
 * Takes an open handle of `node:sqlite`, `better-sqlite3` or `libsql`; the handle stays the caller's,
 * who closes it after the backend. The file is locked for other processes as long as the backend
 * runs (`locking_mode = EXCLUSIVE`) and is in WAL mode afterwards.
 *
 * @throws InvexError `OptionsInvalid`. From `createBackend`: `PersistenceFailed` when the file is in
 * use, is no SQLite file, belongs to another program or a newer Invex, is damaged or read-only;
 * `SchemaEnforcementError` when a document does not fit the schema. Nothing is changed then.
 * Cost: a commit is one transaction and takes one to three times as long as the same writes in bare
 * SQLite (`npm run bench:persistence`).
 * @example
 * import Database from "better-sqlite3";
 * const backend = createBackend({ schema, modules, persistence: sqlite(new Database("app.db")) });
 */
export function sqlite(db: SqliteHandle, options: SqliteOptions = {}): Persistence {
  if (typeof db?.exec !== "function" || typeof db.prepare !== "function") {
    throw userError(
      "OptionsInvalid",
      "sqlite: expected an open database of node:sqlite, better-sqlite3 or libsql (with exec() and prepare()).",
    );
  }
  const parsed = parse(options);
  return { open: () => openSqliteStore(db, parsed) };
}

function parse({ synchronous = "full", load = "eager" }: SqliteOptions): SqliteStoreOptions {
  if (synchronous !== "full" && synchronous !== "normal") {
    throw invalid("synchronous", synchronous, '"full" or "normal"');
  }
  if (load !== "eager" && load !== "lazy") throw invalid("load", load, '"eager" or "lazy"');
  return { synchronous, isLazy: load === "lazy" };
}

function invalid(option: string, got: unknown, expected: string) {
  return userError(
    "OptionsInvalid",
    `sqlite: option \`${option}\`: expected ${expected}, got ${String(got)}`,
    { option },
  );
}
