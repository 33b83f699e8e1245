// A chat backend on http://127.0.0.1:3210: `npx tsx examples/node-server/main.ts [port]`.
// Point ConvexReactClient, ConvexHttpClient or curl at it.

import { createBackend } from "invex";
import * as http from "./convex/http";
import * as messages from "./convex/messages";
import schema from "./convex/schema";
import { serve } from "./serve";

const port = Number(process.argv[2] ?? 3210);
const url = `http://127.0.0.1:${port}`;

const backend = createBackend({ schema, modules: { messages, http }, url });
const server = await serve(backend, port);
console.log(`Listening on ${server.url}`);

process.once("SIGINT", async () => {
  await server.close();
  await backend.close();
});
