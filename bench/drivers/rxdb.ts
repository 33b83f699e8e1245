/** RxDB on its memory storage, with a schema and the compound index. */

import { createRxDatabase, type RxCollection, type RxJsonSchema } from "rxdb/plugins/core";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

interface Stored extends Message {
  id: string;
}

const schema: RxJsonSchema<Stored> = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: {
    id: { type: "string", maxLength: 20 },
    channelId: { type: "string", maxLength: 20 },
    authorId: { type: "string" },
    body: { type: "string" },
    likes: { type: "number" },
    tags: { type: "array", items: { type: "string" } },
    createdAt: { type: "number", minimum: 0, maximum: 10_000_000_000_000, multipleOf: 1 },
  },
  required: ["id", "channelId", "authorId", "body", "likes", "tags", "createdAt"],
  indexes: [["channelId", "createdAt"]],
};

const endOfTime = 9_000_000_000_000;

let opened = 0;

class RxStore implements Store {
  readonly #messages: RxCollection<Stored>;
  #inserted = 0;
  #asked = 0;

  constructor(messages: RxCollection<Stored>) {
    this.#messages = messages;
  }

  async insert(messages: Message[]): Promise<MessageId[]> {
    const stored = messages.map((message) => ({ ...message, id: `m${this.#inserted++}` }));
    const { error } = await this.#messages.bulkInsert(stored);
    if (error.length > 0) throw new Error("RxDB refused a document");
    return stored.map(({ id }) => id);
  }

  async get(id: MessageId): Promise<Message | undefined> {
    return (await this.#messages.findOne(String(id)).exec()) ?? undefined;
  }

  async getMany(ids: readonly MessageId[]): Promise<(Message | undefined)[]> {
    const found = await this.#messages.findByIds(ids.map(String)).exec();
    return ids.map((id) => found.get(String(id)));
  }

  async like(id: MessageId): Promise<number> {
    const found = await this.#messages.findOne(String(id)).exec();
    const liked = await found?.incrementalModify((message) => {
      message.likes += 1;
      return message;
    });
    return liked?.likes ?? Number.NaN;
  }

  async latest(channelId: string, limit: number): Promise<readonly Message[]> {
    return await this.#query(channelId, limit, endOfTime, this.#nonce()).exec();
  }

  async latestAgain(channelId: string, limit: number): Promise<readonly Message[]> {
    return await this.#query(channelId, limit).exec();
  }

  async page(channelId: string, limit: number, cursor: Cursor | undefined): Promise<Page> {
    const before = Number(cursor ?? endOfTime);
    const rows = await this.#query(channelId, limit, before, this.#nonce()).exec();
    return { rows, cursor: rows.length < limit ? undefined : rows.at(-1)?.createdAt };
  }

  async scan(likes: number): Promise<readonly Message[]> {
    const selector = { likes: { $gte: likes, ...this.#nonce().likes } };
    return await this.#messages.find({ selector }).exec();
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const subscription = this.#query(channelId, limit).$.subscribe(listener);
    return () => subscription.unsubscribe();
  }

  #query(channelId: string, limit: number, before?: number, nonce = {}) {
    const older = before === undefined ? {} : { createdAt: { $lt: before } };
    return this.#messages.find({
      selector: { channelId, ...older, ...nonce },
      sort: [{ channelId: "desc" }, { createdAt: "desc" }],
      limit,
    });
  }

  /** A condition that always holds but is never the same, which makes a query new to the cache. */
  #nonce() {
    this.#asked += 1;
    return { likes: { $lt: 1_000_000 + this.#asked } };
  }

  async close(): Promise<void> {
    await this.#messages.database.close();
  }
}

export const rxdb: Driver = {
  name: "RxDB",
  kind: "peer",
  imports: "rxdb/plugins/core",
  note: "17.6.0, memory storage, no dev mode; compound index; results are its own documents",
  async open() {
    const database = await createRxDatabase({
      name: `bench-${opened++}`,
      storage: getRxStorageMemory(),
      multiInstance: false,
      eventReduce: true,
    });
    const { messages } = await database.addCollections({ messages: { schema } });
    return new RxStore(messages as unknown as RxCollection<Stored>);
  },
};
