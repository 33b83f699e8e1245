// A client that speaks the protocol by hand: sends what it is told to, keeps what it hears, and
// checks at every transition that the versions follow each other.

import type { Connectable, SyncConnection } from "../../src/sync/client";

// biome-ignore lint/suspicious/noExplicitAny: messages are looked at field by field
export type Message = any;

export const ZERO = { querySet: 0, identity: 0, ts: "AAAAAAAAAAA=" };

export class RawClient {
  readonly messages: Message[] = [];
  readonly results = new Map<number, Message>();
  readonly connection: SyncConnection;
  version: Message = ZERO;
  closed: { code?: number; reason?: string } | undefined;
  #block: Promise<void> | undefined;
  #resume: (() => void) | undefined;

  constructor(backend: Connectable) {
    this.connection = backend.connect(
      (text) => {
        this.#take(JSON.parse(text));
        return this.#block;
      },
      {
        onClose: (frame) => {
          this.closed = frame;
        },
      },
    );
  }

  static open(backend: Connectable, sessionId = uuid(1)): RawClient {
    const client = new RawClient(backend);
    client.send({ ...connectMessage, sessionId });
    return client;
  }

  send(message: unknown): void {
    this.connection.receive(JSON.stringify(message));
  }

  modify(baseVersion: number, ...modifications: unknown[]): void {
    this.send({ type: "ModifyQuerySet", baseVersion, newVersion: baseVersion + 1, modifications });
  }

  mutate(requestId: number, udfPath: string, args: unknown = {}): void {
    this.send({ type: "Mutation", requestId, udfPath, args: [args] });
  }

  act(requestId: number, udfPath: string, args: unknown = {}): void {
    this.send({ type: "Action", requestId, udfPath, args: [args] });
  }

  /** From the next message on, the client does not read. */
  block(): void {
    this.#block = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#block = undefined;
    this.#resume?.();
  }

  of(type: string): Message[] {
    return this.messages.filter((message) => message.type === type);
  }

  get transitions(): Message[] {
    return this.of("Transition");
  }

  #take(message: Message): void {
    this.messages.push(message);
    if (message.type !== "Transition") return;
    if (JSON.stringify(message.startVersion) !== JSON.stringify(this.version)) {
      throw new Error(`a transition from ${JSON.stringify(message.startVersion)}`);
    }
    this.version = message.endVersion;
    for (const change of message.modifications) {
      if (change.type === "QueryRemoved") this.results.delete(change.queryId);
      else this.results.set(change.queryId, change);
    }
  }
}

export const connectMessage = {
  type: "Connect",
  sessionId: "",
  connectionCount: 0,
  lastCloseReason: "InitialConnect",
  clientTs: 0,
};

export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

export function add(queryId: number, udfPath: string, args: unknown = {}, journal?: string) {
  return { type: "Add", queryId, udfPath, args: [args], ...(journal ? { journal } : {}) };
}

export function remove(queryId: number) {
  return { type: "Remove", queryId };
}

/** The number in a wire timestamp. */
export function tsOf(text: string): bigint {
  return Buffer.from(text, "base64").readBigUInt64LE();
}
