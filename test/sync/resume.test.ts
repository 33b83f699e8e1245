// Sessions that outlive their backend: put away as JSON between two messages, gone on with by the
// next backend on the same data, as hosts do whose processes come and go under open sockets.

import { type MemoryPersistence, memoryPersistence } from "invex/persistence";
import { afterEach, describe, expect, it } from "vitest";
import type { Connectable, ConnectOptions, Send, SyncConnection } from "../../src/sync/connection";
import { readSessionState, type SessionState } from "../../src/sync/session-state";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { type Chat, createChat, quiet } from "./chat";
import { add, RawClient, remove } from "./raw-client";
import { createIssuer } from "./tokens";

/** A host whose clients stay connected while it lets go of its backend. */
class Host implements Connectable {
  readonly #disk: MemoryPersistence = memoryPersistence();
  readonly #options: object;
  readonly #sockets: Socket[] = [];
  chat: Chat;

  constructor(options: object = {}) {
    this.#options = options;
    this.chat = createChat({ ...options, persistence: this.#disk });
  }

  connect(send: Send, options: ConnectOptions = {}): SyncConnection {
    const socket = new Socket(send, options);
    this.#sockets.push(socket);
    socket.plug(this.chat.backend);
    return socket;
  }

  /** What could be put away now; a socket in the middle of something has nothing. */
  get states(): readonly (SessionState | undefined)[] {
    return this.#sockets.map((socket) => socket.state());
  }

  /** Lets go of the backend without a word, and makes the next one. */
  async hibernate(): Promise<void> {
    const states = this.states.map((state) => JSON.parse(JSON.stringify(state)));
    for (const socket of this.#sockets) socket.unplug();
    this.#disk.crash();
    this.chat = createChat({ ...this.#options, persistence: this.#disk });
    await this.chat.backend.ready;
    for (const [i, socket] of this.#sockets.entries()) {
      const { client, told } = states[i];
      socket.plug(this.chat.backend, readSessionState(client, told));
    }
  }
}

class Socket implements SyncConnection {
  readonly #send: Send;
  readonly #options: ConnectOptions;
  #connection: SyncConnection | undefined;
  /** What the last `onRest` could have put away. */
  rested: SessionState | undefined;

  constructor(send: Send, options: ConnectOptions) {
    this.#send = send;
    this.#options = options;
  }

  plug(backend: Connectable, resume?: SessionState): void {
    const connection = backend.connect(
      (message) => (this.#connection === connection ? this.#send(message) : undefined),
      {
        ...this.#options,
        ...(resume === undefined ? {} : { resume }),
        pings: false,
        onRest: () => {
          this.rested = connection.state();
        },
      },
    );
    this.#connection = connection;
  }

  unplug(): void {
    // Nobody is told: as far as the old backend knows, nothing ended.
    this.#connection = undefined;
  }

  receive(message: string): void {
    this.#connection?.receive(message);
  }

  state(): SessionState | undefined {
    const state = this.#connection?.state();
    // Whoever waits for `onRest` knows as much as whoever asks.
    if (state !== undefined) expect(this.rested).toEqual(state);
    return state;
  }

  close(): void {
    this.#connection?.close();
  }
}

const GENERAL = { channel: "general" };
let host: Host;
afterEach(() => host.chat.backend.close());

async function open(options: object = {}): Promise<RawClient> {
  host = new Host(options);
  const client = RawClient.open(host);
  await quiet();
  return client;
}

describe("a resumed session", () => {
  it("[SYNC32] says nothing of what its client has, and all of what is new", async () => {
    const client = await open();
    client.modify(
      0,
      add(0, "messages:list", GENERAL),
      add(1, "messages:broken"),
      add(2, "no:where"),
    );
    await quiet();
    const before = client.messages.length;
    await host.hibernate();
    await quiet();
    expect(client.messages).toHaveLength(before);
    await host.chat.backend.mutation("messages:send", { ...GENERAL, body: "a" });
    await quiet();
    expect(client.messages).toHaveLength(before + 1);
    expect(client.transitions.at(-1).modifications).toEqual([
      expect.objectContaining({ queryId: 0, value: ["a"] }),
      expect.objectContaining({ queryId: 1, value: 1 }),
    ]);
  });

  it("[SYNC32] tells what changed before it was resumed", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    const { client: said, told } = host.states[0] as SessionState;
    await host.chat.backend.mutation("messages:send", { ...GENERAL, body: "a" });
    await quiet();
    const late: unknown[] = [];
    const resume = readSessionState(said, told) as SessionState;
    host.chat.backend.connect((text) => void late.push(JSON.parse(text)), { resume });
    await quiet();
    expect(late).toEqual([
      expect.objectContaining({
        startVersion: expect.objectContaining({ ts: told.ts, querySet: 1 }),
        modifications: [expect.objectContaining({ queryId: 0, value: ["a"] })],
      }),
    ]);
  });

  it("[SYNC32] has no state while something is under way", async () => {
    const client = await open();
    expect(host.states[0]).toBeDefined();
    host.chat.gate.shut();
    client.act(0, "messages:work", { name: "wait" });
    await quiet();
    expect(host.states[0]).toBeUndefined();
    host.chat.gate.open();
    await quiet();
    expect(host.states[0]).toBeDefined();
    client.block();
    client.modify(0, add(0, "messages:list", GENERAL));
    client.mutate(1, "messages:send", { ...GENERAL, body: "a" });
    await quiet();
    expect(host.states[0]).toBeUndefined();
    client.resume();
    await quiet();
    expect(host.states[0]?.told.querySet).toBe(1);
  });

  it("[SYNC33] runs on for the same user, until the token expires", async () => {
    const issuer = await createIssuer();
    const client = await open({ auth: issuer.auth });
    const token = await issuer.token("Ada", host.chat.clock.now(), 60);
    client.send({ type: "Authenticate", baseVersion: 0, tokenType: "User", value: token });
    client.modify(0, add(0, "messages:whoami"));
    await expect.poll(() => client.results.get(0)?.value).toBe("Ada");
    await host.hibernate();
    client.mutate(0, "messages:whoWrites");
    await quiet();
    expect(client.of("MutationResponse")[0]).toMatchObject({ success: true, result: "Ada" });
    await host.hibernate();
    host.chat.clock.advanceTo(host.chat.clock.now() + 61_000);
    client.mutate(1, "messages:whoWrites");
    await quiet();
    expect(client.of("AuthError")).toHaveLength(1);
  });

  it("[SYNC33] asks pages again from where they ended", async () => {
    const client = await open();
    for (const body of ["1", "2", "3", "4"]) {
      await host.chat.backend.mutation("messages:send", { ...GENERAL, body });
    }
    const paginationOpts = { numItems: 2, cursor: null, id: 1 };
    client.modify(0, add(0, "messages:page", { ...GENERAL, paginationOpts }));
    // Cursors are encrypted by code that is loaded when it is first needed.
    await expect.poll(() => client.results.get(0)).toBeDefined();
    const { value } = client.results.get(0);
    await host.hibernate();
    await host.chat.backend.mutation("messages:send", { ...GENERAL, body: "5" });
    await quiet();
    const after = client.results.get(0).value;
    expect(after.continueCursor).toBe(value.continueCursor);
    expect(after.page.map(({ body }: { body: string }) => body)).toEqual(["5", "4", "3"]);
  });

  it("[SYNC33] refuses a state that is not one", async () => {
    const client = await open();
    client.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    const { client: said, told } = host.states[0] as SessionState;
    expect(readSessionState(said, told)).toEqual({ client: said, told });
    for (const [badSaid, badTold] of [
      [{ ...said, format: 2 }, told],
      [said, { ...told, results: [] }],
      [said, null],
      [{ ...said, queries: [{ queryId: -1 }] }, told],
    ]) {
      expect(readSessionState(badSaid, badTold)).toBeUndefined();
    }
  });
});

describe("random programs of clients on a host that lets go of its backend", () => {
  for (const seed of seeds("resume", 12)) {
    it(`[SYNC32] clients know what is true, hear nothing twice, and every mutation happens once (seed ${seed})`, () =>
      forEachSeed([seed], runProgram));
  }
});

async function runProgram(choices: Choices): Promise<void> {
  host = new Host();
  const players = [1, 2].map((n) => new Player(host, n, choices));
  await quiet();
  for (let step = 0; step < 60; step++) {
    if (choices.chance(0.7)) choices.pick(players).move();
    else await host.chat.backend.mutation("messages:send", { channel: "x", body: `host ${step}` });
    if (choices.chance(0.5)) await quiet();
    const isQuiet = host.states.every((state) => state !== undefined);
    if (isQuiet && choices.chance(0.5)) await host.hibernate();
  }
  await quiet();
  const bodies = await host.chat.bodies();
  for (const player of players) await player.check(bodies);
}

const CHANNELS = ["general", "x"];

class Player {
  readonly #client: RawClient;
  readonly #name: number;
  readonly #choices: Choices;
  readonly #watched = new Map<number, string>();
  readonly #sent: string[] = [];
  #version = 0;
  #nextId = 0;

  constructor(connectable: Connectable, name: number, choices: Choices) {
    this.#client = RawClient.open(connectable, `00000000-0000-4000-8000-00000000000${name}`);
    this.#name = name;
    this.#choices = choices;
  }

  move(): void {
    const kind = this.#choices.below(3);
    if (kind === 0) this.#send();
    else if (kind === 1 && this.#watched.size > 0) this.#unwatch();
    else this.#watch();
  }

  async check(bodies: string[]): Promise<void> {
    const own = (body: string) => body.startsWith(`${this.#name}:`);
    expect(bodies.filter(own)).toEqual(this.#sent);
    expect(this.#client.closed).toBeUndefined();
    expect([...this.#client.results.keys()].sort()).toEqual([...this.#watched.keys()].sort());
    for (const [queryId, channel] of this.#watched) {
      const truth = await host.chat.backend.query("messages:list", { channel });
      expect(this.#client.results.get(queryId).value).toEqual(truth);
    }
    this.#heardNothingTwice();
  }

  #heardNothingTwice(): void {
    const known = new Map<number, string>();
    for (const { modifications } of this.#client.transitions) {
      for (const { type, queryId, value } of modifications) {
        const text = type === "QueryRemoved" ? undefined : JSON.stringify(value);
        expect(text).not.toBe(known.get(queryId) ?? null);
        if (text === undefined) known.delete(queryId);
        else known.set(queryId, text);
      }
    }
  }

  #send(): void {
    const body = `${this.#name}:${this.#sent.length}`;
    this.#client.mutate(this.#sent.length, "messages:send", { channel: "general", body });
    this.#sent.push(body);
  }

  #watch(): void {
    const queryId = this.#nextId++;
    const channel = this.#choices.pick(CHANNELS);
    this.#watched.set(queryId, channel);
    this.#client.modify(this.#version++, add(queryId, "messages:list", { channel }));
  }

  #unwatch(): void {
    const queryId = this.#choices.pick([...this.#watched.keys()]);
    this.#watched.delete(queryId);
    this.#client.modify(this.#version++, remove(queryId));
  }
}
