/**
 * Writes one version of everything as the archive that `npx convex import` takes (functions.md 11.1),
 * or of one table as lines of JSON. Streams: what is not read is not made.
 *
 * Holds its snapshot, and with it every version of what is changed meanwhile, until the stream ends.
 */
import type { Database } from "../db/database";
import type { Document } from "../db/document";
import type { Snapshot } from "../db/live-snapshots";
import type { TablePlan } from "../db/table-plan";
import { must } from "../shared/assert";
import { chunksOf } from "../storage/byte-stream";
import { type FileRow, rowOf, STORAGE } from "../storage/file-row";
import type { Files } from "../storage/files";
import { ComponentPaths, UNIFORM_MARK } from "./archive-layout";
import { ArchiveWriter } from "./archive-writer";
import type { ExportSnapshotOptions, ExportTableOptions } from "./options";
import { type OnProgress, TableProgress } from "./progress";
import { exportError, messageOf } from "./snapshot-error";
import { sortedIdsOf } from "./table-documents";
import { type Encoding, printJson } from "./uniform-json";

/** What is exported from, as it was when the export began. */
export interface ExportSource {
  readonly database: Database;
  readonly files: Files;
  readonly snapshot: Snapshot;
}

const README = `# Snapshot

Every folder is a table: documents.jsonl has its documents, one a line, as JSON. _tables lists the
tables and the numbers that are part of their ids, _storage has the files, _components the same for
every component. \`npx convex import\` takes this archive, and so does Invex's importSnapshot.
`;

/** The archive. @throws InvexError `ExportFailed` */
export async function* snapshotChunks(
  source: ExportSource,
  options: ExportSnapshotOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const writing = writeSnapshot(source, writable, options);
  // Heard of below, where the stream breaks off too.
  writing.catch((error) => writable.abort(error).catch(() => {}));
  for await (const chunk of chunksOf(readable)) yield chunk as Uint8Array<ArrayBuffer>;
  await writing;
}

/**
 * One table as lines of JSON.
 * @throws InvexError `ExportFailed` when it is not there, or a value has no form in the format
 */
export async function* tableChunks(
  source: ExportSource,
  table: string,
  { component = "", format, onProgress }: ExportTableOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const plan = userTables(source).find(
    (each) => each.component === component && each.name === table,
  );
  if (plan === undefined) {
    const where = component === "" ? "" : ` in component "${component}"`;
    throw exportError(`There is no table ${table}${where}.`, { component, table });
  }
  const encoding = format === "uniform" ? "uniform" : "plain";
  yield* documentLines(source, plan, encoding, onProgress);
}

async function writeSnapshot(
  source: ExportSource,
  writable: WritableStream<Uint8Array>,
  { includeFileStorage = true, onProgress }: ExportSnapshotOptions,
): Promise<void> {
  const { database } = source;
  const archive = await ArchiveWriter.open(writable, database.clock.now());
  const users = userTables(source);
  const storages = includeFileStorage ? tablesOf(source).filter(isStorage) : [];
  await archive.addText("README.md", README);
  for (const { component } of database.catalog.namespaces) {
    const own = [...users, ...storages].filter((table) => table.component === component);
    await archive.addText(new ComponentPaths(component).tables, tableList(own));
  }
  const count = (plan: TablePlan) => database.storeOf(plan)?.count ?? 0;
  for (const plan of users.sort((a, b) => count(a) - count(b))) {
    await addTable(archive, source, plan, onProgress);
  }
  for (const plan of storages) await addFiles(archive, source, plan, onProgress);
  await archive.close();
}

function userTables(source: ExportSource): TablePlan[] {
  return tablesOf(source).filter(({ visibility }) => visibility === "user");
}

function tablesOf({ database, snapshot }: ExportSource): TablePlan[] {
  return [...database.catalog.namespaces].flatMap((namespace) => [
    ...namespace.fork(snapshot.ts.seq).tables,
  ]);
}

function isStorage({ name }: TablePlan): boolean {
  return name === STORAGE;
}

function tableList(tables: readonly TablePlan[]): string {
  return tables.map(({ name, number }) => `${JSON.stringify({ name, id: number })}\n`).join("");
}

async function addTable(
  archive: ArchiveWriter,
  source: ExportSource,
  plan: TablePlan,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const paths = new ComponentPaths(plan.component);
  await archive.add(paths.documents(plan.name), documentLines(source, plan, "uniform", onProgress));
  await archive.addText(paths.encoding(plan.name), UNIFORM_MARK);
}

/**
 * The documents of a table in the order of their ids, one JSON object a line.
 * @throws InvexError `ExportFailed` where `plain` JSON has no form for a value
 */
async function* documentLines(
  { database, snapshot }: ExportSource,
  plan: TablePlan,
  encoding: Encoding,
  onProgress: OnProgress | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { seq } = snapshot.ts;
  const progress = new TableProgress(plan.component, plan.name, onProgress);
  const text = new TextChunks();
  for (const id of sortedIdsOf(database, plan, seq)) {
    const version = database.storeOf(plan)?.get(id, seq);
    const chunk = text.add(printLine(must(version).document, plan, encoding));
    progress.count();
    if (chunk !== undefined) yield chunk;
  }
  yield* text.end();
  progress.end();
}

function printLine(document: Document, plan: TablePlan, encoding: Encoding): string {
  try {
    return `${printJson(document, encoding)}\n`;
  } catch (cause) {
    const { component, name: table } = plan;
    const { _id: id } = document;
    throw exportError(`Document ${id} of table ${table}: ${messageOf(cause)}`, {
      component,
      table,
      id,
    });
  }
}

/** Every document first, then every file: an import wants to know what a file is before it comes. */
async function addFiles(
  archive: ArchiveWriter,
  source: ExportSource,
  plan: TablePlan,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const { database, files, snapshot } = source;
  const paths = new ComponentPaths(plan.component);
  const progress = new TableProgress(plan.component, STORAGE, onProgress);
  const ids = sortedIdsOf(database, plan, snapshot.ts.seq);
  const row = (id: string): FileRow =>
    rowOf(must(database.storeOf(plan)?.get(id, snapshot.ts.seq)).document);
  await archive.add(paths.documents(STORAGE), fileLines(ids.map(row)));
  for (const id of ids) {
    const file = row(id);
    const bytes = files.read(file);
    if (bytes === undefined) throw exportError(`The bytes of file ${id} are gone.`, { id });
    await archive.add(paths.file(id, file.contentType), bytes);
    progress.count();
  }
  progress.end();
}

async function* fileLines(rows: readonly FileRow[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const text = new TextChunks();
  for (const { _id, _creationTime, sha256, size, contentType, storageId } of rows) {
    const line = { _id, _creationTime, sha256, size, contentType, internalId: storageId };
    const chunk = text.add(`${JSON.stringify(line)}\n`);
    if (chunk !== undefined) yield chunk;
  }
  yield* text.end();
}

const CHUNK_LENGTH = 64 * 1024;

/** Lines gathered to chunks that are worth passing on. */
class TextChunks {
  readonly #encoder = new TextEncoder();
  #text = "";

  add(line: string): Uint8Array<ArrayBuffer> | undefined {
    this.#text += line;
    return this.#text.length < CHUNK_LENGTH ? undefined : this.#take();
  }

  *end(): Generator<Uint8Array<ArrayBuffer>> {
    if (this.#text !== "") yield this.#take();
  }

  #take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    return bytes;
  }
}
