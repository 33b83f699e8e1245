// Whoever started this process: Electron's main process, or here the thread that stands in for it.
// Both send MessagePorts, each in its own way.

import { parentPort } from "node:worker_threads";
import type { PortLike } from "invex/client";

/** Told once, when the backend runs or cannot. */
export interface Beginning {
  readonly problem: string | null;
}

interface Parent {
  onPort(use: (port: PortLike) => void): void;
  tell(message: Beginning): void;
}

/** `process.parentPort` of an Electron utility process, as far as it is used. */
interface ElectronParent {
  on(type: "message", listener: (event: { readonly ports: readonly PortLike[] }) => void): void;
  postMessage(message: Beginning): void;
}

const electron = (process as { readonly parentPort?: ElectronParent }).parentPort;

export const parent: Parent =
  electron === undefined
    ? {
        onPort: (use) => void parentPort?.on("message", use),
        tell: (message) => parentPort?.postMessage(message),
      }
    : {
        onPort: (use) => electron.on("message", ({ ports }) => ports.forEach(use)),
        tell: (message) => electron.postMessage(message),
      };
