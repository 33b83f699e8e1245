// The whole way a browser goes: upload, save, getUrl, download; over a real server on loopback, and
// through `backend.fetch` alone.

import type { Server } from "node:http";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream as NodeStream } from "node:stream/web";
import type { Backend } from "invex";
import { httpRouter } from "invex/server";
import { v } from "invex/values";
import { afterEach, describe, expect, it } from "vitest";
import { httpAction, internalMutation, mutation, query, refs } from "../fixtures/lab";
import { createHttpLab } from "./http-lab";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Mounts whatever `backend()` is on a free port of loopback. */
async function listen(backend: () => Backend): Promise<string> {
  server = createServer((incoming, outgoing) => void answer(backend(), incoming, outgoing));
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse) {
  const response = await backend.fetch(requestOf(incoming, outgoing));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else Readable.fromWeb(response.body as NodeStream).pipe(outgoing);
}

function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const controller = new AbortController();
  outgoing.once("close", () => controller.abort());
  const { method = "GET", url = "/", headers } = incoming;
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers: headers as Record<string, string>,
    duplex: "half",
    signal: controller.signal,
  };
  if (method !== "GET" && method !== "HEAD") init.body = Readable.toWeb(incoming) as BodyInit;
  return new Request(`http://${headers.host}${url}`, init);
}

const functions = {
  generateUploadUrl: mutation(async (ctx) => ctx.storage.generateUploadUrl()),
  save: mutation({
    args: { name: v.string(), file: v.id("_storage") },
    handler: async (ctx, args) => ctx.db.insert("things", args),
  }),
  photos: query(async (ctx) => {
    const rows = await ctx.db.query("things").collect();
    return Promise.all(
      rows.map(async ({ name, file }) => ({ name, url: await ctx.storage.getUrl(file) })),
    );
  }),
  record: internalMutation(async (ctx, event: { kind: string }) => {
    await ctx.db.insert("others", event);
  }),
};

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** As a page would: knows the backend's address and a `fetch`, nothing else. */
async function uploadSaveDownload(origin: string, fetch: Fetch) {
  const call = async (kind: string, path: string, args: unknown) => {
    const response = await fetch(`${origin}/api/${kind}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path, args }),
    });
    const { value } = (await response.json()) as { value: never };
    return value as unknown;
  };
  const uploadUrl = (await call("mutation", "m:generateUploadUrl", {})) as string;
  const upload = await fetch(uploadUrl, {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: new Uint8Array([1, 2, 3, 250]),
  });
  const { storageId } = (await upload.json()) as { storageId: string };
  await call("mutation", "m:save", { name: "cat", file: storageId });
  const [photo] = (await call("query", "m:photos", {})) as { name: string; url: string }[];
  const download = await fetch(photo!.url);
  return {
    name: photo!.name,
    type: download.headers.get("content-type"),
    bytes: [...new Uint8Array(await download.arrayBuffer())],
  };
}

const CAT = { name: "cat", type: "image/png", bytes: [1, 2, 3, 250] };

describe("a backend behind a server", () => {
  it("[HTTP23] upload, save, getUrl and download work over loopback", async () => {
    let backend: Backend | undefined;
    const url = await listen(() => backend!);
    backend = createHttpLab({ functions, url }).backend;
    expect(await uploadSaveDownload(url, fetch)).toEqual(CAT);
  });

  it("[HTTP23] and the same through backend.fetch alone", async () => {
    const { backend } = createHttpLab({ functions });
    expect(await uploadSaveDownload(backend.url, backend.fetch)).toEqual(CAT);
  });

  it("[HTTP24] a webhook route writes through an internal mutation, and a REST route lists", async () => {
    const http = httpRouter();
    http.route({
      path: "/webhook",
      method: "POST",
      handler: httpAction(async (ctx, request) => {
        if (request.headers.get("x-signature") !== "right")
          return new Response(null, { status: 401 });
        await ctx.runMutation(refs.mutation("record"), await request.json());
        return new Response(null, { status: 204 });
      }),
    });
    http.route({
      pathPrefix: "/events/",
      method: "GET",
      handler: httpAction(async (ctx, request) => {
        const kind = new URL(request.url).pathname.split("/").at(-1);
        const events = await ctx.runQuery(refs.query("events"), { kind });
        return Response.json(events, { headers: { "Cache-Control": "no-store" } });
      }),
    });
    const events = query(async (ctx, { kind }: { kind: string }) => {
      const all = await ctx.db.query("others").collect();
      return all.filter((each) => each.kind === kind).map((each) => each.n);
    });
    let backend: Backend | undefined;
    const url = await listen(() => backend!);
    backend = createHttpLab({ functions: { ...functions, events }, http, url }).backend;
    const send = (kind: string, n: number, signature = "right") =>
      fetch(`${url}/webhook`, {
        method: "POST",
        headers: { "X-Signature": signature },
        body: JSON.stringify({ kind, n }),
      });
    expect((await send("push", 1)).status).toBe(204);
    expect((await send("pull", 2)).status).toBe(204);
    expect((await send("push", 3, "wrong")).status).toBe(401);
    const list = await fetch(`${url}/events/push`);
    expect(list.headers.get("cache-control")).toBe("no-store");
    expect(await list.json()).toEqual([1]);
  });
});
