/** One sync connection as its transport sees it: texts in, texts out, an end. Types only. */
import type { SessionState } from "./session-state";

/**
 * Takes one message to the client. Called in order, and never again after `onClose`. A promise says
 * that the client is slow: nothing more is sent until it resolves, and states that pass meanwhile are
 * skipped. A throw or a rejection is a connection that is lost.
 */
export type Send = (message: string) => void | Promise<void>;

/** How the server ends a connection. */
export interface CloseFrame {
  /** As of WebSockets: 1000, 1001, 1008, 1011, 1013. Absent: close without a code. */
  readonly code?: number;
  /** A short code for programs, at most 123 bytes. */
  readonly reason?: string;
}

export interface ConnectOptions {
  /** A session that goes on here: what `state()` of its last connection said. Default: a new one. */
  readonly resume?: SessionState;
  /** Whether silence is broken by pings, every 15 seconds. `false` where the host does it. Default: `true`. */
  readonly pings?: boolean;
  /** Called whenever `state()` has another answer, and it is not `undefined`. Must not throw. */
  readonly onRest?: () => void;
  /** The server has ended the connection: the transport is to be closed. Called once at most, and not after `close()`. */
  readonly onClose?: (frame: CloseFrame) => void;
}

/** What `backend.connect(send)` returns. */
export interface SyncConnection {
  /** Takes one message of the client. Never throws, whatever it is. */
  receive(message: string): void;
  /**
   * All that is needed to go on with this session on another backend with the same data, after this
   * one is gone; plain JSON. `undefined` while something is under way that would be lost: a message
   * not acted on, a mutation or an action that runs, an answer or a state not handed to `send`.
   * What `send` took counts as told: a transport that may lose it must not be resumed.
   * Cost: O(queries); a result is hashed once.
   */
  state(): SessionState | undefined;
  /** The transport has closed. What the client asked for and is under way goes on. Again does nothing. */
  close(): void;
}

/** Whatever connections can be made to. */
export interface Connectable {
  connect(send: Send, options?: ConnectOptions): SyncConnection;
}
