/** A stand-in for the backend behind the `Convex` global: records what is asked, answers as told. */

export interface Asked {
  operation: string;
  args: unknown;
}

export type Answer = (asked: Asked) => unknown;

/** Runs `body` with the global in place and resolves to everything it asked. */
export async function recordingGlobal(body: () => unknown, answer: Answer): Promise<Asked[]> {
  const asked: Asked[] = [];
  const respond = (operation: string, json: string): string => {
    const one = { operation, args: JSON.parse(json) };
    asked.push(one);
    return JSON.stringify(answer(one));
  };
  const host = globalThis as { Convex?: unknown };
  host.Convex = {
    syscall: respond,
    asyncSyscall: async (op: string, json: string) => respond(op, json),
  };
  try {
    await body();
  } finally {
    delete host.Convex;
  }
  return asked;
}
