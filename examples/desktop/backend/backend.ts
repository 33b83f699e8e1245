import Database from "better-sqlite3";
import { createBackend } from "invex";
import { sqlite } from "invex/sqlite";
import * as notes from "../convex/notes";
import schema from "../convex/schema";

export async function openBackend(file: string) {
  const persistence = sqlite(new Database(file));
  const backend = createBackend({ schema, modules: { notes }, persistence });
  await backend.ready;
  return backend;
}

/** For the page, which never sees more of the backend than its type. */
export type Api = Awaited<ReturnType<typeof openBackend>>["api"];
