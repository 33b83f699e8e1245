/**
 * Reads a snapshot archive into tables and files. Bytes of files go to the blob store at once; the
 * caller owes them rows, or to discard them. Decides nothing about what is there already.
 */
import * as z from "zod/mini";
import type { Files } from "../storage/files";
import { identifierProblem } from "../values/identifier";
import { partAt } from "./archive-layout";
import type { ArchiveEntry } from "./archive-reader";
import { importFiles } from "./imported-files";
import { type ImportedTable, parseRow } from "./imported-table";
import { type OnProgress, TableProgress } from "./progress";
import { shapedLines } from "./shaped-lines";
import { importError } from "./snapshot-error";
import { linesOf } from "./text-lines";
import type { Encoding } from "./uniform-json";

/** The entries of one component, by what they are. */
export interface ComponentEntries {
  readonly component: string;
  readonly documents: Map<string, ArchiveEntry>;
  readonly encodings: Map<string, ArchiveEntry>;
  /** By `_storage` id. */
  readonly files: Map<string, ArchiveEntry>;
  tables: ArchiveEntry | undefined;
  fileRows: ArchiveEntry | undefined;
}

export interface ReadOptions {
  /** Path of the component that the archive's own root stands for. */
  readonly component: string;
  readonly files: Files;
  readonly onProgress: OnProgress | undefined;
  /** Told the blob id of every file that was kept. */
  readonly onKept: (blobId: string) => void;
}

/** @throws InvexError `ImportFailed`, naming file and line */
export async function readContents(
  entries: readonly ArchiveEntry[],
  options: ReadOptions,
): Promise<ImportedTable[]> {
  const tables: ImportedTable[] = [];
  const unread = new Set<ArchiveEntry>();
  const watched = entries.map((entry) => watchedEntry(entry, unread));
  for (const component of sortEntries(watched, options.component)) {
    const numbers = await readNumbers(component.tables);
    for (const name of component.documents.keys()) {
      tables.push(await readTable(component, name, numbers.get(name), options.onProgress));
    }
    if (component.fileRows === undefined && component.files.size === 0) continue;
    tables.push(await importFiles(component, numbers.get("_storage"), options));
  }
  // Damage may have changed a name, so that a file looks like none of ours: reading it tells.
  for (const entry of unread) for await (const _ of entry.chunks());
  return tables;
}

function watchedEntry(entry: ArchiveEntry, unread: Set<ArchiveEntry>): ArchiveEntry {
  unread.add(entry);
  return {
    path: entry.path,
    chunks: () => {
      unread.delete(entry);
      return entry.chunks();
    },
  };
}

function sortEntries(entries: readonly ArchiveEntry[], root: string): Iterable<ComponentEntries> {
  const components = new Map<string, ComponentEntries>();
  for (const entry of entries) {
    const part = partAt(entry.path);
    if (part === undefined) continue;
    const path = [...(root === "" ? [] : [root]), ...part.component].join("/");
    let found = components.get(path);
    if (found === undefined) {
      found = emptyEntries(path);
      components.set(path, found);
    }
    switch (part.kind) {
      case "tables":
        found.tables = single(found.tables, entry);
        break;
      case "fileRows":
        found.fileRows = single(found.fileRows, entry);
        break;
      case "documents":
        assertTableName(part.table, entry.path);
        found.documents.set(part.table, single(found.documents.get(part.table), entry));
        break;
      case "encoding":
        found.encodings.set(part.table, single(found.encodings.get(part.table), entry));
        break;
      case "file":
        found.files.set(part.id, single(found.files.get(part.id), entry));
        break;
    }
  }
  if (components.size > 0) return components.values();
  throw importError(
    "The archive has no tables: expected <table>/documents.jsonl, _tables/documents.jsonl or _storage/…",
  );
}

function emptyEntries(component: string): ComponentEntries {
  return {
    component,
    documents: new Map(),
    encodings: new Map(),
    files: new Map(),
    tables: undefined,
    fileRows: undefined,
  };
}

/** Folders around a table do not count, so two paths may mean the same. */
function single(known: ArchiveEntry | undefined, entry: ArchiveEntry): ArchiveEntry {
  if (known === undefined) return entry;
  throw importError(`${known.path} and ${entry.path} are the same file of the import`, {
    file: entry.path,
  });
}

function assertTableName(table: string, file: string): void {
  const problem = identifierProblem(table);
  if (problem !== undefined) throw importError(problem, { file });
}

async function readTable(
  { component, documents, encodings }: ComponentEntries,
  name: string,
  number: number | undefined,
  onProgress: OnProgress | undefined,
): Promise<ImportedTable> {
  const entry = documents.get(name) as ArchiveEntry;
  const encoding = await readEncoding(encodings.get(name));
  const progress = new TableProgress(component, name, onProgress);
  const file = entry.path;
  const rows = [];
  for await (const text of linesOf(entry.chunks(), file)) {
    rows.push(parseRow(text, encoding, { file, line: rows.length + 1 }));
    progress.count();
  }
  progress.end();
  return { component, name, number, rows, file };
}

/** How documents are written; of the mark itself only the first line counts. */
async function readEncoding(entry: ArchiveEntry | undefined): Promise<Encoding> {
  if (entry === undefined) return "plain";
  const file = entry.path;
  let mark: string | undefined;
  for await (const line of linesOf(entry.chunks(), file)) mark ??= line;
  if (mark === undefined) return "plain";
  if (mark.trim() === '"uniform"') return "uniform";
  throw importError(
    "The documents are in the encoding of old exports, which is not supported. Export them again, or leave this file out if they hold neither Int64 nor bytes.",
    { file, line: 1 },
  );
}

const MAX_TABLE_NUMBER = 2 ** 32 - 1;

const tableShape = z.object({
  name: z.string(),
  id: z.int().check(z.gte(1), z.lte(MAX_TABLE_NUMBER)),
});

async function readNumbers(entry: ArchiveEntry | undefined): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  if (entry === undefined) return numbers;
  for await (const { row, place } of shapedLines(entry, tableShape)) {
    if (numbers.has(row.name)) throw importError(`Table ${row.name} is listed twice`, place);
    numbers.set(row.name, row.id);
  }
  return numbers;
}
