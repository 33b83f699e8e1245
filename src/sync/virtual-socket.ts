/**
 * A WebSocket class without a socket: what goes over the wire goes through a `Link` instead. It keeps
 * the manners of real ones that Convex's clients rely on (functions.md 9.9): it opens after its
 * constructor has returned, delivers nothing from within `send`, and closes with an event.
 *
 * A handler that throws ends nobody but itself: the error is reported as an uncaught one of the host.
 */
import { reportToHost } from "../functions/host-log";
import type { CloseFrame } from "./connection";

/** The other end, as a socket sees it. Calls it makes may come at any time after `open` returned. */
export interface SocketEvents {
  onOpen(): void;
  onMessage(message: string): void;
  onClose(frame: CloseFrame): void;
}

export interface Link {
  send(message: string): void;
  /** The socket has closed; the link calls nobody any more. */
  close(): void;
}

/** Begins a connection. */
export type OpenLink = (events: SocketEvents) => Link;

type SocketState = 0 | 1 | 2 | 3;
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** Code of a close that gives none. */
const NO_CODE = 1005;

type Handler = ((event: Event) => void) | null;

/** The class of sockets that go through links of `openLink`. Its instances need a URL for show only. */
export function virtualSocketClass(openLink: OpenLink): typeof WebSocket {
  class VirtualSocket extends EventTarget {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSING = CLOSING;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSING = CLOSING;
    readonly CLOSED = CLOSED;
    readonly url: string;
    readonly protocol = "";
    readonly extensions = "";
    readonly bufferedAmount = 0;
    binaryType = "blob";
    onopen: Handler = null;
    onmessage: Handler = null;
    onerror: Handler = null;
    onclose: Handler = null;
    #state: SocketState = CONNECTING;
    #link: Link | undefined;

    constructor(url: string | URL) {
      super();
      this.url = String(url);
      queueMicrotask(() => this.#connect());
    }

    get readyState(): SocketState {
      return this.#state;
    }

    send(message: string): void {
      if (this.#state === CONNECTING) throw new Error("The socket is still connecting.");
      if (this.#state !== OPEN) return;
      queueMicrotask(() => {
        if (this.#state === OPEN) this.#link?.send(message);
      });
    }

    close(code = NO_CODE, reason = ""): void {
      if (this.#state === CLOSING || this.#state === CLOSED) return;
      this.#state = CLOSING;
      queueMicrotask(() => {
        this.#link?.close();
        this.#end({ code, reason });
      });
    }

    #connect(): void {
      if (this.#state !== CONNECTING) return;
      this.#link = openLink({
        onOpen: () => this.#opened(),
        onMessage: (message) => this.#deliver(message),
        onClose: (frame) => queueMicrotask(() => this.#end(frame)),
      });
    }

    #opened(): void {
      if (this.#state !== CONNECTING) return;
      this.#state = OPEN;
      this.#emit("open", {});
    }

    /** One microtask later: a request must be on its client's books before its answer comes. */
    #deliver(message: string): void {
      queueMicrotask(() => {
        if (this.#state === OPEN) this.#emit("message", { data: message });
      });
    }

    #end({ code = NO_CODE, reason = "" }: CloseFrame): void {
      if (this.#state === CLOSED) return;
      this.#state = CLOSED;
      this.#emit("close", { code, reason, wasClean: code !== 1006 });
    }

    #emit(type: "open" | "message" | "close", fields: object): void {
      const event = Object.assign(new Event(type), fields);
      try {
        this[`on${type}`]?.(event);
      } catch (error) {
        reportToHost(`a socket's on${type}`, error);
      }
      this.dispatchEvent(event);
    }
  }
  return VirtualSocket as unknown as typeof WebSocket;
}
