/** The physical floor: native Maps and arrays, which only work because messages arrive in order. */

import type { Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";
import { Listeners } from "./listeners";

class MapStore implements Store {
  readonly #byId = new Map<MessageId, Message>();
  readonly #byChannel = new Map<string, Message[]>();
  readonly #listeners = new Listeners(this);

  insert(messages: Message[]): MessageId[] {
    return messages.map((message) => {
      const id = `m${this.#byId.size}`;
      this.#byId.set(id, message);
      const channel = this.#byChannel.get(message.channelId);
      if (channel === undefined) this.#byChannel.set(message.channelId, [message]);
      else channel.push(message);
      this.#listeners.changed(message.channelId);
      return id;
    });
  }

  get(id: MessageId): Message | undefined {
    return this.#byId.get(id);
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return ids.map((id) => this.#byId.get(id));
  }

  like(id: MessageId): number {
    const message = this.#byId.get(id) as Message;
    message.likes += 1;
    return message.likes;
  }

  latest(channelId: string, limit: number): Message[] {
    return (this.#byChannel.get(channelId) ?? []).slice(-limit).reverse();
  }

  page(channelId: string, limit: number, cursor: number | undefined): Page {
    const channel = this.#byChannel.get(channelId) ?? [];
    const end = cursor ?? channel.length;
    const start = Math.max(0, end - limit);
    return { rows: channel.slice(start, end).reverse(), cursor: start === 0 ? undefined : start };
  }

  scan(likes: number): Message[] {
    const found: Message[] = [];
    for (const message of this.#byId.values()) if (message.likes >= likes) found.push(message);
    return found;
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    return this.#listeners.add(channelId, limit, listener);
  }

  close(): void {}
}

export const floorMap: Driver = {
  name: "Map",
  kind: "floor",
  note: "a native Map by id and an array a channel; no order but that of arrival",
  open: () => new MapStore(),
};
