// The Node host of examples/node-server, over real sockets.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { createBackend } from "invex";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { api } from "../../examples/node-server/convex/_generated/api";
import * as http from "../../examples/node-server/convex/http";
import * as messages from "../../examples/node-server/convex/messages";
import * as presence from "../../examples/node-server/convex/presence";
import schema from "../../examples/node-server/convex/schema";
import { PageFiles } from "../../examples/node-server/page-files";
import { type NodeServer, type ServeOptions, serve } from "../../examples/node-server/serve";
import { waitUntil } from "./wait-until";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const NEWEST = { paginationOpts: { numItems: 10, cursor: null } };

async function start(options?: ServeOptions) {
  const backend = createBackend({ schema, modules: { messages, presence, http } });
  const server = await serve(backend, options);
  cleanups.push(
    () => backend.close(),
    () => server.close(),
  );
  return { backend, server };
}

function connect({ url }: NodeServer): ConvexClient {
  const client = new ConvexClient(url, { unsavedChangesWarning: false, logger: false });
  cleanups.push(() => client.close());
  return client;
}

describe("the Node host", () => {
  it("[CLNT15] serves sync, the HTTP API and HTTP actions on one port", async () => {
    const { server } = await start();
    const [ada, bob] = [connect(server), connect(server)];
    let seen: string[] = [];
    bob.onUpdate(api.messages.list, NEWEST, ({ page }) => {
      seen = page.map(({ body }) => body);
    });
    await ada.mutation(api.messages.send, { author: "Ada", body: "hello" });
    await waitUntil(() => seen.length === 1, "Ada's message");
    const overHttp = new ConvexHttpClient(server.url);
    await overHttp.mutation(api.messages.send, { author: "Cy", body: "from afar" });
    await waitUntil(() => seen.length === 2, "Cy's message");
    expect(seen).toEqual(["from afar", "hello"]);
    const response = await fetch(`${server.url}/hello`, { method: "POST", body: "world" });
    expect(await response.text()).toBe("Hello, world!");
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
  });

  it("[CLNT15] refuses other upgrades, and survives a client that talks nonsense", async () => {
    const { server } = await start();
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
    expect(await connect(server).query(api.messages.list, NEWEST)).toMatchObject({ page: [] });
  });

  it("[CLNT16] answers with the files of its page first, and with no other files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "invex-page-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, "page/assets"), { recursive: true });
    await writeFile(join(folder, "page/index.html"), "<h1>Hi</h1>");
    await writeFile(join(folder, "page/assets/a.js"), "hi()");
    await writeFile(join(folder, "secret"), "hush");
    const { server } = await start({ page: await PageFiles.read(join(folder, "page")) });
    const index = await fetch(server.url);
    expect(await index.text()).toBe("<h1>Hi</h1>");
    expect(index.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await (await fetch(`${server.url}/assets/a.js?v=1`)).text()).toBe("hi()");
    expect((await fetch(`${server.url}/assets/a.js`, { method: "POST" })).status).toBe(404);
    for (const path of ["/%2e%2e/secret", "/..%2fsecret", "/assets", "/index.htm"]) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
    const hello = await fetch(`${server.url}/hello`, { method: "POST", body: "you" });
    expect(await hello.text()).toBe("Hello, you!");
  });
});
