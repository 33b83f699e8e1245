// A chat on http://127.0.0.1:3210, page and backend: `npm run example:node-server [port] [file]`.
// ConvexReactClient, ConvexHttpClient and curl may come to the same port.

import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { createBackend, modulesFrom } from "invex";
import { inspector } from "invex/inspector";
import { sqlite } from "invex/sqlite";
import { PageFiles } from "./page-files";
import { serve } from "./serve";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const port = Number(process.argv[2] ?? 3210);
const database = new Database(process.argv[3] ?? here("./chat.db"));
const leaseMs = process.env.PRESENCE_LEASE_MS;
const key = process.env.INSPECTOR_KEY ?? randomBytes(16).toString("hex");

const backend = createBackend({
  modules: modulesFrom(here("./convex")),
  persistence: sqlite(database),
  env: leaseMs === undefined ? {} : { PRESENCE_LEASE_MS: leaseMs },
  url: `http://127.0.0.1:${port}`,
});
await backend.ready;
const server = await serve(backend, {
  port,
  page: await PageFiles.read(here("./dist")),
  inspect: inspector(backend, { key }),
});
console.log(`Listening on ${server.url}, with an inspector at ${server.url}/inspector#key=${key}`);

process.once("SIGINT", async () => {
  await server.close();
  await backend.close();
  database.close();
});
