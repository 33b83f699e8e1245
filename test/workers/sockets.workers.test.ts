// Clients on hibernating objects: Convex's own, and a raw one that sees every message. An object
// hibernates after ten seconds without an event: the tests of this file wait for that together.

import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { afterAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { workerdForFile } from "./workerd";

const workerd = workerdForFile();

const put = makeFunctionReference<"mutation">("ledger:put");
const balances = makeFunctionReference<"query">("ledger:balances");
const whoAmI = makeFunctionReference<"query">("ledger:whoAmI");
const wait = makeFunctionReference<"action">("ledger:wait");

const open: { close(): unknown }[] = [];
afterAll(async () => {
  for (const each of open.splice(0)) await each.close();
});

function connect(name: string): ConvexClient {
  const client = new ConvexClient(`${workerd.url}/${name}`, {
    skipConvexDeploymentUrlCheck: true,
    webSocketConstructor: WebSocket as never,
    logger: false,
  });
  open.push(client);
  return client;
}

describe("Convex's client", () => {
  it("[DUR18] watches, mutates and acts over a real WebSocket", async () => {
    const [one, two] = [connect("client"), connect("client")];
    const seen: unknown[] = [];
    two.onUpdate(balances, {}, (value) => seen.push(value));
    await until(() => seen.length === 1);
    expect(await one.mutation(put, { key: "a", balance: 1 })).toBe(null);
    await until(() => seen.length === 2);
    expect(seen).toEqual([[], [["a", 1, null]]]);
    expect(await one.action(wait, { ms: 5 })).toBe("waited");
  });

  it("[DUR21] comes back when its object was thrown away, and doubles nothing", async () => {
    const client = connect("reset");
    const lines: unknown[] = [];
    client.onUpdate(makeFunctionReference<"query">("ledger:lines"), {}, (value) =>
      lines.push(value),
    );
    await until(() => lines.length === 1);
    const sent = [1, 2, 3].map((balance) => client.mutation(put, { key: `k${balance}`, balance }));
    await workerd.evict("reset");
    expect(await Promise.all(sent)).toEqual([null, null, null]);
    expect(await workerd.object("reset").query("ledger:balances")).toHaveLength(3);
    await workerd.object("reset").mutation("ledger:note", { line: "after" });
    await until(() => JSON.stringify(lines.at(-1)) === '["after"]');
  });
});

describe("an object that hibernates", { concurrent: true }, () => {
  it("[DUR18] sends its clients what changed meanwhile, and nothing that they have", async () => {
    const client = await RawClient.open("quiet");
    client.send({
      type: "ModifyQuerySet",
      baseVersion: 0,
      newVersion: 1,
      modifications: [add(0, "balances"), add(1, "lines")],
    });
    await client.until(1);
    const asleep = await hibernate("quiet");
    // A mutation by somebody else wakes it.
    await workerd.object("quiet").mutation("ledger:put", { key: "a", balance: 1 });
    await client.until(2);
    expect(await workerd.object("quiet").bornAs()).not.toBe(asleep);
    const [first, second] = client.transitions;
    expect(second.startVersion).toEqual(first.endVersion);
    expect(second.modifications).toEqual([
      expect.objectContaining({ queryId: 0, value: [["a", 1, null]] }),
    ]);
    // Another one that concerns nothing it watches.
    client.send({
      type: "ModifyQuerySet",
      baseVersion: 1,
      newVersion: 2,
      modifications: [{ type: "Remove", queryId: 1 }],
    });
    await client.until(3);
    expect(client.transitions[2].modifications).toEqual([{ type: "QueryRemoved", queryId: 1 }]);
    expect(client.messages).toHaveLength(3);
  });

  it("[DUR18] keeps a real client connected, which goes on as if nothing had happened", async () => {
    const client = connect("real");
    const seen: unknown[] = [];
    client.onUpdate(balances, {}, (value) => seen.push(value));
    await client.mutation(put, { key: "a", balance: 1 });
    await until(() => seen.length === 2);
    const asleep = await hibernate("real");
    expect(await client.mutation(put, { key: "a", balance: 2 })).toBe(1);
    await until(() => seen.length === 3);
    expect(await workerd.object("real").bornAs()).not.toBe(asleep);
    expect(seen.at(-1)).toEqual([["a", 2, null]]);
    expect(client.connectionState().connectionCount).toBe(1);
  });

  it("[DUR19] goes on as the same user, whose token it verified before", async () => {
    const client = connect("user");
    const token = await workerd.issuer.token("Grace", Date.now());
    client.setAuth(async () => token);
    const seen: unknown[] = [];
    client.onUpdate(whoAmI, {}, (value) => seen.push(value));
    await until(() => seen.includes("Grace"));
    const asleep = await hibernate("user");
    await client.mutation(put, { key: "a", balance: 1 });
    expect(await client.query(whoAmI, {})).toBe("Grace");
    expect(await workerd.object("user").bornAs()).not.toBe(asleep);
    expect(client.connectionState().connectionCount).toBe(1);
  });

  it("[DUR19] goes on with query sets that are too large for a socket", async () => {
    const client = await RawClient.open("large");
    const keys = Array.from({ length: 40 }, (_, i) => `k${i} ${"é\u{1F600}".repeat(300)}`);
    const queries = keys.map((key, i) => add(i, "balance", { key }));
    client.send({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: queries });
    await client.until(1);
    expect(await workerd.object("large").sql("SELECT DISTINCT half FROM invex_sockets")).toEqual([
      { half: "client" },
    ]);
    const asleep = await hibernate("large");
    const key = keys[7] as string;
    await workerd.object("large").mutation("ledger:put", { key, balance: 7 });
    await client.until(2);
    expect(await workerd.object("large").bornAs()).not.toBe(asleep);
    expect(client.transitions[1].modifications).toEqual([
      expect.objectContaining({ queryId: 7, value: 7 }),
    ]);
    await client.close();
    await until(
      async () => (await workerd.object("large").sql("SELECT * FROM invex_sockets")).length === 0,
    );
  });

  it("[DUR20] wakes to ping, and to nothing else", async () => {
    const client = await RawClient.open("ping");
    client.send({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications: [] });
    await client.until(1);
    const room = workerd.object("ping");
    await room.pingIn(14_000);
    await hibernate("ping");
    await client.until(2);
    expect(client.messages[1]).toEqual({ type: "Ping" });
    expect(await room.isLoaded()).toBe(false);
    const [{ ping }] = await room.sql("SELECT ping FROM invex_alarm");
    expect(ping - Date.now()).toBeGreaterThan(30_000);
    await client.close();
    await until(async () => (await room.sql("SELECT ping FROM invex_alarm"))[0].ping === null);
  });

  it("[DUR22] does not while something runs for a client", async () => {
    const client = connect("busy");
    const waited = client.action(wait, { ms: 13_000 });
    await until(async () => (await workerd.object("busy").attachments()).length === 1);
    const born = await workerd.object("busy").bornAs();
    expect(await waited).toBe("waited");
    expect(await workerd.object("busy").bornAs()).toBe(born);
    expect(client.connectionState().connectionCount).toBe(1);
  });

  it("[DUR21] closes a socket it cannot go on with", async () => {
    const client = connect("foreign");
    const seen: unknown[] = [];
    client.onUpdate(balances, {}, (value) => seen.push(value));
    await until(() => seen.length === 1);
    await workerd.object("foreign").spoilAttachments();
    await hibernate("foreign");
    await workerd.object("foreign").mutation("ledger:put", { key: "a", balance: 1 });
    await until(() => seen.length === 2);
    expect(client.connectionState().connectionCount).toBe(2);
  });
});

/** Waits until an object has been let go of. @returns which life that was */
async function hibernate(name: string): Promise<string> {
  const born: string = await workerd.object(name).bornAs();
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  return born;
}

function add(queryId: number, name: string, args: object = {}) {
  return { type: "Add", queryId, udfPath: `ledger:${name}`, args: [args] };
}

class RawClient {
  // biome-ignore lint/suspicious/noExplicitAny: messages as they come
  readonly messages: any[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (message) => this.messages.push(JSON.parse(String(message))));
    open.push(this);
  }

  static async open(name: string): Promise<RawClient> {
    const socket = new WebSocket(`${workerd.url.replace("http", "ws")}/${name}/api/1.48.0/sync`);
    const client = new RawClient(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    client.send({
      type: "Connect",
      sessionId: crypto.randomUUID(),
      connectionCount: 0,
      clientTs: Date.now(),
    });
    return client;
  }

  // biome-ignore lint/suspicious/noExplicitAny: messages as they come
  get transitions(): any[] {
    return this.messages.filter(({ type }) => type === "Transition");
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Waits for so many messages. */
  until(count: number): Promise<void> {
    return until(() => this.messages.length >= count);
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.close();
    await closed;
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never came to pass");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
