/**
 * Files as rows of the system table `_storage`, one table a component (functions.md 6). Reads and
 * writes happen in the caller's transaction; the bytes are elsewhere (`blob-store.ts`).
 */
import type { Document } from "../db/document";
import { after, encodeKeyPart } from "../db/index-key";
import type { SystemTable } from "../db/open-namespace";
import type { TablePlan } from "../db/table-plan";
import type { Rows } from "../db/table-store";
import type { Transaction } from "../db/transaction";
import { must } from "../shared/assert";
import { userError } from "../shared/errors";
import { tryTableNumber } from "../values/id";

export const STORAGE = "_storage";

const BY_STORAGE_ID = "by_storage_id";

/** What is known of a file's bytes. */
export interface FileFacts {
  /** The UUID in its URL. Not the document's id. */
  readonly storageId: string;
  /** The key of its bytes, of a file whose URL was not made here. Default: `storageId`. */
  readonly blobId?: string;
  /** Base64. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string | undefined;
}

/** A file that exists in a transaction's view. */
export interface FileRow extends FileFacts {
  readonly _id: string;
  readonly _creationTime: number;
}

/** What the blob store knows a file's bytes by. */
export function blobIdOf({ blobId, storageId }: FileFacts): string {
  return blobId ?? storageId;
}

export const STORAGE_TABLE: SystemTable = {
  name: STORAGE,
  number: 514,
  visibility: "system",
  indexes: [{ indexDescriptor: BY_STORAGE_ID, fields: ["storageId"] }],
  view: visibleFile,
};

/** The document functions see: without the UUID. */
function visibleFile(document: Document): Document {
  const { _creationTime, _id, contentType, sha256, size } = rowOf(document);
  const type: Record<string, string> = contentType === undefined ? {} : { contentType };
  return { _creationTime, _id, ...type, sha256, size };
}

/**
 * The file that `id` (an `Id<"_storage">`, or a UUID) names.
 * @throws InvexError `StorageInvalid` for what is no such id. Cost: O(1), O(log n) for a UUID.
 */
export function findFile(tx: Transaction, component: string, id: unknown): FileRow | undefined {
  const table = storageTable(tx, component);
  if (typeof id !== "string") throw notAnId(id);
  if (isUuid(id)) return findByUuid(tx, table, id);
  if (!table.owns(id)) throw tryTableNumber(id) === undefined ? notAnId(id) : foreignId();
  const version = tx.get(table, id);
  return version && rowOf(version.document);
}

/** @returns the id of the new `_storage` document */
export function insertFile(tx: Transaction, component: string, file: FileFacts): string {
  const { contentType, ...facts } = file;
  const row = contentType === undefined ? facts : { ...facts, contentType };
  return tx.insert(storageTable(tx, component), row);
}

/** @throws InvexError `StorageInvalid` when there is none */
export function removeFile(tx: Transaction, component: string, id: unknown): void {
  const file = findFile(tx, component, id);
  if (file === undefined) {
    throw userError("StorageInvalid", `storage id ${String(id)} not found`, { storageId: id });
  }
  tx.remove(storageTable(tx, component), file._id);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A stored document of the table as a file. */
export function rowOf(document: Document): FileRow {
  return { contentType: undefined, ...document } as unknown as FileRow;
}

function findByUuid(tx: Transaction, table: TablePlan, uuid: string): FileRow | undefined {
  const index = must(table.indexes.get(BY_STORAGE_ID));
  const prefix = encodeKeyPart(uuid.toLowerCase());
  const range = { lower: prefix, upper: after(prefix) };
  const rows: Rows = { keys: [], versions: [] };
  tx.scan(index, range, false, 1, rows);
  tx.consume(index, range, prefix, false, undefined);
  const [version] = rows.versions;
  return version && rowOf(version.document);
}

function storageTable(tx: Transaction, component: string): TablePlan {
  return must(tx.table(component, STORAGE), `component "${component}" has no ${STORAGE}`);
}

function notAnId(id: unknown) {
  return userError(
    "StorageInvalid",
    `Invalid storage ID: "${String(id)}". Storage ID should be an Id of '_storage' table, or a UUID string.`,
    { storageId: id },
  );
}

function foreignId() {
  return userError(
    "StorageInvalid",
    "Invalid storage ID. Storage ID cannot be an ID on any table other than '_storage'.",
  );
}
