// What is there while a page is open, what is left when it has gone, and how much a slow one costs.

import { inspector } from "invex/inspector";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EngineInside, INSIDE, type Inspectable } from "../../src/backend/engine-inside";
import { Feed } from "../../src/inspector/feed";
import { PageBackend } from "../../src/inspector/page/page-backend";
import type { ServerLine } from "../../src/inspector/wire";
import { waitUntil } from "../sync/wait-until";
import { createLab } from "./lab";
import { ask, openInspector, rowsOf, URL_OF_PAGE } from "./open-inspector";

interface Page {
  readonly rows: readonly { n: number }[];
}

function insideOf(backend: object): Promise<EngineInside> {
  return (backend as Inspectable)[INSIDE]();
}

/** How often each thing an inspection holds on to has been begun and not ended. */
async function watchHolds(backend: object) {
  const { database, logs, explainer } = await insideOf(backend);
  const held = { commits: 0, logs: 0, reruns: 0 };
  const counted = <F extends (...args: never[]) => unknown>(
    target: object,
    method: string,
    name: keyof typeof held,
    stopOf: (result: never) => () => void,
  ) => {
    const original = Reflect.get(target, method) as F;
    Object.defineProperty(target, method, {
      value: (...args: never[]) => {
        held[name] += 1;
        const result = original.apply(target, args) as never;
        const stop = stopOf(result);
        const ended = () => {
          held[name] -= 1;
          return stop();
        };
        return name === "reruns" ? { ...(result as object), stop: ended } : ended;
      },
    });
  };
  counted(database, "onCommit", "commits", (stop) => stop);
  counted(logs, "tap", "logs", (stop) => stop);
  counted(explainer, "watch", "reruns", ({ stop }: { stop: () => void }) => stop);
  return held;
}

/** A stream whose lines are read when the test wants. */
async function openRaw(handler: (request: Request) => Promise<Response>) {
  const response = await handler(ask({ type: "open" }));
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const lines: ServerLine[] = [];
  const read = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (done) return false;
    const parts = (text + decoder.decode(value, { stream: true })).split("\n");
    text = parts.pop() as string;
    lines.push(...parts.map((part) => JSON.parse(part)));
    return true;
  };
  await read();
  const [hello] = lines;
  const page = hello?.type === "hello" ? hello.page : "";
  const say = (frames: object[]) => handler(ask({ type: "say", page, frames }));
  return { lines, read, say, leave: () => reader.cancel() };
}

describe("a page that is open", () => {
  it("[INS17] is all that anything is held for", async () => {
    const backend = createLab();
    const held = await watchHolds(backend);
    const handler = inspector(backend);
    await handler(new Request(URL_OF_PAGE));
    expect(held).toEqual({ commits: 0, logs: 0, reruns: 0 });
    const first = await openRaw(handler);
    const second = await openRaw(handler);
    expect(held).toEqual({ commits: 1, logs: 1, reruns: 1 });
    await first.leave();
    expect(held).toEqual({ commits: 1, logs: 1, reruns: 1 });
    await second.leave();
    expect(held).toEqual({ commits: 0, logs: 0, reruns: 0 });
    expect((await second.say([])).status).toBe(410);
  });

  it("[INS17] has reruns recorded while it is, and what the embedder began goes on", async () => {
    const backend = createLab();
    const stop = backend.subscribe("notes:list", { tag: "t" }, () => {});
    const { explainer } = await insideOf(backend);
    const add = async () => {
      await backend.mutation("notes:add", { n: 1, tag: "t" });
      await backend.settle();
    };
    const first = await openInspector(backend);
    await add();
    first.page.end();
    await waitUntil(() => explainer.isRecording === false, "the end of recording");
    await add();
    expect(backend.liveQueries()).toMatchObject([{ rerunCount: 0 }]);
    const second = await openInspector(backend);
    second.page.end();
    await add();
    expect(backend.liveQueries()).toMatchObject([{ rerunCount: 1 }]);
    stop();
  });

  it("[INS20] is one of thirty-two, and has sixteen channels", async () => {
    const handler = inspector(createLab());
    const pages = [];
    for (let i = 0; i < 32; i++) pages.push(await openRaw(handler));
    expect((await handler(ask({ type: "open" }))).status).toBe(503);
    const [first] = pages;
    const frames = Array.from({ length: 17 }, (_, channel) => ({ type: "open", channel }));
    await first!.say(frames);
    await first!.read();
    expect(first!.lines.at(-1)).toEqual({
      ...{ type: "close", channel: 16, code: 1013, reason: "TooManyChannels" },
    });
    await first!.leave();
    expect((await handler(ask({ type: "open" }))).status).toBe(200);
  });

  it("[INS5] says things to channels that are not there in vain", async () => {
    const page = await openRaw(inspector(createLab()));
    const frames = [
      { type: "message", channel: 7, text: "x" },
      { type: "close", channel: 7 },
    ];
    expect((await page.say(frames)).status).toBe(204);
    await page.say([
      { type: "open", channel: 1 },
      { type: "message", channel: 1, text: "no sync message" },
    ]);
    await page.read();
    await page.read();
    expect(page.lines.slice(1)).toMatchObject([
      { type: "message", channel: 1, text: expect.stringContaining("FatalError") },
      { type: "close", channel: 1 },
    ]);
  });
});

describe("a page that does not read", () => {
  it("[INS16] misses what is too much, and is told", async () => {
    const backend = createLab();
    const handler = inspector(backend);
    const page = await openRaw(handler);
    const text = "x".repeat(10_000);
    const write = (n: number) =>
      backend.run(async (ctx) => {
        await ctx.db.insert("notes", { n, text });
      });
    for (let n = 0; n < 400; n++) await write(n);
    const told = () => page.lines.flatMap((line) => (line.type === "commits" ? [line] : []));
    const commitsIn = (lines: ReturnType<typeof told>) => lines.flatMap(({ entries }) => entries);
    while (
      !commitsIn(told()).some(({ changes: [change] }) => JSON.stringify(change).includes('"n":399'))
    ) {
      await page.read();
    }
    const dropped = told().reduce((sum, line) => sum + line.dropped, 0);
    expect(dropped).toBeGreaterThan(100);
    expect(commitsIn(told()).length + dropped).toBe(400);
    // It goes on as before.
    await write(400);
    await page.read();
    expect(commitsIn(told()).at(-1)?.changes[0]?.after).toMatchObject({ n: 400 });
  });

  it("[INS16] keeps the newest of a feed within its bound", () => {
    const feed = new Feed(100);
    for (let i = 0; i < 50; i++) feed.push({ i });
    const line = JSON.parse(feed.take("logs"));
    expect(line.entries.at(-1)).toEqual({ i: 49 });
    expect(line.entries.length + line.dropped).toBe(50);
    expect(feed.isEmpty).toBe(true);
    feed.push({ long: "x".repeat(200) });
    expect(JSON.parse(feed.take("logs"))).toEqual({ type: "logs", entries: [], dropped: 1 });
  });

  it("[INS16] has its queries skip states, and others theirs not", async () => {
    const backend = createLab();
    const handler = inspector(backend);
    const slow = await openRaw(handler);
    const sessionId = "00000000-0000-4000-8000-000000000000";
    const query = { queryId: 0, udfPath: "_system/inspector:rows", args: [rowsOf("loose")] };
    const messages = [
      { type: "Connect", sessionId, connectionCount: 0 },
      { type: "Authenticate", baseVersion: 0, tokenType: "Admin", value: "inspector" },
      {
        type: "ModifyQuerySet",
        baseVersion: 0,
        newVersion: 1,
        modifications: [{ type: "Add", ...query }],
      },
    ];
    await slow.say([
      { type: "open", channel: 1 },
      ...messages.map((each) => ({ type: "message", channel: 1, text: JSON.stringify(each) })),
    ]);
    const other = await openInspector(backend);
    const rows = other.follow<Page>("rows", rowsOf("loose"));
    await rows.until(() => true);
    const large = "x".repeat(400_000);
    for (let n = 0; n < 30; n++) {
      await backend.run(async (ctx) => {
        const old = await ctx.db.query("loose").first();
        if (old !== null) await ctx.db.delete(old._id);
        await ctx.db.insert("loose", { n, large });
      });
      await rows.until((page) => page.rows[0]?.n === n);
    }
    const transitions = () =>
      slow.lines.filter((line) => line.type === "message" && line.text.includes('"Transition"'));
    const newest = () => JSON.stringify(transitions().at(-1) ?? "");
    while (!newest().includes('\\"n\\":29')) await slow.read();
    expect(transitions().length).toBeLessThan(15);
  });
});

describe("the backend", () => {
  it("[INS18] that closes ends streams, and requests are refused", async () => {
    const backend = createLab();
    const handler = inspector(backend);
    const page = await openRaw(handler);
    await backend.close();
    while (await page.read());
    const response = await handler(ask({ type: "open" }));
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: "This backend has been closed." });
  });

  it("[INS18] that is forked is looked into by itself", async () => {
    const backend = createLab();
    await backend.mutation("notes:add", { n: 1 });
    const fork = backend.fork();
    const original = await openInspector(backend);
    const copy = await openInspector(fork);
    await fork.mutation("notes:add", { n: 2 });
    const inCopy = copy.follow<Page>("rows", rowsOf("notes"));
    expect((await inCopy.until(({ rows }) => rows.length === 2)).rows[1]).toMatchObject({ n: 2 });
    const inOriginal = original.follow<Page>("rows", rowsOf("notes"));
    expect((await inOriginal.until(() => true)).rows).toHaveLength(1);
    expect(original.page.commits.entries.value).toEqual([]);
    await fork.close();
  });

  it("[INS18] gives the same ids, looked into or not", async () => {
    const idsOf = async (isLookedInto: boolean) => {
      const backend = createLab();
      await backend.ready;
      const opened = isLookedInto ? await openInspector(backend) : undefined;
      await opened?.follow<Page>("rows", rowsOf("notes")).until(() => true);
      await opened?.report("functions");
      return [
        await backend.mutation("notes:add", { n: 1 }),
        await backend.mutation("notes:add", { n: 2 }),
      ];
    };
    expect(await idsOf(true)).toEqual(await idsOf(false));
  });
});

/** Convex's client and the page's link wait a while before they try again. */
async function passTimeUntil(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (holds()) return;
    await vi.advanceTimersByTimeAsync(50);
  }
  throw new Error(`it never came to pass: ${what}`);
}

describe("a stream that breaks", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[INS19] is opened again, and queries go on", async () => {
    const backend = createLab();
    const handler = inspector(backend);
    let bodies: ReadableStreamDefaultController[] = [];
    const page = new PageBackend({
      key: "",
      post: async (init) => {
        const response = await handler(new Request(URL_OF_PAGE, init));
        if (response.body === null || !response.ok) return response;
        const reader = response.body.getReader();
        const body = new ReadableStream({
          start: (controller) => void bodies.push(controller),
          pull: async (controller) => {
            const { done, value } = await reader.read();
            if (!done) controller.enqueue(value);
          },
          cancel: () => reader.cancel(),
        });
        return new Response(body);
      },
    });
    const counts: number[] = [];
    page.follow<Page>(
      "rows",
      rowsOf("notes"),
      ({ rows }) => counts.push(rows.length),
      () => {},
    );
    await waitUntil(() => counts.at(-1) === 0, "a first result");
    const [broken] = bodies;
    bodies = [];
    broken!.error(new TypeError("the network is gone"));
    await waitUntil(() => page.state.value.kind === "lost", "the loss");
    await backend.mutation("notes:add", { n: 1 });
    await passTimeUntil(() => counts.at(-1) === 1, "the result after it");
    expect(page.state.value).toEqual({ kind: "open" });
    page.end();
  });
});
