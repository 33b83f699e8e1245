/**
 * Convex's clients in another thread, frame or process of the same program: worker threads, Electron's
 * windows, iframes. The sync protocol goes over a MessagePort; one port carries any number of sockets,
 * because a client that reconnects opens another.
 */
import type { CloseFrame, Connectable, SyncConnection } from "./connection";
import {
  asFrameToBackend,
  asFrameToClient,
  type FrameToBackend,
  type FrameToClient,
} from "./port-frame";
import { listenOn, type PortLike } from "./port-like";
import { type SocketEvents, virtualSocketClass } from "./virtual-socket";

/** Messages on their way that a client has not taken: above that, states are skipped for it. */
const MAX_UNREAD = 32;

/** Sockets that one port may have open at a time. */
const MAX_SOCKETS = 1000;

/**
 * Lets whoever holds the other end of `port` connect to `backend` with `webSocketOver`. The other end
 * is a client like any other: it may call public functions, and needs a token to be somebody.
 *
 * @returns ends all connections over the port and listens no more; the port stays open
 * @example
 * // Electron's main process
 * window.webContents.once("did-finish-load", () => {
 *   const { port1, port2 } = new MessageChannelMain();
 *   exposeBackend(port1, backend);
 *   window.webContents.postMessage("backend", null, [port2]);
 * });
 */
export function exposeBackend(port: PortLike, backend: Connectable): () => void {
  const exposed = new ExposedPort(port, backend);
  const onMessage = (data: unknown) => {
    const frame = asFrameToBackend(data);
    if (frame !== undefined) exposed.handle(frame);
  };
  const stop = listenOn(port, onMessage, () => exposed.closeAll());
  return () => {
    stop();
    exposed.closeAll();
  };
}

/** The backend's end of a port. */
class ExposedPort {
  readonly #port: PortLike;
  readonly #backend: Connectable;
  readonly #sockets = new Map<number, ExposedSocket>();

  constructor(port: PortLike, backend: Connectable) {
    this.#port = port;
    this.#backend = backend;
  }

  handle(frame: FrameToBackend): void {
    if (frame.invex === "open") this.#open(frame.socket);
    else this.#sockets.get(frame.socket)?.handle(frame);
    if (frame.invex === "close") this.#sockets.delete(frame.socket);
  }

  closeAll(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #open(id: number): void {
    if (this.#sockets.has(id)) return;
    const onClose = (frame: CloseFrame) => {
      this.#sockets.delete(id);
      this.#post({ invex: "closed", socket: id, ...frame });
    };
    if (this.#sockets.size >= MAX_SOCKETS) {
      onClose({ code: 1013, reason: "TooManyConcurrentRequests" });
      return;
    }
    const post = (message: string) => this.#post({ invex: "message", socket: id, message });
    this.#sockets.set(id, new ExposedSocket(this.#backend, post, onClose));
    this.#post({ invex: "opened", socket: id });
  }

  #post(frame: FrameToClient): void {
    this.#port.postMessage(frame);
  }
}

/** One socket's connection; knows how far its client has read. */
class ExposedSocket {
  readonly #connection: SyncConnection;
  readonly #post: (message: string) => void;
  #sent = 0;
  #taken = 0;
  /** Tells the backend that the client has caught up. */
  #resume: (() => void) | undefined;

  constructor(
    backend: Connectable,
    post: (message: string) => void,
    onClose: (frame: CloseFrame) => void,
  ) {
    this.#post = post;
    this.#connection = backend.connect((message) => this.#send(message), { onClose });
  }

  handle(frame: Exclude<FrameToBackend, { invex: "open" }>): void {
    if (frame.invex === "send") this.#connection.receive(frame.message);
    else if (frame.invex === "acknowledge") this.#acknowledge(frame.count);
    else this.close();
  }

  close(): void {
    this.#connection.close();
  }

  #send(message: string): void | Promise<void> {
    this.#post(message);
    this.#sent += 1;
    if (this.#sent - this.#taken <= MAX_UNREAD) return;
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  #acknowledge(count: number): void {
    this.#taken = Math.max(this.#taken, Math.min(count, this.#sent));
    if (this.#sent - this.#taken > MAX_UNREAD / 2) return;
    this.#resume?.();
    this.#resume = undefined;
  }
}

/**
 * A WebSocket class that leads over `port` to the backend exposed at its other end, whatever URL it
 * is given.
 *
 * @example
 * const client = new ConvexReactClient("http://backend.invalid", {
 *   webSocketConstructor: webSocketOver(port),
 * });
 */
export function webSocketOver(port: PortLike): typeof WebSocket {
  const sockets = new Map<number, { readonly events: SocketEvents; taken: number }>();
  const post = (frame: FrameToBackend) => port.postMessage(frame);
  let opened = 0;

  const onMessage = (data: unknown): void => {
    const frame = asFrameToClient(data);
    const entry = frame && sockets.get(frame.socket);
    if (frame === undefined || entry === undefined) return;
    if (frame.invex === "opened") entry.events.onOpen();
    else if (frame.invex === "message") {
      entry.taken += 1;
      entry.events.onMessage(frame.message);
      post({ invex: "acknowledge", socket: frame.socket, count: entry.taken });
    } else {
      const { code, reason } = frame;
      sockets.delete(frame.socket);
      entry.events.onClose({
        ...(code === undefined ? {} : { code }),
        ...(reason === undefined ? {} : { reason }),
      });
    }
  };
  const onClose = (): void => {
    for (const { events } of sockets.values()) events.onClose({ code: 1006 });
    sockets.clear();
  };
  listenOn(port, onMessage, onClose);

  return virtualSocketClass((events) => {
    const socket = opened;
    opened += 1;
    sockets.set(socket, { events, taken: 0 });
    post({ invex: "open", socket });
    return {
      send: (message) => post({ invex: "send", socket, message }),
      close: () => {
        sockets.delete(socket);
        post({ invex: "close", socket });
      },
    };
  });
}
