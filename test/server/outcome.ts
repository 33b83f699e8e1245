/** What became of a call: its result or its message. For comparing two packages call by call. */

export type Outcome = { value: unknown } | { message: string };

export function outcomeOf(call: () => unknown): Outcome {
  try {
    return { value: call() };
  } catch (error) {
    return { message: (error as Error).message };
  }
}

export async function asyncOutcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { message: (error as Error).message };
  }
}
