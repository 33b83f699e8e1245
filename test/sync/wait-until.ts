// Waiting for clients that have timers of their own, without sleeping: turns of the event loop pass
// until something holds.

const MAX_TURNS = 200_000;

export async function waitUntil(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never came to pass: ${what}`);
}
