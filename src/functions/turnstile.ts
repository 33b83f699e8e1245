/**
 * The order of one function's database operations (engine.md 5.6, 6.3): each runs whole, in the
 * order it was asked for; while a nested call runs, the caller's operations wait behind it.
 * Operations are synchronous, so without nested calls nothing ever waits.
 */

/** One array for all that wait for nothing; never written. */
const NOBODY: (() => void)[] = [];

export class Turnstile {
  #isOccupied = false;
  #queue = NOBODY;
  #operations = 0;
  #idleWaiters = NOBODY;

  /** How many operations were asked for so far. */
  get operations(): number {
    return this.#operations;
  }

  /** Whether a nested call runs or anything waits. */
  get isBusy(): boolean {
    return this.#isOccupied || this.#queue.length > 0;
  }

  /**
   * Asks for an operation: `true` if it may run now, at once. If not, it must {@link queue}: nearly
   * none does, which is why these are two.
   */
  enter(): boolean {
    this.#operations += 1;
    return !this.isBusy;
  }

  /** Runs `operation` in its turn. What it throws, the promise rejects with. */
  queue<T>(operation: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error);
        }
      };
      this.#wait(start);
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
      if (this.isBusy) this.#wait(start);
      else start();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.isBusy) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters = [...this.#idleWaiters, resolve];
      });
    }
  }

  #wait(start: () => void): void {
    if (this.#queue === NOBODY) this.#queue = [];
    this.#queue.push(start);
  }

  #advance(): void {
    while (!this.#isOccupied) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next();
    }
    if (this.isBusy) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = NOBODY;
    for (const wake of waiters) wake();
  }
}
