/** `ctx.storage` of queries, mutations and actions, on the storage layer's own terms. */
import type { Transaction } from "../db/transaction";
import type { ActionCall } from "../functions/action-call";
import { reportToHost } from "../functions/host-log";
import type { FunctionServices } from "../functions/services";
import type { TransactionFrame } from "../functions/transaction-frame";
import type { StorageActionWriter, StorageReader, StorageWriter } from "../server/storage";
import type { Random } from "../shared/random";
import {
  createStorageReader,
  createStorageWriter,
  type StorageFunction,
} from "../storage/ctx-storage";
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

/** The files of a new backend. Their bytes live in memory. */
export function openFiles(options: {
  readonly url: string;
  readonly random: Random;
  readonly secret: Uint8Array;
}): Files {
  const { url, random, secret } = options;
  return new Files({
    blobs: new MemoryBlobStore(),
    random,
    secret,
    origin: url.replace(/\/$/, ""),
    onError: (error) => reportToHost("the deletion of a file", error),
  });
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
