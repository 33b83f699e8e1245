/** A connection to a backend that is still being loaded: what the client says waits for it. */
import type { Connectable, ConnectOptions, Send, SyncConnection } from "./connection";

/** What waits at most; a client that has said all it had to say waits for an answer. */
const MAX_WAITING = 4000;

/** @param target rejects when there will be no backend; then the connection ends */
export function deferredConnection(
  target: Promise<Connectable>,
  send: Send,
  options: ConnectOptions = {},
): SyncConnection {
  let waiting: string[] = [];
  let connection: SyncConnection | undefined;
  let isClosed = false;
  const end = (code: number, reason: string) => {
    if (isClosed) return;
    isClosed = true;
    waiting = [];
    options.onClose?.({ code, reason });
  };
  const begin = (backend: Connectable) => {
    if (isClosed) return;
    connection = backend.connect(send, options);
    for (const message of waiting) connection.receive(message);
    waiting = [];
  };
  target.then(begin).catch(() => end(1011, "InternalServerError"));
  return {
    receive: (message) => {
      if (connection !== undefined) return connection.receive(message);
      if (waiting.length >= MAX_WAITING) return end(1013, "TooManyConcurrentRequests");
      if (!isClosed) waiting.push(message);
    },
    state: () => connection?.state(),
    close: () => {
      isClosed = true;
      waiting = [];
      connection?.close();
    },
  };
}
