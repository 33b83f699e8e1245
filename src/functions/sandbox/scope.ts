/**
 * One stay in the sandbox: from the call of a handler until its outcome is known.
 * Guarantees that the outcome is told exactly once: the handler's, or earlier the error that killed
 * the function. What still runs afterwards stays sandboxed but is heard by nobody.
 */
import type { Assigned } from "./assigned";
import type { Execution } from "./execution";
import type { Tracker } from "./tracker";

/** Who hears how a handler ended: one of the two, once, as code of the host. Must not throw. */
export interface OutcomeListener {
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
}

export class Scope {
  readonly execution: Execution;
  /** Promises that settled before anyone listened. For the tracker alone. */
  suspects: Promise<unknown>[] | undefined;
  /** Variables it has assigned, while control is elsewhere. For the tracker alone. */
  assigned: Assigned | undefined;

  readonly #tracker: Tracker;
  #closed = false;
  readonly #listener: OutcomeListener;

  constructor(execution: Execution, tracker: Tracker, listener: OutcomeListener) {
    this.execution = execution;
    this.#tracker = tracker;
    this.#listener = listener;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs the handler; the outcome may be told before this returns. Called once. */
  run(handler: () => unknown): void {
    try {
      this.#follow(this.#tracker.start(this, () => adopted(handler())));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Runs a callback the function left with the host. */
  reenter<T>(callback: () => T): T {
    return this.#tracker.reenter(this, callback);
  }

  /** Ends the function with `error` now, whatever its handler goes on to do. Twice is once. */
  kill(error: unknown): void {
    if (!this.#close()) return;
    this.execution.fail(error);
    // Not now, nor as the function: it may be on the stack, in the midst of something.
    this.#tracker.outside(() => nativeThen.call(settled, () => this.#listener.rejected(error)));
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
    if (this.#close()) this.#listener.fulfilled(value);
  }

  #fail(error: unknown): void {
    if (this.#close()) this.#listener.rejected(error);
  }

  /** @returns whether it was still open. */
  #close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#tracker.ended(this);
    return true;
  }
}

/** A thenable as a plain promise. To be called inside: what `then` does is the function's doing. */
function adopted(result: unknown): unknown {
  const then = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof then !== "function") return result;
  if (then === nativeThen && result instanceof Promise) return result;
  return new Promise((resolve) => resolve(result));
}

const { then: nativeThen } = Promise.prototype;
const settled = Promise.resolve();
