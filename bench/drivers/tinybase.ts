/** TinyBase: a Store with a schema, and an Indexes object by channel, sorted by time. */

import { createIndexes, createStore, type Row } from "tinybase/with-schemas";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

const tablesSchema = {
  messages: {
    channelId: { type: "string" },
    authorId: { type: "string" },
    body: { type: "string" },
    likes: { type: "number" },
    tags: { type: "array" },
    createdAt: { type: "number" },
  },
} as const;

type MessageRow = Row<typeof tablesSchema, "messages">;

class TinyBaseStore implements Store {
  readonly #store = createStore().setTablesSchema(tablesSchema);
  readonly #indexes = createIndexes(this.#store).setIndexDefinition(
    "byChannel",
    "messages",
    "channelId",
    "createdAt",
  );

  insert(messages: Message[]): MessageId[] {
    return this.#store.transaction(() =>
      messages.map((message) => {
        const id = this.#store.addRow("messages", message as unknown as MessageRow);
        if (id === undefined) throw new Error("TinyBase refused a row");
        return id;
      }),
    );
  }

  get(id: MessageId): Message | undefined {
    if (!this.#store.hasRow("messages", String(id))) return undefined;
    return this.#store.getRow("messages", String(id)) as unknown as Message;
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return ids.map((id) => this.get(id));
  }

  like(id: MessageId): number {
    return this.#store.transaction(() => {
      const row = this.#store.getRow("messages", String(id)) as unknown as Message;
      const likes = row.likes + 1;
      this.#store.setPartialRow("messages", String(id), { likes });
      return likes;
    });
  }

  latest(channelId: string, limit: number): Message[] {
    const ids = this.#indexes.getSliceRowIds("byChannel", channelId);
    return this.#rows(ids.slice(-limit).reverse());
  }

  page(channelId: string, limit: number, cursor: Cursor | undefined): Page {
    const ids = this.#indexes.getSliceRowIds("byChannel", channelId);
    const end = cursor === undefined ? ids.length : Number(cursor);
    const start = Math.max(0, end - limit);
    const rows = this.#rows(ids.slice(start, end).reverse());
    return { rows, cursor: start === 0 ? undefined : start };
  }

  scan(likes: number): Message[] {
    const found: Message[] = [];
    for (const id of this.#store.getRowIds("messages")) {
      if ((this.#store.getCell("messages", id, "likes") ?? 0) < likes) continue;
      found.push(this.#store.getRow("messages", id) as unknown as Message);
    }
    return found;
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const tell = () => listener(this.latest(channelId, limit));
    const id = this.#indexes.addSliceRowIdsListener("byChannel", channelId, tell);
    tell();
    return () => {
      this.#indexes.delListener(id);
    };
  }

  #rows(ids: readonly string[]): Message[] {
    return ids.map((id) => this.#store.getRow("messages", id) as unknown as Message);
  }

  close(): void {
    this.#indexes.destroy();
  }
}

export const tinyBase: Driver = {
  name: "TinyBase",
  kind: "peer",
  imports: "tinybase",
  note: "10.0.1; schematised Store, Indexes by channel sorted by time, slice listeners",
  open: () => new TinyBaseStore(),
};
