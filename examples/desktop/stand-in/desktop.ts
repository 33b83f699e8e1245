// Stands in for Electron's main process, `electron/main.mjs`, and does what that does: starts the
// backend's half, here as a worker thread, gives every window a port to it, and when it ends starts
// another and gives out new ports. A window is a tab of a browser: its page comes by HTTP, the messages
// of its ports over a WebSocket.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { MessageChannel, Worker } from "node:worker_threads";
import { WebSocketServer } from "ws";
import type { Beginning } from "../backend/parent";
import { readPage } from "./page-files";
import { Window } from "./window";

const BACKEND = fileURLToPath(new URL("../dist/backend/main.mjs", import.meta.url));

export interface DesktopOptions {
  /** The database. */
  readonly file: string;
  /** Default: 0, which takes a free one. */
  readonly port?: number;
}

export class Desktop {
  readonly url: string;
  readonly #server: Server;
  readonly #file: string;
  readonly #windows = new Set<Window>();
  #backend: Worker;

  private constructor(server: Server, file: string) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.#file = file;
    this.#backend = this.#startBackend();
    this.#takeWindows();
  }

  /** Resolves when the backend has its file; rejects when it cannot have it. */
  static async start({ file, port = 0 }: DesktopOptions): Promise<Desktop> {
    const page = await readPage();
    const server = createServer((request, response) => page.answer(request, response));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const desktop = new Desktop(server, file);
    const [{ problem }] = (await once(desktop.#backend, "message")) as [Beginning];
    if (problem === null) return desktop;
    await desktop.close();
    throw new Error(problem);
  }

  /** Ends the backend's thread wherever it is. Another is started at once. */
  async killBackend(): Promise<void> {
    await this.#backend.terminate();
  }

  async close(): Promise<void> {
    this.#backend.removeAllListeners("exit");
    await this.#backend.terminate();
    for (const window of this.#windows) window.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  #startBackend(): Worker {
    const worker = new Worker(BACKEND, { argv: [this.#file] });
    let reason: string | null = null;
    worker.once("message", ({ problem }: Beginning) => {
      reason = problem;
    });
    worker.once("exit", () => {
      // To start it again would not help.
      if (reason !== null) return;
      this.#backend = this.#startBackend();
      for (const window of this.#windows) this.#connect(window);
    });
    return worker;
  }

  #connect(window: Window): void {
    const { port1, port2 } = new MessageChannel();
    this.#backend.postMessage(port1, [port1]);
    window.give(port2);
  }

  #takeWindows(): void {
    const sockets = new WebSocketServer({ noServer: true });
    this.#server.on("upgrade", (request, socket, head) => {
      // Pages of other sites may not read the notes.
      if (request.headers.origin !== this.url) return socket.destroy();
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const window = new Window(webSocket, () => this.#windows.delete(window));
        this.#windows.add(window);
        this.#connect(window);
      });
    });
  }
}
