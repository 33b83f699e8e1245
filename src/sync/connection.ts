/** One sync connection as its transport sees it: texts in, texts out, an end. Types only. */

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
  /** The server has ended the connection: the transport is to be closed. Called once at most, and not after `close()`. */
  readonly onClose?: (frame: CloseFrame) => void;
}

/** What `backend.connect(send)` returns. */
export interface SyncConnection {
  /** Takes one message of the client. Never throws, whatever it is. */
  receive(message: string): void;
  /** The transport has closed. What the client asked for and is under way goes on. Again does nothing. */
  close(): void;
}

/** Whatever connections can be made to. */
export interface Connectable {
  connect(send: Send, options?: ConnectOptions): SyncConnection;
}
