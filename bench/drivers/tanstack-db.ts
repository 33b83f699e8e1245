/**
 * TanStack DB: a local-only collection with a B-tree index on the channel, read through live queries.
 * Its indexes take one field, and its `limit` walks the index of the ordering field; ordering the
 * channel's messages and slicing is several times faster here, so that is what it does.
 */

import {
  and,
  BTreeIndex,
  createCollection,
  createLiveQueryCollection,
  createTransaction,
  eq,
  gte,
  type InitialQueryBuilder,
  localOnlyCollectionOptions,
  lt,
} from "@tanstack/db";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

interface Stored extends Message {
  id: string;
}

function createMessages() {
  const collection = createCollection(
    localOnlyCollectionOptions({
      getKey: (message: Stored) => message.id,
    }),
  );
  collection.createIndex((message) => message.channelId, { indexType: BTreeIndex });
  return collection;
}

type Live = ReturnType<typeof liveLatest>;

function liveLatest(
  collection: ReturnType<typeof createMessages>,
  channelId: string,
  before?: Cursor,
) {
  return createLiveQueryCollection({
    query: (q: InitialQueryBuilder) =>
      q
        .from({ message: collection })
        .where(({ message }) =>
          before === undefined
            ? eq(message.channelId, channelId)
            : and(eq(message.channelId, channelId), lt(message.createdAt, Number(before))),
        )
        .orderBy(({ message }) => message.createdAt, "desc"),
    startSync: true,
  });
}

function rowsOf(live: Live, limit: number): readonly Message[] {
  return (live.toArray as unknown as Message[]).slice(0, limit);
}

class TanStackStore implements Store {
  readonly #messages = createMessages();
  readonly #live = new Map<string, Live>();
  #inserted = 0;

  async insert(messages: Message[]): Promise<MessageId[]> {
    const stored = messages.map((message) => ({ ...message, id: `m${this.#inserted++}` }));
    await this.#messages.insert(stored).isPersisted.promise;
    return stored.map(({ id }) => id);
  }

  get(id: MessageId): Message | undefined {
    return this.#messages.get(String(id));
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return ids.map((id) => this.#messages.get(String(id)));
  }

  async like(id: MessageId): Promise<number> {
    const transaction = createTransaction({
      autoCommit: false,
      mutationFn: async ({ transaction }) => {
        this.#messages.utils.acceptMutations(transaction);
      },
    });
    transaction.mutate(() => {
      this.#messages.update(String(id), (draft) => {
        draft.likes += 1;
      });
    });
    await transaction.commit();
    return this.#messages.get(String(id))?.likes ?? Number.NaN;
  }

  async latest(channelId: string, limit: number): Promise<readonly Message[]> {
    return await this.#once(liveLatest(this.#messages, channelId), limit);
  }

  /** Keeps the live query, which is how this library wants to be read. */
  async latestAgain(channelId: string, limit: number): Promise<readonly Message[]> {
    let live = this.#live.get(channelId);
    if (live === undefined) {
      live = liveLatest(this.#messages, channelId);
      this.#live.set(channelId, live);
    }
    await live.preload();
    return rowsOf(live, limit);
  }

  async page(channelId: string, limit: number, cursor: Cursor | undefined): Promise<Page> {
    const rows = await this.#once(liveLatest(this.#messages, channelId, cursor), limit);
    return { rows, cursor: rows.length < limit ? undefined : rows.at(-1)?.createdAt };
  }

  async scan(likes: number): Promise<readonly Message[]> {
    const live = createLiveQueryCollection({
      query: (q: InitialQueryBuilder) =>
        q.from({ message: this.#messages }).where(({ message }) => gte(message.likes, likes)),
      startSync: true,
    });
    await live.preload();
    const rows = live.toArray as unknown as Message[];
    await live.cleanup();
    return rows;
  }

  async watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const live = liveLatest(this.#messages, channelId);
    const tell = () => listener(rowsOf(live, limit));
    const subscription = live.subscribeChanges(tell);
    await live.preload();
    tell();
    return () => {
      subscription.unsubscribe();
      void live.cleanup();
    };
  }

  async #once(live: Live, limit: number): Promise<readonly Message[]> {
    await live.preload();
    const rows = rowsOf(live, limit);
    await live.cleanup();
    return rows;
  }

  async close(): Promise<void> {
    for (const live of this.#live.values()) await live.cleanup();
    await this.#messages.cleanup();
  }
}

export const tanStackDb: Driver = {
  name: "TanStack DB",
  kind: "peer",
  imports: "@tanstack/db",
  note: "0.15.2, local-only collection; B-tree index on the channel; live queries",
  open: () => new TanStackStore(),
};
