/** `invex/client`: ways for Convex's own clients to reach a backend without a network. */
export type { CloseFrame, Connectable, ConnectOptions, Send, SyncConnection } from "./connection";
export { webSocketFor } from "./in-process-socket";
export { exposeBackend, webSocketOver } from "./message-port";
export type { PortLike } from "./port-like";
