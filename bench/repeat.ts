/** Repeating one operation for a while and saying what one cost. */

import type { MaybePromise } from "./driver";

/** Awaits a promise and passes anything else on at once. */
export async function settled<T>(value: MaybePromise<T>): Promise<T> {
  return value instanceof Promise ? await value : value;
}

/**
 * Runs `operation` with rising numbers for about `budgetMs` and returns microseconds for one.
 * Looks at the clock once a batch; batches grow until one lasts a millisecond.
 */
export async function microsecondsEach(
  budgetMs: number,
  operation: (index: number) => unknown,
): Promise<number> {
  let done = 0;
  let batch = 1;
  const start = performance.now();
  for (;;) {
    const batchStart = performance.now();
    for (const end = done + batch; done < end; done++) {
      const result = operation(done);
      if (result instanceof Promise) await result;
    }
    const now = performance.now();
    if (now - start >= budgetMs) return ((now - start) * 1_000) / done;
    if (now - batchStart < 1) batch *= 2;
  }
}

/** Times one thing, in milliseconds. */
export async function milliseconds(operation: () => unknown): Promise<number> {
  const start = performance.now();
  const result = operation();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}
