// A chat on http://127.0.0.1:3210, page and backend: `npm run example:node-server [port]`.
// ConvexReactClient, ConvexHttpClient and curl may come to the same port.

import { fileURLToPath } from "node:url";
import { createBackend, modulesFrom } from "invex";
import { PageFiles } from "./page-files";
import { serve } from "./serve";

const port = Number(process.argv[2] ?? 3210);
const leaseMs = process.env.PRESENCE_LEASE_MS;

const backend = createBackend({
  modules: modulesFrom(new URL("./convex/", import.meta.url)),
  env: leaseMs === undefined ? {} : { PRESENCE_LEASE_MS: leaseMs },
  url: `http://127.0.0.1:${port}`,
});
await backend.ready;
const page = await PageFiles.read(fileURLToPath(new URL("./dist", import.meta.url)));
const server = await serve(backend, { port, page });
console.log(`Listening on ${server.url}`);

process.once("SIGINT", async () => {
  await server.close();
  await backend.close();
});
