// A backend whose functions do every single thing there is to do with files, and a watch over the
// bytes that are kept.

import type { Backend } from "invex";
import { vi } from "vitest";
import { MemoryBlobStore } from "../../src/storage/memory-blob-store";
import { action, mutation, query } from "../fixtures/lab";
import { createHttpLab } from "../http/http-lab";

type StorageId = never;

type Call = {
  readonly id?: string;
  readonly text?: string;
  readonly type?: string;
  readonly sha256?: string;
};

function blobOf({ text = "", type }: Call): Blob {
  return new Blob([text], type === undefined ? {} : { type });
}

function optionsOf({ sha256 }: Call): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 };
}

export const functions = {
  getUrl: query(async (ctx, { id }: Call) => ctx.storage.getUrl(id as StorageId)),
  getMetadata: query(async (ctx, { id }: Call) => ctx.storage.getMetadata(id as StorageId)),
  get: query(async (ctx, { id }: Call) => ctx.db.system.get(id as StorageId)),
  list: query(async (ctx) => ctx.db.system.query("_storage").collect()),
  uploadUrl: mutation(async (ctx) => ctx.storage.generateUploadUrl()),
  uploadUrlInAction: action(async (ctx) => ctx.storage.generateUploadUrl()),
  remove: mutation(async (ctx, { id }: Call) => ctx.storage.delete(id as StorageId)),
  removeInAction: action(async (ctx, { id }: Call) => ctx.storage.delete(id as StorageId)),
  removeAndFail: mutation(async (ctx, { id }: Call) => {
    await ctx.storage.delete(id as StorageId);
    throw new Error("after the delete");
  }),
  store: action(async (ctx, call: Call) => ctx.storage.store(blobOf(call), optionsOf(call))),
  storeInMutation: mutation(async (ctx, call: Call) =>
    ctx.storage.store(blobOf(call), optionsOf(call)),
  ),
  storeAndFail: mutation(async (ctx, call: Call) => {
    await ctx.storage.store(blobOf(call));
    throw new Error("after the store");
  }),
  storeAndRemove: mutation(async (ctx, call: Call) => {
    const id = await ctx.storage.store(blobOf(call));
    await ctx.storage.delete(id);
  }),
  storeAnything: action(async (ctx) => ctx.storage.store(new Request("http://a.test") as never)),
  read: action(async (ctx, { id }: Call) => {
    const blob = await ctx.storage.get(id as StorageId);
    return blob === null ? null : { text: await blob.text(), type: blob.type };
  }),
  readInMutation: mutation(async (ctx, { id }: Call) => {
    const blob = await ctx.storage.get(id as StorageId);
    return blob === null ? null : await blob.text();
  }),
};

export interface StorageLab extends ReturnType<typeof createHttpLab> {
  readonly call: (name: keyof typeof functions, args?: Call) => Promise<string>;
}

export function createStorageLab(options: Parameters<typeof createHttpLab>[0] = {}): StorageLab {
  const lab = createHttpLab({ ...options, functions: { ...functions, ...options.functions } });
  const kinds = { isQuery: "query", isMutation: "mutation", isAction: "action" } as const;
  const call = async (name: keyof typeof functions, args: Call = {}) => {
    const mark = (Object.keys(kinds) as (keyof typeof kinds)[]).find(
      (key) => key in functions[name],
    );
    const caller = lab.backend as Pick<Backend, "query" | "mutation" | "action">;
    return (await caller[kinds[mark!]](`m:${name}`, { ...args })) as string;
  };
  return { ...lab, call };
}

/** Ids of the blobs that are kept in memory from here on, by any backend. */
export function watchBlobs(): ReadonlySet<string> {
  const kept = new Set<string>();
  const { put, delete: remove } = MemoryBlobStore.prototype;
  vi.spyOn(MemoryBlobStore.prototype, "put").mockImplementation(async function (
    this: MemoryBlobStore,
    id,
    content,
  ) {
    await put.call(this, id, content);
    kept.add(id);
  });
  vi.spyOn(MemoryBlobStore.prototype, "delete").mockImplementation(function (
    this: MemoryBlobStore,
    id,
  ) {
    kept.delete(id);
    return remove.call(this, id);
  });
  return kept;
}

/** SHA-256 by the platform's own hand, in base64. */
export async function digestOf(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Buffer.from(digest).toString("base64");
}
