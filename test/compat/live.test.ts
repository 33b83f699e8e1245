// The two fixture apps under subscription: while the working day runs, the same live queries on both
// deliver the same values after the same calls.

import type { createBackend } from "invex";
import { expect, it } from "vitest";
import { appBackend, twinBackend } from "./invex-targets";
import { morning, workday } from "./scripts";
import type { Args, CallStep, Entry, Saved } from "./step";
import { comparable } from "./transcript";

interface LiveQuery {
  readonly path: string;
  readonly args: (saved: Saved) => Args;
}

const LIVE: readonly LiveQuery[] = [
  { path: "channels:active", args: () => ({}) },
  { path: "channels:members", args: ({ general }) => ({ channelId: general }) },
  { path: "messages:latest", args: ({ general }) => ({ channelId: general, limit: 2 }) },
  {
    path: "messages:list",
    args: ({ general }) => ({
      channelId: general,
      paginationOpts: { numItems: 2, cursor: null },
    }),
  },
  { path: "messages:count", args: () => ({}) },
  { path: "tasks:board", args: () => ({ status: "todo", priority: 2 }) },
  { path: "admin/reports/daily", args: () => ({ verbose: true }) },
];

it("[CMP5] both fixture apps deliver alike, call for call", async () => {
  const app = await liveTranscript(appBackend());
  const twin = await liveTranscript(twinBackend());
  expect(app.length).toBeGreaterThan(25);
  expect(twin).toEqual(app);
});

it("[CMP5] only what a call touched is delivered after it", async () => {
  const transcript = await liveTranscript(appBackend());
  const after = (call: string) =>
    transcript.filter((each) => each.call.endsWith(`after ${call}`)).map((each) => each.call);
  expect(after("mutation tasks:bulkFinish")).toEqual([
    "query tasks:board after mutation tasks:bulkFinish",
  ]);
  expect(after("mutation users:clearEmail")).toEqual([]);
  expect(after("mutation messages:remove")).toContain(
    "query messages:count after mutation messages:remove",
  );
});

/** Every delivery of the live queries, each named after the call it followed. */
async function liveTranscript({ backend, clock }: ReturnType<typeof appBackend>) {
  const saved: Record<string, unknown> = {};
  const entries: Entry[] = [];
  let current = "the start";
  const record = (path: string) => (value: unknown) => {
    const step: CallStep = { kind: "query", path: `${path} after ${current}` };
    entries.push({ step, outcome: { value } });
  };
  for (const [index, step] of workday.entries()) {
    if (index === morning.length) {
      await subscribeToAll(backend, saved, record);
    }
    if (step.kind === "drain") continue;
    current = `${step.kind} ${step.path}`;
    clock.tick();
    const args = typeof step.args === "function" ? step.args(saved) : (step.args ?? {});
    const caller = step.as === undefined ? backend : backend.withIdentity(step.as);
    const value = await caller[step.kind](step.path, args).catch(() => undefined);
    if (step.save !== undefined) saved[step.save] = value;
    await everythingDelivered(backend);
  }
  await backend.close();
  return comparable(entries, "invex");
}

/** Subscribes to every live query and waits for its first result: modules may have to be loaded. */
async function subscribeToAll(
  backend: ReturnType<typeof createBackend>,
  saved: Saved,
  record: (path: string) => (value: unknown) => void,
): Promise<void> {
  for (const { path, args } of LIVE) {
    await new Promise<void>((resolve, reject) => {
      const onResult = record(path);
      const settle = (value: unknown) => {
        onResult(value);
        resolve();
      };
      backend.subscribe(path, args(saved), settle, reject);
    });
  }
}

/** The app's own counter as a sentinel: commits are delivered in order, so its delivery is last. */
async function everythingDelivered(backend: ReturnType<typeof createBackend>): Promise<void> {
  const name = "sentinel";
  const target = await backend.mutation("crew:bumpCounter", { name, by: 1n });
  await new Promise<void>((resolve, reject) => {
    const stop = backend.subscribe(
      "crew:counter",
      { name },
      (value) => {
        if (value !== target) return;
        queueMicrotask(() => stop());
        resolve();
      },
      reject,
    );
  });
}
