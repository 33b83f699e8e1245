/**
 * `ctx.storage`, as authors see it in queries, mutations and actions.
 * Types only: files live in `src/storage`.
 */

import type { GenericId } from "../values/value";

/** The UUID a file had before files were documents. Still accepted everywhere. */
export type StorageId = string;

/** What names a file. */
export type FileStorageId = GenericId<"_storage"> | StorageId;

/** What `getMetadata` tells about a file. */
export type FileMetadata = {
  storageId: StorageId;
  /** Hexadecimal, unlike in the `_storage` document. */
  sha256: string;
  /** Bytes. */
  size: number;
  contentType: string | null;
};

/** A plain string, but not the id of a document of some other table. */
type Untyped<T extends StorageId> = T extends { __tableName: unknown } ? never : T;

/** `ctx.storage` in queries. */
export interface StorageReader {
  /** Public URL of a file, or `null` if there is no such file. */
  getUrl(storageId: GenericId<"_storage">): Promise<string | null>;
  getUrl<T extends StorageId>(storageId: Untyped<T>): Promise<string | null>;

  /**
   * Facts about a file, or `null`.
   * @deprecated Read the document: `ctx.db.system.get("_storage", id)`.
   */
  getMetadata(storageId: GenericId<"_storage">): Promise<FileMetadata | null>;
  getMetadata<T extends StorageId>(storageId: Untyped<T>): Promise<FileMetadata | null>;
}

/** `ctx.storage` in mutations. */
export interface StorageWriter extends StorageReader {
  /** A URL to `POST` a file to, good for one hour and any number of files. */
  generateUploadUrl(): Promise<string>;

  /** Deletes a file. Rejects with `storage id … not found` if there is none. */
  delete(storageId: GenericId<"_storage">): Promise<void>;
  delete<T extends StorageId>(storageId: Untyped<T>): Promise<void>;

  /** The file, or `null`. */
  get(storageId: GenericId<"_storage">): Promise<Blob | null>;
  get<T extends StorageId>(storageId: Untyped<T>): Promise<Blob | null>;

  /** Stores a file. Rejects when the given `sha256` (base64) is not the file's. */
  store(blob: Blob, options?: { sha256?: string }): Promise<GenericId<"_storage">>;
}

/** `ctx.storage` in actions and HTTP actions. */
export interface StorageActionWriter extends StorageWriter {}
