/**
 * The order of one function's database operations (engine.md 5.6, 6.3): each runs whole, in the
 * order it was asked for; while a nested call runs, the caller's operations wait behind it.
 * Operations are synchronous, so without nested calls nothing ever waits, but in simulations: there
 * a pause comes between a result and the function's hearing of it.
 */

/** One array for all that wait for nothing; never written. */
const NOBODY: (() => void)[] = [];

type Pause = () => Promise<void> | undefined;

export class Turnstile {
  #isOccupied = false;
  #queue = NOBODY;
  #operations = 0;
  #idleWaiters = NOBODY;
  readonly #pause: Pause | undefined;
  /** Results that the function has not heard of yet. */
  #paused = 0;

  /** @param pause see `pace.ts` */
  constructor(pause?: Pause) {
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

  /**
   * Asks for an operation: `true` if it may run now, at once. If not, it must {@link queue}: nearly
   * none does, which is why these are two.
   */
  enter(): boolean {
    this.#operations += 1;
    return this.#pause === undefined && !this.#mustWait;
  }

  /** Runs `operation` in its turn. What it throws, the promise rejects with. */
  queue<T>(operation: () => T): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      const start = () => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#mustWait) this.#wait(start);
      else start();
    });
    return this.#pause === undefined ? result : this.#afterPause(result, this.#pause);
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
      if (this.#mustWait) this.#wait(start);
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

  get #mustWait(): boolean {
    return this.#isOccupied || this.#queue.length > 0;
  }

  #wait(start: () => void): void {
    if (this.#queue === NOBODY) this.#queue = [];
    this.#queue.push(start);
  }

  async #afterPause<T>(result: Promise<T>, pause: Pause): Promise<T> {
    this.#paused += 1;
    try {
      return await result;
    } finally {
      await pause();
      this.#paused -= 1;
      this.#wakeIfIdle();
    }
  }

  #advance(): void {
    while (!this.#isOccupied) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next();
    }
    this.#wakeIfIdle();
  }

  #wakeIfIdle(): void {
    if (this.isBusy) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = NOBODY;
    for (const wake of waiters) wake();
  }
}
