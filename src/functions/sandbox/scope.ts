/**
 * One stay in the sandbox: from the call of a handler until its outcome is known.
 * Guarantees that the outcome settles exactly once: with the handler's, or earlier with the error
 * that killed the function. What still runs afterwards stays sandboxed but is heard by nobody.
 */
import type { Assigned } from "./assigned";
import type { Execution } from "./execution";
import type { Tracker } from "./tracker";

export class Scope {
  readonly execution: Execution;
  /** Promises that settled before anyone listened. For the tracker alone. */
  suspects: Promise<unknown>[] | undefined;
  /** Variables it has assigned, while control is elsewhere. For the tracker alone. */
  assigned: Assigned | undefined;

  readonly #tracker: Tracker;
  #closed = false;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor(execution: Execution, tracker: Tracker) {
    this.execution = execution;
    this.#tracker = tracker;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs the handler. Called once. */
  run<T>(handler: () => T | PromiseLike<T>): Promise<T> {
    const outcome = new Promise<unknown>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    try {
      this.#follow(this.#tracker.start(this, () => adopted(handler())));
    } catch (error) {
      this.#fail(error);
    }
    return outcome as Promise<T>;
  }

  /** Runs a callback the function left with the host. */
  reenter<T>(callback: () => T): T {
    return this.#tracker.reenter(this, callback);
  }

  /** Ends the function with `error` now, whatever its handler goes on to do. Twice is once. */
  kill(error: unknown): void {
    if (this.#closed) return;
    this.#fail(error);
    this.execution.fail(error);
  }

  #follow(result: unknown): void {
    if (!(result instanceof Promise)) {
      this.#fulfil(result);
      return;
    }
    result.then(
      (value) => this.#fulfil(value),
      (error) => this.#fail(error),
    );
  }

  #fulfil(value: unknown): void {
    if (this.#closed) return;
    const draining = this.execution.drain?.();
    if (draining === undefined) {
      this.#conclude(value);
      return;
    }
    draining.then(
      () => this.#conclude(value),
      (error) => this.#fail(error),
    );
  }

  #conclude(value: unknown): void {
    const judged = this.#tracker.judgeRejections(this);
    if (judged === undefined) this.#succeed(value);
    else judged.then(() => this.#succeed(value));
  }

  #succeed(value: unknown): void {
    if (this.#close()) this.#resolve(value);
  }

  #fail(error: unknown): void {
    if (this.#close()) this.#reject(error);
  }

  /** @returns whether it was still open. */
  #close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#tracker.ended(this);
    return true;
  }
}

/** A thenable as a promise. To be called inside: what `then` does is the function's doing. */
function adopted(result: unknown): unknown {
  if (result instanceof Promise) return result;
  const isThenable = typeof (result as { then?: unknown } | null | undefined)?.then === "function";
  return isThenable ? Promise.resolve(result) : result;
}
