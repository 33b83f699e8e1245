/** LokiJS in memory: a binary index on the channel; dynamic views for live queries. No transactions. */

import Loki, { type Collection, type DynamicView } from "lokijs";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

type Messages = Collection<Message>;
type View = DynamicView<Message>;

class LokiStore implements Store {
  readonly #messages: Messages = new Loki("bench", {
    adapter: new Loki.LokiMemoryAdapter(),
  }).addCollection<Message>("messages", { indices: ["channelId"] });
  readonly #views = new Map<string, View>();

  insert(messages: Message[]): MessageId[] {
    const inserted = this.#messages.insert(messages) as unknown;
    const list = (Array.isArray(inserted) ? inserted : [inserted]) as { $loki: number }[];
    return list.map(({ $loki }) => $loki);
  }

  get(id: MessageId): Message | undefined {
    return this.#messages.get(Number(id)) as unknown as Message | undefined;
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return ids.map((id) => this.get(id));
  }

  like(id: MessageId): number {
    const message = this.get(id) as Message;
    message.likes += 1;
    this.#messages.update(message);
    return message.likes;
  }

  latest(channelId: string, limit: number): Message[] {
    return this.#find({ channelId }, limit);
  }

  latestAgain(channelId: string, limit: number): Message[] {
    return this.#view(channelId).data({ removeMeta: false }).slice(-limit).reverse() as Message[];
  }

  page(channelId: string, limit: number, cursor: Cursor | undefined): Page {
    const range = cursor === undefined ? {} : { createdAt: { $lt: cursor } };
    const rows = this.#find({ channelId, ...range }, limit);
    return { rows, cursor: rows.length < limit ? undefined : rows.at(-1)?.createdAt };
  }

  scan(likes: number): Message[] {
    return this.#messages
      .chain()
      .find({ likes: { $gte: likes } })
      .data() as Message[];
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const view = this.#view(channelId);
    const tell = () => listener(this.latestAgain(channelId, limit));
    view.on("rebuild", tell);
    tell();
    return () => view.removeListener("rebuild", tell);
  }

  #find(query: LokiQuery<Message & LokiObj>, limit: number): Message[] {
    const found = this.#messages.chain().find(query);
    return found.simplesort("createdAt", { desc: true }).limit(limit).data() as Message[];
  }

  #view(channelId: string): View {
    let view = this.#views.get(channelId);
    if (view === undefined) {
      view = this.#messages.addDynamicView(channelId, { sortPriority: "active" });
      view.applyFind({ channelId });
      view.applySimpleSort("createdAt");
      this.#views.set(channelId, view);
    }
    return view;
  }

  close(): void {}
}

export const loki: Driver = {
  name: "LokiJS",
  kind: "peer",
  imports: "lokijs",
  note: "1.5.12 in memory; hands out its own objects; binary index, sorted dynamic views",
  open: () => new LokiStore(),
};
