/**
 * The ports of all platforms as one: `MessagePort` and `Worker` of browsers and of Node, Electron's
 * `MessagePortMain`, a worker's `parentPort` or `self`.
 */

/** Whatever carries messages both ways. Listeners are added in one way or the other. */
export interface PortLike {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: platforms differ in what their listeners take
  addEventListener?(type: "message" | "close", listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: platforms differ in what their listeners take
  removeEventListener?(type: "message" | "close", listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: platforms differ in what their listeners take
  on?(type: "message" | "close", listener: (event: any) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: platforms differ in what their listeners take
  off?(type: "message" | "close", listener: (event: any) => void): unknown;
  /** Ports of browsers and of Electron hold messages back until they are started. */
  start?(): void;
}

/**
 * Listens on `port`, and starts it.
 * @param onMessage gets the message itself, on every platform
 * @param onClose the other end has gone; not every platform tells
 * @returns stops the listening
 */
export function listenOn(
  port: PortLike,
  onMessage: (data: unknown) => void,
  onClose: () => void,
): () => void {
  const take = (event: unknown) => onMessage(dataOf(event));
  if (port.addEventListener !== undefined) {
    port.addEventListener("message", take);
    port.addEventListener("close", onClose);
  } else {
    port.on?.("message", take);
    port.on?.("close", onClose);
  }
  port.start?.();
  return () => {
    const remove = port.removeEventListener ?? port.off;
    remove?.call(port, "message", take);
    remove?.call(port, "close", onClose);
  };
}

/** Node's emitters give the message, everybody else an event that holds it. */
function dataOf(event: unknown): unknown {
  const isEvent = typeof event === "object" && event !== null && "data" in event;
  return isEvent ? (event as { data: unknown }).data : event;
}
