/**
 * Timers, microtasks and `fetch` inside functions. Queries and mutations have none: arming a timer
 * gives an id and kills the function, `fetch` rejects (engine.md 6.5). Actions have the host's, with
 * callbacks that still run inside the action.
 */
import { type Callable, host } from "./host";
import { notAllowed } from "./not-allowed";
import { running, runningFrozen } from "./running";

type Schedule = "setTimeout" | "setInterval" | "setImmediate" | "queueMicrotask";

/** Where Node's timers say what `util.promisify` makes of them. */
const promisify = Symbol.for("nodejs.util.promisify.custom");

/** On `setTimeout` of every copy of this library. */
const brand = Symbol.for("InvexSandbox");

export const queueMicrotask = inherited("queueMicrotask");
export const setTimeout = Object.assign(deadly("setTimeout"), { [brand]: true });
export const setInterval = deadly("setInterval");
export const clearTimeout = harmless("clearTimeout");
export const clearInterval = harmless("clearInterval");

/** Convex's runtime of queries and mutations has none. */
export const setImmediate = override(inherited("setImmediate"), () => {
  throw new ReferenceError("setImmediate is not defined");
});

export const fetch = override(
  named("fetch", (...args) => hostCall("fetch", args)),
  () => Promise.reject(notAllowed("fetch()")),
);

/** Whether a `setTimeout` is a sandbox's, of this copy of the library or another. */
export function isSandboxed(timeout: Callable): boolean {
  return brand in timeout;
}

function deadly(name: "setTimeout" | "setInterval"): Callable {
  return override(inherited(name), () => {
    runningFrozen()?.kill(notAllowed(name));
    return 1;
  });
}

function harmless(name: "clearTimeout" | "clearInterval"): Callable {
  return override(
    named(name, (...args) => hostCall(name, args)),
    () => undefined,
  );
}

/** `usual`, but in queries and mutations `frozen`. */
function override(usual: Callable, frozen: () => unknown): Callable {
  const overriding = named(usual.name, (...args) =>
    runningFrozen() === undefined ? usual(...args) : frozen(),
  );
  return Object.defineProperties(overriding, promisified(usual));
}

/** The host's, with a callback that runs where it was made. */
function inherited(name: Schedule): Callable {
  const schedule = named(name, (callback, ...rest) => {
    const scope = running();
    if (scope === undefined || typeof callback !== "function") {
      return hostCall(name, [callback, ...rest]);
    }
    const bound = (...args: unknown[]) => scope.reenter(() => callback(...args));
    return hostCall(name, [bound, ...rest]);
  });
  return Object.defineProperty(schedule, promisify, {
    get: () => (host[name] as { [promisify]?: unknown } | undefined)?.[promisify],
  });
}

function promisified(callable: Callable): PropertyDescriptorMap {
  const descriptor = Object.getOwnPropertyDescriptor(callable, promisify);
  return descriptor === undefined ? {} : { [promisify]: descriptor };
}

/** Without a receiver: some platforms refuse a wrong one. */
function hostCall(name: Schedule | "fetch" | "clearTimeout" | "clearInterval", args: unknown[]) {
  const callable = host[name];
  return callable(...args);
}

function named(name: string, callable: Callable): Callable {
  return Object.defineProperty(callable, "name", { value: name });
}
