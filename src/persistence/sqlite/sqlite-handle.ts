/**
 * What is asked of a SQLite library: the part that `node:sqlite`, `better-sqlite3` and `libsql` have
 * in common. Everything is synchronous.
 */

export interface SqliteHandle {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** Whether a transaction is open; `better-sqlite3` and `libsql` have it, */
  readonly inTransaction?: boolean;
  /** and newer versions of `node:sqlite` have it by this name. */
  readonly isTransaction?: boolean;
}

export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  all(...parameters: SqliteValue[]): unknown[];
}

export type SqliteValue = string | number | Uint8Array;
