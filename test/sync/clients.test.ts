// The real clients of the convex package, in process and over a MessagePort.

import { MessageChannel } from "node:worker_threads";
import { BaseConvexClient, ConvexClient } from "convex/browser";
import { anyApi } from "convex/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exposeBackend, webSocketFor, webSocketOver } from "../../src/sync/client";
import { type Chat, createChat, quiet } from "./chat";
import { waitUntil } from "./wait-until";

const api = anyApi.messages as Record<string, never>;
const GENERAL = { channel: "general" };

let chat: Chat;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  chat = createChat();
});

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  await chat.backend.close();
});

/** How a client gets to the backend. */
const transports: Record<string, () => typeof WebSocket> = {
  "in process": () => webSocketFor(chat.backend),
  "over a MessagePort": () => {
    const { port1, port2 } = new MessageChannel();
    const stop = exposeBackend(port1, chat.backend);
    cleanups.push(() => {
      stop();
      port1.close();
    });
    return webSocketOver(port2);
  },
};

function connect(socket: typeof WebSocket, options: object = {}): ConvexClient {
  const client = new ConvexClient("http://invex.localhost", {
    webSocketConstructor: socket,
    unsavedChangesWarning: false,
    logger: false,
    ...options,
  });
  cleanups.push(() => client.close());
  return client;
}

describe.each(Object.keys(transports))("ConvexClient %s", (name) => {
  const socket = () => (transports[name] as () => typeof WebSocket)();

  it("[CLNT1] watches a query, runs mutations and actions, and sees others' writes", async () => {
    const client = connect(socket());
    const seen: unknown[] = [];
    client.onUpdate(api.list as never, GENERAL as never, (rows: unknown) => seen.push(rows));
    await waitUntil(() => seen.length === 1, "first result");
    expect(await client.mutation(api.send as never, { ...GENERAL, body: "a" } as never)).toBe(1);
    expect(seen.at(-1)).toEqual(["a"]);
    const other = connect(socket());
    await other.mutation(api.send as never, { ...GENERAL, body: "b" } as never);
    await waitUntil(() => (seen.at(-1) as string[]).length === 2, "the other's message");
    expect(await client.action(api.work as never, { name: "x" } as never)).toBe("x");
    expect(await client.query(api.list as never, GENERAL as never)).toEqual(["a", "b"]);
  });

  it("[CLNT2] throws a function's failure as the client does, with the data of a ConvexError", async () => {
    const client = connect(socket());
    await expect(client.mutation(api.fail as never, {} as never)).rejects.toMatchObject({
      name: "ConvexError",
      data: { reason: "no" },
      message: expect.stringMatching(
        /^\[CONVEX M\(messages:fail\)\] \[Request ID: [0-9a-f]{16}\] Server Error\nUncaught ConvexError/,
      ),
    });
    await expect(client.action(api.work as never, { name: "fail" } as never)).rejects.toThrow(
      /^\[CONVEX A\(messages:work\)\] .*Server Error\nUncaught Error: no work\n[\s\S]*Called by client$/,
    );
    expect(await chat.bodies()).toEqual([]);
  });

  it("[CLNT3] gets a result of many megabytes", async () => {
    const client = connect(socket());
    const text = await client.query(api.large as never, { length: 3_000_000 } as never);
    expect((text as string).length).toBe(3_000_000);
  });

  it("[CLNT4] close() resolves, also before the socket has opened", async () => {
    const opened = connect(socket());
    await opened.query(api.list as never, GENERAL as never);
    await opened.close();
    await connect(socket()).close();
    await quiet();
  });
});

describe("BaseConvexClient", () => {
  it("[CLNT5] shows an optimistic update at once, and drops it in the step that brings the truth", async () => {
    const states: unknown[] = [];
    const base = new BaseConvexClient(
      "http://invex.localhost",
      (tokens) => {
        if (tokens.length > 0) states.push(base.localQueryResult("messages:list", GENERAL));
      },
      {
        webSocketConstructor: webSocketFor(chat.backend),
        unsavedChangesWarning: false,
        logger: false,
      },
    );
    cleanups.push(() => base.close());
    base.subscribe("messages:list", GENERAL);
    await waitUntil(() => states.length === 1, "first result");
    const done = base.mutation(
      "messages:send",
      { ...GENERAL, body: "a" },
      {
        optimisticUpdate: (store) => {
          const rows = store.getQuery(api.list as never, GENERAL as never) as string[] | undefined;
          store.setQuery(api.list as never, GENERAL as never, [...(rows ?? []), "a?"] as never);
        },
      },
    );
    expect(base.localQueryResult("messages:list", GENERAL)).toEqual(["a?"]);
    await done;
    await quiet();
    expect(states).toEqual([[], ["a?"], ["a"]]);
    expect(base.connectionState()).toMatchObject({
      isWebSocketConnected: true,
      hasInflightRequests: false,
      connectionCount: 1,
    });
  });

  it("[CLNT6] a server error rolls an optimistic update back", async () => {
    const states: unknown[] = [];
    const base = new BaseConvexClient(
      "http://invex.localhost",
      () => states.push(base.localQueryResult("messages:list", GENERAL)),
      {
        webSocketConstructor: webSocketFor(chat.backend),
        unsavedChangesWarning: false,
        logger: false,
      },
    );
    cleanups.push(() => base.close());
    base.subscribe("messages:list", GENERAL);
    await waitUntil(() => states.length === 1, "first result");
    const failing = base.mutation(
      "messages:fail",
      {},
      {
        optimisticUpdate: (store) =>
          store.setQuery(api.list as never, GENERAL as never, ["lost?"] as never),
      },
    );
    await expect(failing).rejects.toThrow("ConvexError");
    expect(states).toEqual([[], ["lost?"], []]);
  });
});

describe("sockets", () => {
  it("[CLNT7] open after the constructor, deliver nothing inside send, and close with an event", async () => {
    const Socket = webSocketFor(chat.backend);
    const events: string[] = [];
    const socket = new Socket("ws://x");
    socket.onopen = () => events.push("open");
    socket.onmessage = () => events.push("message");
    socket.addEventListener("close", (event) => events.push(`close ${event.code}`));
    expect(socket.readyState).toBe(Socket.CONNECTING);
    expect(() => socket.send("early")).toThrow();
    await quiet();
    expect(events).toEqual(["open"]);
    socket.send("nonsense");
    expect(events).toEqual(["open"]);
    await quiet();
    expect(events).toEqual(["open", "message", "close 1005"]);
    expect(socket.readyState).toBe(Socket.CLOSED);
    socket.close();
    await quiet();
    expect(events).toHaveLength(3);
  });

  it("[CLNT8] over a port: what is no frame is ignored, and a closed port closes the sockets", async () => {
    const { port1, port2 } = new MessageChannel();
    exposeBackend(port1, chat.backend);
    const Socket = webSocketOver(port2);
    const codes: number[] = [];
    const socket = new Socket("ws://x");
    let isOpen = false;
    socket.onopen = () => {
      isOpen = true;
    };
    socket.onclose = ({ code }) => codes.push(code);
    for (const junk of [
      null,
      1,
      "x",
      { invex: "open", socket: -1 },
      { invex: "send", socket: 9 },
    ]) {
      port2.postMessage(junk);
      port1.postMessage(junk);
    }
    await waitUntil(() => isOpen, "the socket to open");
    port1.close();
    await waitUntil(() => codes.length > 0, "the close");
    expect(codes).toEqual([1006]);
  });

  it("[CLNT9] over a port: a renderer that does not read is not flooded", async () => {
    const { port1, port2 } = new MessageChannel();
    cleanups.push(() => port1.close());
    exposeBackend(port1, chat.backend);
    const received: { invex: string; message?: string }[] = [];
    port2.on("message", (frame) => received.push(frame));
    const post = (message: unknown) =>
      port2.postMessage({ invex: "send", socket: 0, message: JSON.stringify(message) });
    port2.postMessage({ invex: "open", socket: 0 });
    post({
      type: "Connect",
      sessionId: "00000000-0000-4000-8000-000000000001",
      connectionCount: 0,
      lastCloseReason: null,
    });
    post({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [{ type: "Add", queryId: 0, udfPath: "messages:list", args: [GENERAL] }],
    });
    await waitUntil(() => received.length === 2, "the first transition");
    for (let i = 0; i < 100; i++) {
      await chat.backend.mutation("messages:send", { ...GENERAL, body: String(i) });
      await chat.backend.settle();
    }
    await quiet();
    const transitions = () => received.filter(({ invex }) => invex === "message").length;
    expect(transitions()).toBe(33);
    port2.postMessage({ invex: "acknowledge", socket: 0, count: 33 });
    await waitUntil(() => transitions() === 34, "the newest state");
    const last = JSON.parse(received.at(-1)?.message as string);
    expect(last.modifications[0].value).toHaveLength(100);
  });
});
