/**
 * The `Convex` global of running functions. Adding a global and deleting it again costs 1 µs with
 * the garbage, too much for every time control passes. So the tracker shows it once per turn of the
 * event loop: an accessor behind the global object that has a value inside functions only.
 */
import { globals } from "./host";
import { running } from "./running";

const name = "Convex";

let shown = false;
/** Whether the host has a `Convex` of its own, as `convex-test` makes one, and which. */
let hostHasOne = false;
let hosts: unknown;

export function isBridgeShown(): boolean {
  return shown;
}

export function showBridge(): void {
  shown = true;
  hostHasOne = Object.hasOwn(globals, name);
  if (hostHasOne) return;
  Object.defineProperty(home(), name, {
    configurable: true,
    get: () => running()?.execution.bridge,
    set: becomeHosts,
  });
}

/** Leaves the global object as if there had been no bridge. */
export function hideBridge(): void {
  shown = false;
  if (!hostHasOne) Reflect.deleteProperty(home(), name);
}

/** Control passes in: the host's own, if there is one, makes room. */
export function swapInBridge(): void {
  if (!hostHasOne) return;
  hosts = globals.Convex;
  globals.Convex = running()?.execution.bridge;
}

export function swapOutBridge(): void {
  if (hostHasOne) globals.Convex = hosts;
}

/** What an assignment to a new global does. */
function becomeHosts(value: unknown): void {
  hideBridge();
  shown = true;
  hostHasOne = true;
  hosts = value;
  Object.defineProperty(globals, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** Behind the global object, where its own properties are not touched; else the object itself. */
function home(): object {
  const behind: object | null = Object.getPrototypeOf(globals);
  return behind === null || behind === Object.prototype ? globals : behind;
}
