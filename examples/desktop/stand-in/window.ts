// A window as its program sees it: somebody who can be given ports. What goes through a port is plain
// data, so it can go over a WebSocket; `preload.js` is at the other end.

import type { MessagePort } from "node:worker_threads";
import type { WebSocket } from "ws";

interface Frame {
  /** Ports are counted: what was sent to an old one is not for the new one. */
  readonly port: number;
  readonly message: unknown;
}

export class Window {
  readonly #socket: WebSocket;
  #port: MessagePort | undefined;
  #ports = 0;

  constructor(socket: WebSocket, onClose: () => void) {
    this.#socket = socket;
    socket.on("message", (text) => {
      const { port, message } = JSON.parse(String(text)) as Frame;
      if (port === this.#ports) this.#port?.postMessage(message);
    });
    socket.on("close", () => {
      this.#port?.close();
      onClose();
    });
  }

  give(port: MessagePort): void {
    this.#ports += 1;
    const number = this.#ports;
    this.#port = port;
    // Before any message of it: a new number announces a new port.
    this.#socket.send(JSON.stringify({ port: number }));
    port.on("message", (message) => this.#socket.send(JSON.stringify({ port: number, message })));
  }

  close(): void {
    this.#socket.terminate();
  }
}
