/**
 * `ctx.storage`: what functions may do with files (functions.md 6). Where it happens, in the
 * function's own transaction or in one per call, is the port's doing.
 */
import type { Transaction } from "../db/transaction";
import { requireArgument } from "../server/argument";
import type { FileMetadata } from "../server/storage";
import { toByteArray } from "../values/base64";
import { chunksOf } from "./byte-stream";
import { type FileRow, findFile, insertFile, removeFile } from "./file-row";
import type { Files } from "./files";

/** The running function, as far as files go. */
export interface StorageFunction {
  readonly component: string;
  /** What `Date.now()` says there. */
  now(): number;
  /** Runs `body` in the function's transaction, in order with its other operations, or in a new one. */
  transact<T>(body: (tx: Transaction) => T): Promise<T>;
  /**
   * Runs work that has to wait for bytes. In a transaction nothing the function asks for later
   * begins before it has ended.
   */
  whole<T>(work: (transact: Transact) => Promise<T>): Promise<T>;
  /** Told of bytes whose row is written in `tx`, before that is known to commit. */
  kept(tx: Transaction, storageId: string): void;
}

export type Transact = <T>(body: (tx: Transaction) => T) => Promise<T>;

export interface CtxStorageReader {
  getUrl(storageId: unknown): Promise<string | null>;
  getMetadata(storageId: unknown): Promise<FileMetadata | null>;
}

export interface CtxStorageWriter extends CtxStorageReader {
  generateUploadUrl(): Promise<string>;
  delete(storageId: unknown): Promise<void>;
  store(blob: unknown, options?: { readonly sha256?: string }): Promise<string>;
  get(storageId: unknown): Promise<Blob | null>;
}

/** `ctx.storage` of queries. Reads rows only, so a subscription hears when a file goes. */
export function createStorageReader(files: Files, running: StorageFunction): CtxStorageReader {
  const { component } = running;
  return {
    getUrl: async (storageId) => {
      requireArgument(storageId, 1, "storageId", "getUrl");
      const file = await running.transact((tx) => findFile(tx, component, storageId));
      return file === undefined ? null : files.urlOf(component, file.storageId);
    },
    getMetadata: async (storageId) => {
      requireArgument(storageId, 1, "storageId", "getMetadata");
      const file = await running.transact((tx) => findFile(tx, component, storageId));
      return file === undefined ? null : metadataOf(file);
    },
  };
}

/** `ctx.storage` of mutations and actions. */
export function createStorageWriter(files: Files, running: StorageFunction): CtxStorageWriter {
  const { component } = running;
  return {
    ...createStorageReader(files, running),
    generateUploadUrl: async () => files.uploadUrl(component, running.now()),
    delete: async (storageId) => {
      requireArgument(storageId, 1, "storageId", "delete");
      await running.transact((tx) => removeFile(tx, component, storageId));
    },
    store: (blob, options) => store(files, running, blob, options),
    get: async (storageId) => {
      requireArgument(storageId, 1, "storageId", "get");
      return running.whole(async (transact) => {
        const file = await transact((tx) => findFile(tx, component, storageId));
        return file === undefined ? null : files.blob(file);
      });
    },
  };
}

async function store(
  files: Files,
  running: StorageFunction,
  blob: unknown,
  options: { readonly sha256?: string } | undefined,
): Promise<string> {
  if (!isBlob(blob)) {
    throw new Error(
      "store() expects a Blob. If you are trying to store a Request, `await request.blob()` will give you the correct input.",
    );
  }
  return running.whole(async (transact) => {
    const file = await files.keep({
      chunks: chunksOf(blob.stream()),
      contentType: blob.type || undefined,
      sha256: options?.sha256,
    });
    try {
      return await transact((tx) => {
        running.kept(tx, file.storageId);
        return insertFile(tx, running.component, file);
      });
    } catch (error) {
      await files.discard(file.storageId);
      throw error;
    }
  });
}

/** Blobs may come from another realm, as those of test environments do. */
function isBlob(value: unknown): value is Blob {
  if (typeof value !== "object" || value === null) return false;
  const { size, type, stream } = value as Partial<Blob>;
  return typeof size === "number" && typeof type === "string" && typeof stream === "function";
}

function metadataOf({ storageId, sha256, size, contentType }: FileRow): FileMetadata {
  const hex = [...toByteArray(sha256)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { storageId, sha256: hex, size, contentType: contentType ?? null };
}
