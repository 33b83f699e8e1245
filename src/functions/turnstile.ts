/**
 * The order of one function's database operations (engine.md 5.6, 6.3): each runs whole, in the
 * order it was asked for; while a nested call runs, the caller's operations wait behind it.
 * Operations are synchronous, so without nested calls nothing ever waits.
 */

export class Turnstile {
  #isOccupied = false;
  #queue: (() => void)[] = [];
  #operations = 0;
  #idleWaiters: (() => void)[] = [];

  /** How many operations were asked for so far. */
  get operations(): number {
    return this.#operations;
  }

  /** Whether a nested call runs or anything waits. */
  get isBusy(): boolean {
    return this.#isOccupied || this.#queue.length > 0;
  }

  /** Runs `operation` now, or in its turn. What it throws, the promise rejects with. */
  run<T>(operation: () => T): Promise<T> {
    this.#operations += 1;
    if (!this.isBusy) {
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
      if (this.isBusy) this.#queue.push(start);
      else start();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.isBusy) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #advance(): void {
    while (!this.#isOccupied) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next();
    }
    if (!this.isBusy) for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
