/** `ctx.storage` of queries, mutations and actions, on the storage layer's own terms. */
import type { Database } from "../db/database";
import type { Transaction } from "../db/transaction";
import type { ActionCall } from "../functions/action-call";
import { reportToHost } from "../functions/host-log";
import type { FunctionServices } from "../functions/services";
import type { TransactionFrame } from "../functions/transaction-frame";
import type { FileBytes } from "../persistence/persistence";
import type { StorageActionWriter, StorageReader, StorageWriter } from "../server/storage";
import { must } from "../shared/assert";
import { Late } from "../shared/late";
import type { Random } from "../shared/random";
import {
  createStorageReader,
  createStorageWriter,
  type StorageFunction,
} from "../storage/ctx-storage";
import { DurableBlobStore, type DurableBytes } from "../storage/durable-blob-store";
import type { FileCryptography } from "../storage/file-cryptography";
import { blobIdOf, rowOf, STORAGE } from "../storage/file-row";
import { Files } from "../storage/files";
import { MemoryBlobStore } from "../storage/memory-blob-store";

type StorageServices = Pick<
  FunctionServices,
  "storageReader" | "storageWriter" | "storageActionWriter" | "transactionEnded"
>;

/** @param transact runs a body in a transaction of its own, until it has committed */
export function storageServices(
  files: Files,
  transact: <T>(body: (tx: Transaction) => T) => Promise<T>,
): StorageServices {
  return {
    storageReader: (frame) => createStorageReader(files, inFrame(frame, files)) as StorageReader,
    storageWriter: (frame) => createStorageWriter(files, inFrame(frame, files)) as StorageWriter,
    storageActionWriter: (call) =>
      createStorageWriter(files, inAction(call, transact)) as StorageActionWriter,
    transactionEnded: (tx, record) => files.transactionEnded(tx, record),
  };
}

/** The files of a new backend, whose bytes are in `bytes`, or in memory. */
export function openFiles(options: {
  readonly url: string;
  readonly random: Random;
  /** 32 secret bytes, the same as long as URLs shall hold. */
  readonly secret: Uint8Array;
  readonly bytes: DurableBytes | undefined;
  /** Runs `body` as code of the host, also when a function stores the first file. */
  readonly outside: <T>(body: () => T) => T;
}): Files {
  const { url, random, secret, bytes, outside } = options;
  return new Files({
    blobs: bytes === undefined ? new MemoryBlobStore() : new DurableBlobStore(bytes),
    random,
    cryptography: new Late(() => outside(() => loadCryptography(secret))),
    origin: url.replace(/\/$/, ""),
    onError: (error) => reportToHost("the deletion of a file", error),
  });
}

/**
 * Deletes bytes that an earlier life of the store kept for a row it never wrote. To be called before
 * anything is kept. Cost: O(files).
 */
export function sweepFiles(files: Files, database: Database, bytes: FileBytes): void {
  const named = new Set<string>();
  for (const { component } of database.catalog.namespaces) {
    const table = must(database.planNamed(component, STORAGE));
    for (const row of database.documentsOf(table)) named.add(blobIdOf(rowOf(row)));
  }
  const swept = (async () => files.sweep(await bytes.ids(), named))();
  swept.catch((error) => reportToHost("the search for files without a document", error));
}

async function loadCryptography(secret: Uint8Array): Promise<FileCryptography> {
  const { createFileCryptography } = await import("../storage/file-cryptography");
  return createFileCryptography(secret);
}

function inFrame(frame: TransactionFrame, files: Files): StorageFunction {
  return {
    component: frame.component,
    now: () => frame.execution.startMs,
    transact: (body) => frame.run(() => body(frame.tx)),
    whole: (work) =>
      frame.turnstile.runExclusive(() => work(async (body) => frame.runNow(() => body(frame.tx)))),
    kept: (tx, storageId) => files.keptFor(tx, storageId),
  };
}

function inAction(
  call: ActionCall,
  transact: <T>(body: (tx: Transaction) => T) => Promise<T>,
): StorageFunction {
  return {
    component: call.component,
    now: () => call.execution.clockMs(),
    transact: (body) => call.track("storage", () => transact(body)),
    whole: (work) => call.track("storage", () => work(transact)),
    kept: () => {},
  };
}
