// The Node host of examples/node-server, over real sockets.

import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { createBackend } from "invex";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import * as http from "../../examples/node-server/convex/http";
import * as messages from "../../examples/node-server/convex/messages";
import schema from "../../examples/node-server/convex/schema";
import { type NodeServer, serve } from "../../examples/node-server/serve";
import { waitUntil } from "./wait-until";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function start() {
  const backend = createBackend({ schema, modules: { messages, http } });
  const server = await serve(backend);
  cleanups.push(
    () => backend.close(),
    () => server.close(),
  );
  return { backend, server, api: backend.api };
}

function connect({ url }: NodeServer): ConvexClient {
  const client = new ConvexClient(url, { unsavedChangesWarning: false, logger: false });
  cleanups.push(() => client.close());
  return client;
}

describe("the Node host", () => {
  it("[CLNT15] serves sync, the HTTP API and HTTP actions on one port", async () => {
    const { server, api } = await start();
    const [ada, bob] = [connect(server), connect(server)];
    let seen: string[] = [];
    bob.onUpdate(api.messages.list, {}, (list) => {
      seen = list.map(({ body }) => body);
    });
    await ada.mutation(api.messages.send, { author: "Ada", body: "hello" });
    await waitUntil(() => seen.length === 1, "Ada's message");
    const overHttp = new ConvexHttpClient(server.url);
    await overHttp.mutation(api.messages.send, { author: "Cy", body: "from afar" });
    await waitUntil(() => seen.length === 2, "Cy's message");
    expect(seen).toEqual(["hello", "from afar"]);
    const response = await fetch(`${server.url}/hello`, { method: "POST", body: "world" });
    expect(await response.text()).toBe("Hello, world!");
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
  });

  it("[CLNT15] refuses other upgrades, and survives a client that talks nonsense", async () => {
    const { server, api } = await start();
    const wrong = new NodeWebSocket(`${server.url.replace("http", "ws")}/elsewhere`);
    let refused = false;
    wrong.on("error", () => {
      refused = true;
    });
    await waitUntil(() => refused, "the refusal");
    const rude = new NodeWebSocket(`${server.url.replace("http", "ws")}/api/1.48.0/sync`);
    let code: number | undefined;
    rude.on("open", () => rude.send("\0"));
    rude.on("close", (given) => {
      code = given;
    });
    await waitUntil(() => code !== undefined, "the end");
    expect(code).toBe(1005);
    expect(await connect(server).query(api.messages.list, {})).toEqual([]);
  });
});
