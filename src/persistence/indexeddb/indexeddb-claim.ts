/**
 * The right to use a database, held as a Web Lock: the browser gives it back when the page, the
 * worker or the whole browser is gone, however it went.
 */
import { systemClock } from "../../shared/system-clock";
import { persistenceError } from "../persistence-error";
import { explained } from "./indexeddb-failure";

/** The part of `LockManager` that is used. */
export interface LocksLike {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    callback: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

export interface Claim {
  /** @throws InvexError `PersistenceFailed` when somebody has taken the lock away */
  mustHold(): void;
  /** Resolves when others can have it. Again does nothing. */
  release(): Promise<void>;
}

/**
 * @param waitMs how long to wait for whoever has it; may be infinite
 * @throws InvexError `PersistenceFailed`
 */
export function claimName(locks: LocksLike, name: string, waitMs: number): Promise<Claim> {
  const { options, stopWaiting } = patience(waitMs);
  return new Promise((resolve, reject) => {
    let isHeld = false;
    let letGo = (_value: undefined) => {};
    const hold = (lock: unknown): unknown => {
      stopWaiting();
      if (lock === null) return reject(busy(name));
      isHeld = true;
      resolve({
        mustHold: () => {
          if (!isHeld) throw taken(name);
        },
        release: () => {
          letGo(undefined);
          return ended;
        },
      });
      return new Promise<undefined>((done) => {
        letGo = done;
      });
    };
    const ended = locks.request(`invex:${name}`, options, hold).then(
      () => undefined,
      (cause: unknown) => {
        // While it is held: taken away by `steal`. Before: waited long enough, or not allowed.
        isHeld = false;
        stopWaiting();
        reject(reasonIs(cause, "AbortError") ? busy(name) : explained(cause));
      },
    );
  });
}

function patience(waitMs: number) {
  if (waitMs === 0) return { options: { ifAvailable: true }, stopWaiting: () => {} };
  if (waitMs === Number.POSITIVE_INFINITY) return { options: {}, stopWaiting: () => {} };
  const controller = new AbortController();
  const clock = systemClock();
  const stopWaiting = clock.schedule(clock.now() + waitMs, () => controller.abort());
  return { options: { signal: controller.signal }, stopWaiting };
}

function reasonIs(cause: unknown, name: string): boolean {
  return (cause as { name?: unknown } | undefined)?.name === name;
}

function busy(name: string) {
  return persistenceError(
    "busy",
    `The IndexedDB database "${name}" is in use: another tab or worker has a backend on it. One backend at a time can have a database: close the other one, or share one backend in a SharedWorker.`,
    { name },
  );
}

function taken(name: string) {
  return persistenceError(
    "failed",
    `Somebody has taken the lock of the IndexedDB database "${name}" away: this backend no longer writes to it.`,
    { name },
  );
}
