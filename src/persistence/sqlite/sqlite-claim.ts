/**
 * Looks at a SQLite file before anything is changed in it, then claims it: one backend at a time,
 * in this process and all others.
 */
import { type PersistenceProblem, persistenceError, reasonOf } from "../persistence-error";
import type { SqliteHandle } from "./sqlite-handle";

/** The names of our tables, and what they hold. Tables without row ids: an upsert is one write. */
const TABLES: Readonly<Record<string, string>> = {
  invex_meta: "name TEXT PRIMARY KEY, text TEXT NOT NULL",
  invex_rows: "tbl INTEGER, id TEXT, text TEXT NOT NULL, PRIMARY KEY (tbl, id)",
  invex_files: "id TEXT, chunk INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (id, chunk)",
};

/** Handles in use. One handle means one SQLite connection, which SQLite's own locks let in. */
const claimed = new WeakSet<SqliteHandle>();

/** @throws InvexError `PersistenceFailed`, nothing having been changed */
export function claimSqlite(db: SqliteHandle, synchronous: "full" | "normal"): void {
  if (claimed.has(db)) throw busy();
  explaining(() => {
    inspect(db);
    db.exec("PRAGMA journal_mode = WAL");
    // WAL mode is entered by the first access; a file that enters it locked cannot be given back.
    touch(db);
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    db.exec(`PRAGMA synchronous = ${synchronous.toUpperCase()}`);
    // Takes the lock, and keeps it.
    db.exec("BEGIN IMMEDIATE");
    for (const [name, columns] of Object.entries(TABLES)) {
      db.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns}) WITHOUT ROWID, STRICT`);
    }
    db.exec("COMMIT");
  });
  claimed.add(db);
}

/** Lets others in. */
export function releaseSqlite(db: SqliteHandle): void {
  if (!claimed.delete(db)) return;
  db.exec("PRAGMA locking_mode = NORMAL");
  // The lock is given back by the first access afterwards.
  touch(db);
}

function touch(db: SqliteHandle): void {
  db.prepare("SELECT count(*) AS n FROM sqlite_schema").all();
}

/** Is this ours, or empty? Reads only. */
function inspect(db: SqliteHandle): void {
  const rows = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all() as { name: string }[];
  const names = rows.map(({ name }) => name);
  if (names.length === 0 || Object.keys(TABLES).every((name) => names.includes(name))) return;
  throw persistenceError(
    "foreign",
    `This SQLite file belongs to something else: it has the tables ${names.slice(0, 5).join(", ")}, and not Invex's own. Give Invex a file of its own. Nothing was changed.`,
    { tables: names },
  );
}

/** Runs `work`; what SQLite throws is said in words of ours. @throws InvexError `PersistenceFailed` */
export function explaining<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const problem = problemOf(cause);
    if (problem === undefined) throw cause;
    throw problem === "busy"
      ? busy(cause)
      : persistenceError(problem, textOf(problem, cause), {}, cause);
  }
}

function busy(cause?: unknown) {
  return persistenceError(
    "busy",
    "This SQLite file is in use: another backend or process has it open. One backend at a time can have a file.",
    {},
    cause,
  );
}

/** Every library says it another way; SQLite's own words are in all of them. */
function problemOf(cause: unknown): PersistenceProblem | undefined {
  const reason = reasonOf(cause);
  if (/locked|busy/i.test(reason)) return "busy";
  if (/readonly|read-only/i.test(reason)) return "unwritable";
  if (/not a database/i.test(reason)) return "foreign";
  if (/malformed|corrupt/i.test(reason)) return "damaged";
  return cause instanceof Error && cause.name === "InvexError" ? undefined : "failed";
}

function textOf(problem: PersistenceProblem, cause: unknown): string {
  const reason = reasonOf(cause);
  if (problem === "unwritable") {
    return `This SQLite file cannot be written (${reason}): a backend needs to.`;
  }
  if (problem === "foreign") return `This is not a SQLite file (${reason}). Nothing was changed.`;
  if (problem === "damaged") {
    return `This SQLite file is damaged (${reason}). Nothing was changed: restore a copy, or recover it with SQLite's own tools.`;
  }
  return `The SQLite file could not be opened: ${reason}`;
}
