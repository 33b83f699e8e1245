/**
 * Imports: read everything, keep the bytes of files, and then, while nobody else commits, check it
 * against what is there and commit it as one. Until that commit nothing is visible, and whatever goes
 * wrong before leaves nothing behind.
 */
import type { Committer, PreparedCommit, Turn } from "../db/committer";
import type { Database } from "../db/database";
import { blobIdOf, rowOf, STORAGE } from "../storage/file-row";
import type { Files } from "../storage/files";
import { identifierProblem } from "../values/identifier";
import { readContents } from "./archive-contents";
import { openArchive } from "./archive-reader";
import { type ByteSource, blobIn } from "./byte-source";
import { prepareImport } from "./import-changes";
import type { ImportedTable } from "./imported-table";
import type {
  ImportMode,
  ImportReport,
  ImportSnapshotOptions,
  ImportTableOptions,
} from "./options";
import { asImportError, importError } from "./snapshot-error";
import { readTableFile } from "./table-file";

/** What is imported into. */
export interface ImportDestination {
  readonly database: Database;
  readonly committer: Committer;
  readonly files: Files;
}

/** @throws InvexError `ImportFailed`; then nothing has changed */
export async function importSnapshot(
  into: ImportDestination,
  source: ByteSource,
  { mode = "requireEmpty", component = "", onProgress }: ImportSnapshotOptions,
): Promise<ImportReport> {
  assertComponent(into, component);
  return withFiles(into, async (kept) => {
    const entries = await openArchive(await blobIn(source));
    const tables = await readContents(entries, {
      component,
      files: into.files,
      onProgress,
      onKept: (blobId) => kept.add(blobId),
    });
    for (const table of tables) assertComponent(into, table.component, table.file);
    const scope = mode === "replaceAll" ? componentsBelow(into.database, component) : [];
    return { tables, mode, scope };
  });
}

/** @throws InvexError `ImportFailed`; then nothing has changed */
export async function importTable(
  into: ImportDestination,
  table: string,
  source: ByteSource,
  { mode = "requireEmpty", component = "", format = "jsonLines", onProgress }: ImportTableOptions,
): Promise<ImportReport> {
  assertComponent(into, component);
  const problem = table.startsWith("_")
    ? `Table ${table} is a system table: only a snapshot brings documents of it.`
    : identifierProblem(table);
  if (problem !== undefined) throw importError(problem);
  return withFiles(into, async () => {
    const rows = await readTableFile(source, { component, table, format, onProgress });
    const imported = { component, name: table, number: undefined, rows, file: undefined };
    return { tables: [imported], mode, scope: [] };
  });
}

interface ImportPlan {
  readonly tables: readonly ImportedTable[];
  readonly mode: ImportMode;
  readonly scope: readonly string[];
}

/** @param read tells `kept` of the bytes it keeps; those that get no row are let go of */
async function withFiles(
  into: ImportDestination,
  read: (kept: Set<string>) => Promise<ImportPlan>,
): Promise<ImportReport> {
  const kept = new Set<string>();
  const { committer, database, files } = into;
  let turn: Turn | undefined;
  let isDecided = false;
  try {
    const { tables, mode, scope } = await read(kept);
    turn = await committer.takeTurn();
    const prepared = prepareImport(database, tables, mode, scope);
    for (const blobId of blobsIn(prepared)) kept.delete(blobId);
    isDecided = true;
    await commit(into, prepared, turn);
    return { ts: database.latest.ns, tables: tables.map(summaryOf) };
  } catch (error) {
    // After that point the disk may have the rows, whatever the error.
    throw isDecided ? error : asImportError(error);
  } finally {
    turn?.release();
    for (const blobId of kept) void files.discard(blobId);
  }
}

async function commit(
  { committer }: ImportDestination,
  prepared: PreparedCommit,
  turn: Turn,
): Promise<void> {
  const { changes, createdTables, droppedTables = [] } = prepared;
  const isNothing = changes.length + createdTables.length + droppedTables.length === 0;
  if (!isNothing) await committer.commitPrepared(prepared, turn);
}

function blobsIn({ changes }: PreparedCommit): string[] {
  return changes
    .filter(({ table, after }) => table.name === STORAGE && after !== undefined)
    .map(({ after }) => blobIdOf(rowOf(after as NonNullable<typeof after>)));
}

function summaryOf({ component, name, rows }: ImportedTable) {
  return { component, table: name, documents: rows.length };
}

function assertComponent({ database }: ImportDestination, component: string, file?: string): void {
  for (const namespace of database.catalog.namespaces) {
    if (namespace.component === component) return;
  }
  throw importError(`There is no component "${component}" in this backend.`, { file });
}

function componentsBelow({ catalog }: Database, root: string): string[] {
  const paths = [...catalog.namespaces].map(({ component }) => component);
  return paths.filter((path) => root === "" || path === root || path.startsWith(`${root}/`));
}
