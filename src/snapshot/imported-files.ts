/**
 * The `_storage` of an import: driven by the files that are there, each checked against what its row
 * says, if it has one (functions.md 11.2). Their bytes are kept; nothing has a row yet.
 */
import * as z from "zod/mini";
import { blobIdOf, type FileFacts, isUuid, STORAGE } from "../storage/file-row";
import { tryTableNumber } from "../values/id";
import type { ValueObject } from "../values/value";
import type { ComponentEntries, ReadOptions } from "./archive-contents";
import type { ArchiveEntry } from "./archive-reader";
import { type ImportedTable, MAX_TIME_MS } from "./imported-table";
import { TableProgress } from "./progress";
import { shapedLines } from "./shaped-lines";
import { asImportError, importError } from "./snapshot-error";

const fileShape = z.object({
  _id: z.string(),
  _creationTime: z.nullish(z.number().check(z.gt(0), z.lte(MAX_TIME_MS))),
  sha256: z.nullish(z.string()),
  size: z.nullish(z.int().check(z.gte(0))),
  contentType: z.nullish(z.string()),
  internalId: z.nullish(z.string().check(z.refine(isUuid, "expected a UUID"))),
});

/** What an archive says of a file. */
type FileDescription = z.infer<typeof fileShape>;

/** @throws InvexError `ImportFailed`; what was kept by then was told of */
export async function importFiles(
  { component, fileRows, files: entries }: ComponentEntries,
  number: number | undefined,
  { files, onKept, onProgress }: ReadOptions,
): Promise<ImportedTable> {
  const descriptions = await readDescriptions(fileRows);
  const progress = new TableProgress(component, STORAGE, onProgress);
  const uuids = new Set<string>();
  const rows: ValueObject[] = [];
  for (const [id, entry] of entries) {
    const description = descriptions.get(id);
    assertFileId(id, entry.path);
    assertNewUuid(uuids, description, entry.path);
    const facts = await keep(entry, description);
    onKept(blobIdOf(facts));
    assertSize(facts, description, entry.path);
    rows.push(rowFor(id, facts, description));
    progress.count();
  }
  progress.end();
  return { component, name: STORAGE, number, rows, file: fileRows?.path };

  async function keep(entry: ArchiveEntry, description?: FileDescription): Promise<FileFacts> {
    try {
      return await files.keep({
        chunks: entry.chunks(),
        contentType: description?.contentType ?? undefined,
        sha256: description?.sha256 ?? undefined,
        storageId: description?.internalId?.toLowerCase() ?? undefined,
      });
    } catch (error) {
      throw asImportError(error, { file: entry.path });
    }
  }
}

/** The descriptions of files by `_storage` id. */
async function readDescriptions(
  entry: ArchiveEntry | undefined,
): Promise<Map<string, FileDescription>> {
  const descriptions = new Map<string, FileDescription>();
  if (entry === undefined) return descriptions;
  for await (const { row, place } of shapedLines(entry, fileShape)) {
    if (descriptions.has(row._id)) throw importError(`File ${row._id} is described twice`, place);
    descriptions.set(row._id, row);
  }
  return descriptions;
}

function assertFileId(id: string, file: string): void {
  if (tryTableNumber(id) !== undefined) return;
  throw importError(`${id} is not the id of a file`, { file });
}

function assertNewUuid(
  uuids: Set<string>,
  description: FileDescription | undefined,
  file: string,
): void {
  const uuid = description?.internalId?.toLowerCase();
  if (uuid === undefined) return;
  if (uuids.has(uuid)) {
    throw importError(`Two files have the internalId ${uuid}`, { file, field: "internalId" });
  }
  uuids.add(uuid);
}

function assertSize(
  { size }: FileFacts,
  description: FileDescription | undefined,
  file: string,
): void {
  const expected = description?.size ?? size;
  if (expected === size) return;
  throw importError(`Size mismatch. Expected: ${expected} Actual: ${size}`, {
    file,
    field: "size",
  });
}

function rowFor(
  id: string,
  { contentType, ...facts }: FileFacts,
  description: FileDescription | undefined,
): ValueObject {
  const creationTime = description?._creationTime ?? undefined;
  return {
    _id: id,
    ...facts,
    ...(contentType === undefined ? {} : { contentType }),
    ...(creationTime === undefined ? {} : { _creationTime: creationTime }),
  };
}
