/**
 * Tells inside from outside by `AsyncLocalStorage`, which can only be asked. So the globals are
 * replaced while at least one function is running anywhere, and each looks who calls: to the host
 * they behave as its own, but it can see that they are others. Unhandled rejections stay the host's.
 */
import { hideBridge, showBridge } from "./bridge";
import { type Installation, install } from "./install";
import type { ContextStorage, ContextStorageClass } from "./platform";
import { lookUpRunningWith } from "./running";
import type { Scope } from "./scope";
import type { Tracker } from "./tracker";

/** Microtasks without a function after which the host gets its globals back. */
const graceMicrotasks = 32;

export class ContextTracker implements Tracker {
  readonly mode = "context";
  readonly #storage: ContextStorage<Scope>;
  #open = 0;
  #installation: Installation | undefined;
  #isLeaving = false;

  constructor(Storage: ContextStorageClass) {
    this.#storage = new Storage();
    lookUpRunningWith(() => this.#storage.getStore());
  }

  start<T>(scope: Scope, handler: () => T): T {
    this.#open += 1;
    if (this.#installation === undefined) {
      this.#installation = install();
      showBridge();
    }
    return this.#storage.run(scope, handler);
  }

  ended(): void {
    this.#open -= 1;
    if (this.#open === 0 && !this.#isLeaving) void this.#leave();
  }

  reenter<T>(scope: Scope, callback: () => T): T {
    return this.#storage.run(scope, callback);
  }

  outside<T>(body: () => T): T {
    return this.#storage.getStore() === undefined ? body() : this.#storage.exit(body);
  }

  judgeRejections(): undefined {}

  rest(): void {
    if (this.#open > 0 || this.#installation === undefined) return;
    hideBridge();
    this.#installation.remove();
    this.#installation = undefined;
  }

  /** Replacing and restoring costs 5 µs and more, so calls one after another share it. */
  async #leave(): Promise<void> {
    this.#isLeaving = true;
    for (let i = 0; i < graceMicrotasks && this.#open === 0; i++) await undefined;
    this.#isLeaving = false;
    this.rest();
  }
}
