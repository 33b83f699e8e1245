// A backend on a port: sync over WebSockets for ConvexClient and ConvexReactClient, everything else
// (HTTP actions, the HTTP API, files) through backend.fetch, after the page's own files if there is
// a page. Needs nothing but `ws`.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Backend, CloseFrame } from "invex";
import { type WebSocket, WebSocketServer } from "ws";
import type { PageFiles } from "./page-files";

export interface ServeOptions {
  /** Default: 0, which takes a free one. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
  /** Default: no page, the backend answers everything. */
  readonly page?: PageFiles;
  /** Answers for `/inspector`. Default: no inspector. */
  readonly inspect?: Handler;
}

type Handler = (request: Request) => Promise<Response>;

export interface NodeServer {
  readonly url: string;
  /** Ends all connections; the backend stays open. */
  close(): Promise<void>;
}

/** Clients ask for `/api/<their version>/sync`. */
const SYNC_PATH = /^\/api\/(?:[^/]+\/)?sync$/;

const INSPECTOR_PATH = "/inspector";

/** Above so many bytes on their way, a client is slow: it gets the newest state when it has caught up. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** The longest message a client may send: the longest arguments and their packaging. */
const MAX_MESSAGE_BYTES = 17 << 20;

export async function serve(backend: Backend, options: ServeOptions = {}): Promise<NodeServer> {
  const { port = 0, host = "127.0.0.1", page, inspect } = options;
  const server = createServer((request, response) => {
    if (page?.answer(request.method, pathOf(request), response)) return;
    const isForInspector = inspect !== undefined && pathOf(request) === INSPECTOR_PATH;
    const handler: Handler = isForInspector ? inspect : (asked) => backend.fetch(asked);
    answer(handler, request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on("upgrade", (request, socket, head) => {
    if (!SYNC_PATH.test(pathOf(request))) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (webSocket) => attach(backend, webSocket));
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address();
  const actualPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host}:${actualPort}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One WebSocket, one session. */
function attach(backend: Backend, socket: WebSocket): void {
  const send = (message: string): void | Promise<void> => {
    if (socket.bufferedAmount < MAX_BUFFERED_BYTES) return socket.send(message);
    return new Promise((resolve, reject) => {
      socket.send(message, (error) => (error == null ? resolve() : reject(error)));
    });
  };
  const session = backend.connect(send, { onClose: (frame) => closeSocket(socket, frame) });
  socket.on("message", (data) => session.receive(String(data)));
  socket.on("close", () => session.close());
  socket.on("error", () => socket.terminate());
}

function closeSocket(socket: WebSocket, { code, reason }: CloseFrame): void {
  if (code === undefined) socket.close();
  else socket.close(code, reason);
}

async function answer(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const response = await handler(requestOf(incoming));
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = "GET", headers, url = "/" } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: Readable.toWeb(incoming) as BodyInit, duplex: "half" } : {};
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    ),
    ...body,
  });
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return new URL(url, "http://localhost").pathname;
}
