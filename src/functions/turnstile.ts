/**
 * The order of one function's database operations (engine.md 5.6, 6.3): each runs whole, in the
 * order it was asked for; while a nested call runs, the caller's operations wait behind it.
 * Operations are synchronous, so without nested calls nothing ever waits, but in simulations: there
 * a pause comes between a result and the function's hearing of it.
 */

export class Turnstile {
  #isOccupied = false;
  #queue: (() => void)[] = [];
  #operations = 0;
  #idleWaiters: (() => void)[] = [];
  readonly #pause: (() => Promise<void> | undefined) | undefined;
  /** Results that the function has not heard of yet. */
  #paused = 0;

  /** @param pause see `pace.ts` */
  constructor(pause?: () => Promise<void> | undefined) {
    this.#pause = pause;
  }

  /** How many operations were asked for so far. */
  get operations(): number {
    return this.#operations;
  }

  /** Whether a nested call runs or anything waits. */
  get isBusy(): boolean {
    return this.#mustWait || this.#paused > 0;
  }

  /** Runs `operation` now, or in its turn. What it throws, the promise rejects with. */
  run<T>(operation: () => T): Promise<T> {
    this.#operations += 1;
    const result = this.#run(operation);
    return this.#pause === undefined ? result : this.#afterPause(result, this.#pause);
  }

  #run<T>(operation: () => T): Promise<T> {
    if (!this.#mustWait) {
      try {
        return Promise.resolve(operation());
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error);
        }
      };
      this.#queue.push(start);
    });
  }

  /** Runs `call` alone: nothing that is asked for later begins before it has settled. */
  runExclusive<T>(call: () => Promise<T>): Promise<T> {
    this.#operations += 1;
    const result = this.#runExclusive(call);
    return this.#pause === undefined ? result : this.#afterPause(result, this.#pause);
  }

  #runExclusive<T>(call: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        this.#isOccupied = true;
        call()
          .then(resolve, reject)
          .finally(() => {
            this.#isOccupied = false;
            this.#advance();
          });
      };
      if (this.#mustWait) this.#queue.push(start);
      else start();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.isBusy) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  get #mustWait(): boolean {
    return this.#isOccupied || this.#queue.length > 0;
  }

  async #afterPause<T>(result: Promise<T>, pause: () => Promise<void> | undefined): Promise<T> {
    this.#paused += 1;
    try {
      return await result;
    } finally {
      await pause();
      this.#paused -= 1;
      this.#wakeIfIdle();
    }
  }

  #wakeIfIdle(): void {
    if (!this.isBusy) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #advance(): void {
    while (!this.#isOccupied) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next();
    }
    this.#wakeIfIdle();
  }
}
