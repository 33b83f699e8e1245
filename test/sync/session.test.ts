// What one connection is told, message by message (functions.md 9.4).

import { afterEach, describe, expect, it } from "vitest";
import { type Chat, createChat, quiet } from "./chat";
import { add, connectMessage, RawClient, remove, tsOf, uuid, ZERO } from "./raw-client";

let chat: Chat;

async function open(options: object = {}): Promise<RawClient> {
  chat = createChat(options);
  const client = RawClient.open(chat.backend);
  await quiet();
  return client;
}

afterEach(() => chat.backend.close());

const GENERAL = { channel: "general" };

describe("query sets", () => {
  it("[SYNC1] says nothing to Connect, and answers an empty query set with an empty transition", async () => {
    const client = await open();
    expect(client.messages).toEqual([]);
    client.modify(0);
    await quiet();
    expect(client.messages).toEqual([
      {
        type: "Transition",
        startVersion: ZERO,
        endVersion: { querySet: 1, identity: 0, ts: expect.any(String) },
        clientClockSkew: -chat.clock.now(),
        modifications: [],
      },
    ]);
  });

  it("[SYNC2] answers all queries of a set in one transition, and tells what changes at one ts", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL), add(1, "messages:slowList"));
    await quiet();
    expect(client.transitions).toHaveLength(1);
    expect(client.results.get(0)).toEqual({
      type: "QueryUpdated",
      queryId: 0,
      value: [],
      logLines: [],
      journal: null,
    });
    await chat.backend.mutation("messages:send", { ...GENERAL, body: "a" });
    await quiet();
    expect(client.transitions).toHaveLength(2);
    expect(
      client.transitions[1].modifications.map((each: { value: unknown }) => each.value),
    ).toEqual([["a"], 1]);
  });

  it("[SYNC3] tells only what changed: neither the untouched nor the run with the same result", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL), add(1, "messages:list", { channel: "x" }));
    await quiet();
    await chat.backend.mutation("messages:send", { channel: "x", body: "a" });
    await quiet();
    expect(client.transitions[1].modifications).toHaveLength(1);
    await chat.backend.run(async (ctx) => {
      const [row] = await ctx.db.query("messages").collect();
      await ctx.db.delete(row._id);
      await ctx.db.insert("messages", { channel: "x", body: "a" });
    });
    await quiet();
    expect(client.transitions).toHaveLength(2);
  });

  it("[SYNC4] acknowledges a removal, and never mentions what was removed before it was known", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    client.modify(1, remove(0));
    await quiet();
    expect(client.transitions[1].modifications).toEqual([{ type: "QueryRemoved", queryId: 0 }]);
    chat.gate.shut();
    client.modify(2, add(1, "messages:slowList"));
    await quiet();
    client.modify(3, remove(1));
    chat.gate.open();
    await quiet();
    expect(client.version.querySet).toBe(4);
    expect(client.transitions.slice(2).flatMap((each) => each.modifications)).toEqual([]);
  });

  it("[SYNC5] tells failures with their data, logs and request id, and recoveries", async () => {
    const client = await open();
    client.modify(
      0,
      add(0, "messages:broken"),
      add(1, "messages:nothing"),
      add(2, "messages:list"),
    );
    await quiet();
    expect(client.results.get(0)).toMatchObject({
      type: "QueryFailed",
      errorMessage: expect.stringMatching(
        /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught ConvexError: empty\n/,
      ),
      errorData: "empty",
      journal: null,
    });
    expect(client.results.get(1).errorMessage).toMatch(
      /Server Error\nCould not find public function for 'messages:nothing'\.\n$/,
    );
    expect(client.results.get(2).errorMessage).toContain("ArgumentValidationError: ");
    await chat.backend.mutation("messages:send", { ...GENERAL, body: "a" });
    await quiet();
    expect(client.results.get(0)).toMatchObject({ value: 1, logLines: ["[LOG] 'rows' 1"] });
  });

  it("[SYNC6] gives every page its journal, and goes on with the one a client brings along", async () => {
    const client = await open();
    for (const body of ["a", "b", "c"]) {
      await chat.backend.mutation("messages:send", { ...GENERAL, body });
    }
    const page = { ...GENERAL, paginationOpts: { numItems: 2, cursor: null, id: 1 } };
    client.modify(0, add(0, "messages:page", page));
    await quiet();
    const { journal } = client.results.get(0);
    expect(journal).toEqual(expect.any(String));
    await chat.backend.mutation("messages:send", { ...GENERAL, body: "d" });
    const again = RawClient.open(chat.backend, uuid(2));
    again.modify(0, add(0, "messages:page", page, journal), add(1, "messages:page", page));
    await quiet();
    const bodies = (queryId: number) =>
      again.results.get(queryId).value.page.map((row: { body: string }) => row.body);
    // The page still ends where it ended, so it has grown.
    expect(bodies(0)).toEqual(["d", "c", "b"]);
    expect(bodies(1)).toEqual(["d", "c"]);
    expect(client.results.get(0).value.page).toHaveLength(3);
  });

  it("[SYNC7] cuts a transition over 5,000,000 bytes into parts that join to one", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:large", { length: 2_600_000 }));
    await quiet();
    const parts = client.of("TransitionChunk");
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part.partNumber)).toEqual(parts.map((_, i) => i));
    expect(parts.every((part) => part.totalParts === parts.length)).toBe(true);
    const joined = JSON.parse(parts.map((part) => part.chunk).join(""));
    expect(joined.modifications[0].value).toBe("ä".repeat(2_600_000));
    expect(client.transitions).toEqual([]);
  });
});

describe("mutations", () => {
  it("[SYNC8] answers before the transition that shows it, which is as new as the answer", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    client.mutate(0, "messages:send", { ...GENERAL, body: "hello" });
    await quiet();
    const [response, transition] = client.messages.slice(1);
    expect(response).toEqual({
      type: "MutationResponse",
      requestId: 0,
      success: true,
      result: 5,
      ts: expect.any(String),
      logLines: ["[LOG] 'sending' 'hello'"],
    });
    expect(transition.modifications[0].value).toEqual(["hello"]);
    expect(tsOf(transition.endVersion.ts)).toBeGreaterThanOrEqual(tsOf(response.ts));
    expect(client.messages.slice(3).flatMap((each) => each.modifications)).toEqual([]);
  });

  it("[SYNC8] sends a transition even when no query changes", async () => {
    const client = await open();
    client.mutate(0, "messages:look");
    await quiet();
    const [response, transition] = client.messages;
    expect(response).toMatchObject({ success: true, result: { $integer: "AQAAAAAAAAA=" } });
    expect(transition.modifications).toEqual([]);
    expect(tsOf(transition.endVersion.ts)).toBeGreaterThanOrEqual(tsOf(response.ts));
  });

  it("[SYNC9] runs one connection's mutations one by one, in their order", async () => {
    const client = await open();
    chat.gate.shut();
    client.mutate(0, "messages:slow", { body: "first" });
    client.mutate(1, "messages:send", { ...GENERAL, body: "second" });
    await quiet();
    expect(client.messages).toEqual([]);
    chat.gate.open();
    await quiet();
    expect(client.of("MutationResponse").map((each) => each.requestId)).toEqual([0, 1]);
    expect(await chat.bodies()).toEqual(["first", "second"]);
  });

  it("[SYNC10] answers a failure with its text and data, without ts and without a trace", async () => {
    const client = await open();
    client.mutate(7, "messages:fail");
    client.mutate(8, "messages:list", GENERAL);
    client.mutate(9, "messages:hiddenWrite");
    await quiet();
    expect(client.messages[0]).toEqual({
      type: "MutationResponse",
      requestId: 7,
      success: false,
      // sha256 of "<session>|7"
      result: expect.stringMatching(
        /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught ConvexError/,
      ),
      errorData: { reason: "no" },
      ts: null,
      logLines: [],
    });
    expect(client.messages[1].result).toContain(
      "Trying to execute messages.js:list as Mutation, but it is defined as Query.",
    );
    expect(client.messages[2].result).toContain(
      "Could not find public function for 'messages:hiddenWrite'.",
    );
    expect(await chat.bodies()).toEqual([]);
  });

  it("[SYNC10] names the request by session and number, the same on every try", async () => {
    const client = await open();
    client.mutate(7, "messages:fail");
    client.mutate(7, "messages:fail");
    await quiet();
    const [first, second] = client.of("MutationResponse").map(({ result }) => result.slice(0, 29));
    expect(first).toBe(second);
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(`${uuid(1)}|7`));
    expect(first).toBe(`[Request ID: ${Buffer.from(digest).toString("hex").slice(0, 16)}`);
  });

  it("[SYNC11] runs a repeated mutation once and gives the recorded answer, on any connection", async () => {
    const client = await open();
    client.mutate(3, "messages:send", { ...GENERAL, body: "once" });
    await quiet();
    client.mutate(3, "messages:send", { ...GENERAL, body: "once" });
    const again = RawClient.open(chat.backend);
    again.mutate(3, "messages:send", { ...GENERAL, body: "once" });
    const other = RawClient.open(chat.backend, uuid(2));
    other.mutate(3, "messages:send", { ...GENERAL, body: "other" });
    await quiet();
    expect(chat.runs.get("send")).toBe(2);
    expect(await chat.bodies()).toEqual(["once", "other"]);
    const [first, second] = client.of("MutationResponse");
    expect(second).toMatchObject({ success: true, result: 4, logLines: first.logLines });
    expect(again.messages[0]).toMatchObject({ success: true, result: 4 });
    expect(tsOf(again.messages[1].endVersion.ts)).toBeGreaterThanOrEqual(
      tsOf(again.messages[0].ts),
    );
  });

  it("[SYNC11] waits for a mutation that runs for a lost connection instead of running it again", async () => {
    const client = await open();
    chat.gate.shut();
    client.mutate(0, "messages:slow", { body: "first" });
    client.mutate(1, "messages:send", { ...GENERAL, body: "dropped, sent again" });
    await quiet();
    client.connection.close();
    const again = RawClient.open(chat.backend);
    again.mutate(0, "messages:slow", { body: "first" });
    again.mutate(1, "messages:send", { ...GENERAL, body: "second" });
    await quiet();
    expect(again.messages).toEqual([]);
    chat.gate.open();
    await quiet();
    expect(await chat.bodies()).toEqual(["first", "second"]);
    expect(chat.runs.get("slow")).toBe(1);
    expect(client.messages).toEqual([]);
  });

  it("[SYNC11] remembers large answers, and those that hold their own commit timestamp", async () => {
    const client = await open();
    client.mutate(0, "messages:stamp");
    client.mutate(0, "messages:stamp");
    await quiet();
    const [first, second] = client.of("MutationResponse");
    expect(chat.runs.get("stamp")).toBe(1);
    expect(first.result).toEqual({ at: { $integer: first.ts }, big: "x".repeat(2_500_000) });
    expect(second.result).toEqual(first.result);
  });

  it("[SYNC11] survives a fork of the backend, forgets after two weeks, and records no failure", async () => {
    const client = await open();
    client.mutate(0, "messages:send", { ...GENERAL, body: "once" });
    client.mutate(1, "messages:fail");
    client.mutate(1, "messages:fail");
    await quiet();
    expect(chat.runs.get("fail")).toBe(2);
    const fork = chat.backend.fork();
    RawClient.open(fork).mutate(0, "messages:send", { ...GENERAL, body: "once" });
    await quiet();
    expect(chat.runs.get("send")).toBe(1);
    await fork.close();
    client.connection.close();
    await chat.backend.advance({ days: 15 });
    RawClient.open(chat.backend, uuid(2));
    await quiet();
    RawClient.open(chat.backend).mutate(0, "messages:send", { ...GENERAL, body: "once" });
    await quiet();
    expect(chat.runs.get("send")).toBe(2);
  });

  it("[SYNC12] keeps its records of requests out of what onCommit tells", async () => {
    const client = await open();
    const seen: unknown[] = [];
    chat.backend.onCommit(({ changes }) => seen.push(changes.map(({ table }) => table)));
    client.mutate(0, "messages:send", { ...GENERAL, body: "x" });
    await quiet();
    expect(seen).toEqual([["messages"]]);
  });
});

describe("actions", () => {
  it("[SYNC13] runs actions side by side and answers each when it ends", async () => {
    const client = await open();
    chat.gate.shut();
    client.act(0, "messages:work", { name: "wait" });
    client.act(1, "messages:work", { name: "quick" });
    client.act(2, "messages:work", { name: "fail" });
    await quiet();
    expect(client.messages).toEqual([
      { type: "ActionResponse", requestId: 1, success: true, result: "quick", logLines: [] },
      {
        type: "ActionResponse",
        requestId: 2,
        success: false,
        result: expect.stringContaining("Uncaught Error: no work"),
        logLines: [],
      },
    ]);
    chat.gate.open();
    await quiet();
    expect(client.messages[2]).toMatchObject({ requestId: 0, result: "wait" });
  });

  it("[SYNC13] lets an action end whose client has gone, and tells nobody", async () => {
    const client = await open();
    chat.gate.shut();
    client.act(0, "messages:work", { name: "wait" });
    await quiet();
    client.connection.close();
    chat.gate.open();
    await quiet();
    expect(chat.runs.get("work wait")).toBe(1);
    expect(client.messages).toEqual([]);
  });
});

describe("the connection", () => {
  it("[SYNC14] pings a client that has heard nothing for 15 seconds", async () => {
    const client = await open();
    await chat.clock.advanceTo(chat.clock.now() + 14_999);
    expect(client.messages).toEqual([]);
    await chat.clock.advanceTo(chat.clock.now() + 1);
    expect(client.messages).toEqual([{ type: "Ping" }]);
    await chat.clock.advanceTo(chat.clock.now() + 60_000);
    expect(client.messages).toHaveLength(5);
    client.connection.close();
    await quiet();
    expect(chat.clock.nextWake()).toBeUndefined();
  });

  it("[SYNC15] skips states for a client that does not read, and goes on from the newest", async () => {
    const client = await open();
    client.block();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    for (let i = 0; i < 50; i++) {
      await chat.backend.mutation("messages:send", { ...GENERAL, body: String(i) });
      await quiet();
    }
    expect(client.messages).toHaveLength(1);
    client.mutate(0, "messages:send", { ...GENERAL, body: "own" });
    await quiet();
    await chat.clock.advanceTo(chat.clock.now() + 60_000);
    expect(client.messages).toHaveLength(1);
    client.resume();
    await quiet();
    expect(client.messages.map(({ type }) => type)).toEqual([
      "Transition",
      "MutationResponse",
      "Transition",
    ]);
    expect(client.results.get(0).value).toHaveLength(51);
  });

  it("[SYNC16] refuses more than 1,000 open mutations, or actions, with 1013", async () => {
    const client = await open();
    chat.gate.shut();
    for (let i = 0; i < 1000; i++) client.mutate(i, "messages:slow", { body: "x" });
    await quiet();
    expect(client.closed).toBeUndefined();
    client.mutate(1000, "messages:slow", { body: "x" });
    await quiet();
    expect(client.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
    const actor = RawClient.open(chat.backend, uuid(2));
    for (let i = 0; i < 1001; i++) actor.act(i, "messages:work", { name: "wait" });
    await quiet();
    expect(actor.closed).toEqual({ code: 1013, reason: "TooManyConcurrentRequests" });
    chat.gate.open();
    await quiet();
    // The one that ran when the client was sent away.
    expect(await chat.bodies()).toEqual(["x"]);
  });

  it("[SYNC17] closes with 1001 when the backend closes, and takes nobody afterwards", async () => {
    const client = await open();
    await chat.backend.close();
    expect(client.closed).toEqual({ code: 1001, reason: "BackendClosed" });
    const late = RawClient.open(chat.backend);
    await quiet();
    expect(late.closed).toEqual({ code: 1001, reason: "BackendClosed" });
  });

  it("[SYNC18] a transport that throws loses its own session only", async () => {
    const client = await open();
    const lost = chat.backend.connect(() => {
      throw new Error("gone");
    });
    for (const each of [client, { send: (m: unknown) => lost.receive(JSON.stringify(m)) }]) {
      if (each !== client) each.send({ ...connectMessage, sessionId: uuid(2) });
      each.send({
        type: "ModifyQuerySet",
        baseVersion: 0,
        newVersion: 1,
        modifications: [add(0, "messages:list", GENERAL)],
      });
    }
    await quiet();
    await chat.backend.mutation("messages:send", { ...GENERAL, body: "a" });
    await quiet();
    expect(client.results.get(0).value).toEqual(["a"]);
  });

  it("[SYNC19] waits for a backend that is still being loaded", async () => {
    chat = createChat();
    const { createBackend } = await import("invex");
    const { chatModules, schema, Gate } = await import("./chat");
    const modules = chatModules(new Map(), new Gate());
    const lazy = createBackend({
      modules: {
        "./convex/messages.ts": async () => modules.messages,
        "./convex/schema.ts": async () => ({ default: schema }),
      },
    });
    const client = RawClient.open(lazy);
    client.modify(0, add(0, "messages:list", GENERAL));
    client.mutate(0, "messages:send", { ...GENERAL, body: "a" });
    await lazy.ready;
    await quiet();
    expect(client.results.get(0).value).toEqual(["a"]);
    await lazy.close();
  });

  it("[SYNC20] with redactErrors, clients get request ids and data but no texts and no logs", async () => {
    const client = await open({ redactErrors: true });
    client.modify(0, add(0, "messages:broken"));
    client.mutate(0, "messages:fail");
    client.mutate(1, "messages:send", { ...GENERAL, body: "a" });
    await quiet();
    const failed = client.transitions[0].modifications[0];
    expect(failed.errorMessage).toMatch(/^\[Request ID: [0-9a-f]{16}\] Server Error$/);
    expect(failed.errorData).toBe("empty");
    const [failure, success] = client.of("MutationResponse");
    expect(failure.result).toMatch(/^\[Request ID: [0-9a-f]{16}\] Server Error$/);
    expect(failure.errorData).toEqual({ reason: "no" });
    expect(success.logLines).toEqual([]);
    expect(client.results.get(0)).toMatchObject({ value: 1, logLines: [] });
  });
});

describe("bad clients", () => {
  const fatal = async (message: unknown, error: string | RegExp) => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    const text = typeof message === "string" ? message : JSON.stringify(message);
    client.connection.receive(text);
    await quiet();
    expect(client.messages.at(-1)).toEqual({
      type: "FatalError",
      error: expect.stringMatching(error),
    });
    expect(client.closed).toEqual({});
    client.mutate(1, "messages:send", { ...GENERAL, body: "late" });
    await quiet();
    expect(await chat.bodies()).toEqual([]);
    await chat.backend.close();
  };

  it("[SYNC21] gets a FatalError that says what was wrong, and the connection ends without a code", async () => {
    await fatal("{", "a message is JSON");
    await fatal("[]", "unknown message type undefined");
    await fatal({ type: "Hello" }, 'unknown message type "Hello"');
    await fatal({ type: "__proto__" }, "unknown message type");
    await fatal(
      { type: "Mutation", requestId: -1, udfPath: "a:b", args: [] },
      "Mutation.requestId",
    );
    await fatal(
      { type: "Mutation", requestId: 1, udfPath: 7, args: [] },
      "Mutation.udfPath: expected string",
    );
    await fatal({ ...connectMessage, sessionId: uuid(1) }, "Connect must be sent only once");
    const modify = { type: "ModifyQuerySet", baseVersion: 1, newVersion: 2, modifications: [] };
    await fatal(
      { ...modify, baseVersion: 0 },
      /^Base version 0 passed up doesn't match the current version 1$/,
    );
    await fatal({ ...modify, newVersion: 1 }, "New version 1 does not follow");
    await fatal({ ...modify, modifications: [add(0, "messages:list")] }, "Duplicate query ID: 0");
    await fatal({ ...modify, modifications: [remove(9)] }, "Nonexistent query ID: 9");
    await fatal(
      { type: "Authenticate", baseVersion: 4, tokenType: "None" },
      /^Base version 4 passed up doesn't match the current version 0$/,
    );
  });

  it("[SYNC21] must begin with Connect", async () => {
    chat = createChat();
    const client = new RawClient(chat.backend);
    client.modify(0);
    await quiet();
    expect(client.messages).toEqual([
      { type: "FatalError", error: "The first message must be Connect" },
    ]);
  });

  it("[SYNC22] gets public functions of the app only, and wrong arguments are a failed call", async () => {
    const client = await open();
    client.modify(
      0,
      add(0, "messages:hidden"),
      { ...add(1, "x:y"), componentPath: "shop" },
      add(2, "messages:list", { channel: { $integer: "?" } }),
      { ...add(3, "messages:list"), args: [] },
      add(4, "no/such path"),
    );
    await quiet();
    const textOf = (id: number) => client.results.get(id).errorMessage;
    expect(textOf(0)).toContain("Could not find public function for 'messages:hidden'.");
    expect(textOf(1)).toContain("Could not find public function for 'x:y' in 'shop'.");
    expect(textOf(2)).toContain("Invalid arguments for messages.js:list: ");
    expect(textOf(3)).toContain("Expected to receive a single object");
    expect(textOf(4)).toContain("is not a valid path to a Convex function.");
    expect(client.closed).toBeUndefined();
  });

  it("[SYNC23] Event is heard and has no effect", async () => {
    const client = await open();
    client.send({ type: "Event", eventType: "ClientConnect", event: [1] });
    await quiet();
    expect(client.messages).toEqual([]);
    expect(client.closed).toBeUndefined();
  });
});
