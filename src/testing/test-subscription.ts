/** A subscription as a test sees it: what was delivered, and how often the query ran for it. */

/** Ends the subscription when called. */
export interface TestSubscription<Result> {
  (): void;
  /** The last result; `undefined` before the first. */
  readonly value: Result | undefined;
  /** The last error, if the last outcome was one. */
  readonly error: Error | undefined;
  /** Every result so far, deeply frozen, oldest first. */
  readonly deliveries: readonly Result[];
  /** How often the query has run again since the first result, whether or not that changed it. */
  readonly reruns: number;
  /** Resolves with the next result that has not been waited for; rejects with the next error. */
  next(): Promise<Result>;
}

interface Waiter<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** Collects what a subscription delivers. */
export class SubscriptionRecord<Result> {
  readonly deliveries: Result[] = [];
  error: Error | undefined;
  reruns = 0;
  #isAnswered = false;
  /** How many results have been waited for. */
  #seen = 0;
  #waiting: Waiter<Result>[] = [];

  onResult(result: Result): void {
    this.#isAnswered = true;
    this.error = undefined;
    this.deliveries.push(result);
    for (const { resolve } of this.#waiting.splice(0)) resolve(result);
  }

  onError(error: Error): void {
    this.#isAnswered = true;
    this.error = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** The query runs: anew, unless there has been no answer yet. */
  onRun(): void {
    if (this.#isAnswered) this.reruns += 1;
  }

  async next(): Promise<Result> {
    if (this.#seen === this.deliveries.length) {
      await new Promise<Result>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    return this.deliveries[this.#seen++] as Result;
  }
}

/** The record as its owner may use it. */
export function testSubscription<Result>(
  record: SubscriptionRecord<Result>,
  stop: () => void,
): TestSubscription<Result> {
  const getters = {
    value: () => record.deliveries.at(-1),
    error: () => record.error,
    deliveries: () => record.deliveries,
    reruns: () => record.reruns,
  };
  const properties = Object.entries(getters).map(([name, get]) => [
    name,
    { get, enumerable: true },
  ]);
  const next = { value: () => record.next() };
  return Object.defineProperties(() => stop(), {
    ...Object.fromEntries(properties),
    next,
  }) as TestSubscription<Result>;
}
