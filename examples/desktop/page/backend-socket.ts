// The way to the backend that there is now. The preload script posts a port when the window opens, and
// another one when the backend has ended and been started again. Convex's client reconnects by itself:
// each attempt takes the newest port.

import { type PortLike, webSocketOver } from "invex/client";

/** A WebSocket class whose sockets lead to the newest backend, and close when there is a newer one. */
export function backendSocket(): typeof WebSocket {
  let newest = endable(noPort);
  let socketClass = webSocketOver(newest.port);
  addEventListener("message", ({ source, data, ports: [port] }) => {
    if (source !== window || data !== "backend" || port === undefined) return;
    const { end } = newest;
    newest = endable(port);
    socketClass = webSocketOver(newest.port);
    // Last: whoever reconnects at once finds the new one.
    end();
  });
  return class {
    constructor(url: string) {
      // biome-ignore lint/correctness/noConstructorReturn: what `new` gives is the newest class's
      return new socketClass(url);
    }
  } as typeof WebSocket;
}

/** Before the first port there is nobody to answer: who connects waits. */
const noPort: PortLike = { addEventListener: () => {}, postMessage: () => {} };

/** `port`, and a way to tell its user that nobody is at its other end any more. */
function endable(port: PortLike): { readonly port: PortLike; end(): void } {
  const closeListeners: (() => void)[] = [];
  return {
    port: {
      postMessage: (message) => port.postMessage(message),
      start: () => port.start?.(),
      addEventListener: (type, listener) => {
        if (type === "close") closeListeners.push(() => listener(undefined));
        port.addEventListener?.(type, listener);
      },
    },
    end: () => {
      for (const tell of closeListeners) tell();
    },
  };
}
