// Backends to import into and export from, and everything they hold as one value to compare.

import type { Backend, BackendOptions, ImportSnapshotOptions } from "invex";
import { createBackend, manualClock } from "invex";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { encodeId } from "../../src/values/id";
import { type ZipFile, zipOf } from "./zip";

export const schema = defineSchema({
  users: defineTable({ name: v.string(), friend: v.optional(v.id("users")) }).index("by_name", [
    "name",
  ]),
  posts: defineTable({
    by: v.id("users"),
    text: v.string(),
    file: v.optional(v.id("_storage")),
    vector: v.optional(v.array(v.number())),
  })
    .index("by_author", ["by"])
    .searchIndex("by_text", { searchField: "text" })
    .vectorIndex("by_vector", { vectorField: "vector", dimensions: 2 }),
  things: defineTable(v.any()),
});

type Options = Partial<BackendOptions>;

export function createSnapshotLab(options: Options = {}): Backend {
  const backend = createBackend({
    seed: "snapshot",
    schema,
    modules: {},
    clock: manualClock(),
    determinism: "off",
    ...options,
  });
  return backend as unknown as Backend;
}

export async function bytesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}

export function blobOf(text: string): Blob {
  return new Blob([text]);
}

/** Imports files as a ZIP made by hand. */
export function importFiles(
  backend: Backend,
  files: Readonly<Record<string, string | Uint8Array>>,
  options?: ImportSnapshotOptions,
) {
  const list: ZipFile[] = Object.entries(files).map(([path, content]) => ({ path, content }));
  return backend.importSnapshot(zipOf(list), options);
}

/** A well-formed id: table number and a number of the document's own. */
export function idOf(tableNumber: number, document = 0): string {
  const internal = new Uint8Array(16);
  new DataView(internal.buffer).setUint32(0, document);
  return encodeId(tableNumber, internal);
}

/** All documents of the tables given, by table, in order of creation. */
export async function documentsOf(
  backend: Backend,
  tables: readonly string[] = ["users", "posts", "things"],
): Promise<Record<string, unknown[]>> {
  return backend.run(async (ctx) => {
    const found: Record<string, unknown[]> = {};
    for (const table of tables) {
      found[table] = table.startsWith("_")
        ? await ctx.db.system.query(table as never).collect()
        : await ctx.db.query(table).collect();
    }
    return found;
  });
}

export interface StoredFile {
  readonly id: string;
  readonly url: string | null;
  readonly row: unknown;
  readonly type: string;
  readonly bytes: readonly number[];
}

/** Every file with its bytes and its URL. */
export async function filesOf(backend: Backend): Promise<StoredFile[]> {
  return backend.action(async (ctx) => {
    const rows = (await backend.run(async ({ db }) => db.system.query("_storage").collect())) as {
      _id: string;
    }[];
    const files: StoredFile[] = [];
    for (const row of rows) {
      const blob = await ctx.storage.get(row._id as never);
      const url = await ctx.storage.getUrl(row._id as never);
      const bytes = [...new Uint8Array(await blob!.arrayBuffer())];
      files.push({ id: row._id, url, row, type: blob!.type, bytes });
    }
    return files;
  });
}

export async function store(backend: Backend, content: string, type = ""): Promise<string> {
  return backend.action((ctx) => ctx.storage.store(new Blob([content], { type })));
}

/** What a rejected promise says, and where. */
export async function failureOf(promise: Promise<unknown>) {
  try {
    await promise;
  } catch (error) {
    const { code, message, fields } = error as Error & { code: string; fields: object };
    return { code, message, fields };
  }
  throw new Error("Expected a rejection, but the promise resolved");
}
