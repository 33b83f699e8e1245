/** Convex's clients in the backend's own process: no socket, no port, the same protocol. */
import type { Connectable } from "./connection";
import { virtualSocketClass } from "./virtual-socket";

/**
 * A WebSocket class that leads to `backend`, whatever URL it is given. Each call makes a class of its
 * own, so several backends can be used side by side.
 *
 * @example
 * const client = new ConvexReactClient(backend.url, { webSocketConstructor: webSocketFor(backend) });
 */
export function webSocketFor(backend: Connectable): typeof WebSocket {
  return virtualSocketClass((events) => {
    const connection = backend.connect((message) => events.onMessage(message), {
      onClose: (frame) => events.onClose(frame),
    });
    events.onOpen();
    return { send: (message) => connection.receive(message), close: () => connection.close() };
  });
}
