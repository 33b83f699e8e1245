// What a call says when it fails: texts are compared as a whole.

/** The code and message of what `call` throws; fails when it does not. */
export function failureOf(call: () => unknown): { code: unknown; message: string } {
  try {
    call();
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    return { code, message };
  }
  throw new Error("expected a throw");
}
