/** Dexie over fake-indexeddb: IndexedDB's rules, in memory. `liveQuery` wants it to be the global one. */

import "fake-indexeddb/auto";
import Dexie, { liveQuery, type Table } from "dexie";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

let opened = 0;

class DexieStore implements Store {
  readonly #db: Dexie;
  readonly #messages: Table<Message, number>;

  constructor() {
    this.#db = new Dexie(`bench-${opened++}`);
    this.#db.version(1).stores({ messages: "++, [channelId+createdAt]" });
    this.#messages = this.#db.table("messages");
  }

  async insert(messages: Message[]): Promise<MessageId[]> {
    return await this.#messages.bulkAdd(messages, { allKeys: true });
  }

  async get(id: MessageId): Promise<Message | undefined> {
    return await this.#messages.get(Number(id));
  }

  async getMany(ids: readonly MessageId[]): Promise<(Message | undefined)[]> {
    return await this.#messages.bulkGet(ids.map(Number));
  }

  async like(id: MessageId): Promise<number> {
    return await this.#db.transaction("rw", this.#messages, async () => {
      const likes = ((await this.#messages.get(Number(id))) as Message).likes + 1;
      await this.#messages.update(Number(id), { likes });
      return likes;
    });
  }

  async latest(channelId: string, limit: number): Promise<Message[]> {
    return await this.#newest(channelId, Dexie.maxKey, limit);
  }

  async page(channelId: string, limit: number, cursor: Cursor | undefined): Promise<Page> {
    const rows = await this.#newest(channelId, cursor ?? Dexie.maxKey, limit);
    return { rows, cursor: rows.length < limit ? undefined : rows.at(-1)?.createdAt };
  }

  async scan(likes: number): Promise<Message[]> {
    return await this.#messages.filter((message) => message.likes >= likes).toArray();
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const query = liveQuery(() => this.#newest(channelId, Dexie.maxKey, limit));
    const subscription = query.subscribe(listener);
    return () => subscription.unsubscribe();
  }

  #newest(channelId: string, before: unknown, limit: number) {
    return this.#messages
      .where("[channelId+createdAt]")
      .between([channelId, Dexie.minKey], [channelId, before], true, false)
      .reverse()
      .limit(limit)
      .toArray();
  }

  async close(): Promise<void> {
    await this.#db.delete();
  }
}

export const dexie: Driver = {
  name: "Dexie",
  kind: "peer",
  imports: "dexie",
  note: "4.4.7 on fake-indexeddb 6.2.8; compound index, liveQuery",
  open: () => new DexieStore(),
};
