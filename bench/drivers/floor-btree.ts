/**
 * The floor that ratios are taken against: one bare sorted-btree by id and one by
 * (channelId, createdAt), doing the same work with no transactions, validation, copies, read
 * tracking or callers; ids are text in random order, as Convex's are.
 */

import BTreeModule from "sorted-btree";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";
import { Listeners } from "./listeners";

// The package is CommonJS, so Node hands its class over inside the default import.
type BTreeClass = typeof import("sorted-btree").default;
const BTree = ((BTreeModule as unknown as { default?: BTreeClass }).default ??
  BTreeModule) as BTreeClass;
type Tree = InstanceType<typeof BTree<string, Message>>;

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const tree = () => new BTree<string, Message>(undefined, compare, 64);
const keyOf = (channelId: string, createdAt: number) => `${channelId}\0${createdAt}`;

class BTreeStore implements Store {
  readonly #byId: Tree;
  readonly #byChannel: Tree;
  readonly #entry: [string, Message] = ["", {} as Message];
  readonly #listeners = new Listeners(this);
  #inserted = 0;

  constructor(byId: Tree, byChannel: Tree) {
    this.#byId = byId;
    this.#byChannel = byChannel;
  }

  insert(messages: Message[]): MessageId[] {
    return messages.map((message) => {
      const id = this.#newId();
      this.#byId.set(id, message);
      this.#byChannel.set(keyOf(message.channelId, message.createdAt), message);
      this.#listeners.changed(message.channelId);
      return id;
    });
  }

  get(id: MessageId): Message | undefined {
    return this.#byId.get(id as string);
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return ids.map((id) => this.#byId.get(id as string));
  }

  /** Replaces the message in the Map and in the index, as a store of immutable documents must. */
  like(id: MessageId): number {
    const message = this.#byId.get(id as string) as Message;
    const liked = { ...message, likes: message.likes + 1 };
    this.#byId.set(id as string, liked);
    this.#byChannel.set(keyOf(message.channelId, message.createdAt), liked);
    return liked.likes;
  }

  latest(channelId: string, limit: number): Message[] {
    return this.#before(`${channelId}\u0001`, `${channelId}\0`, limit);
  }

  page(channelId: string, limit: number, cursor: Cursor | undefined): Page {
    const end = cursor === undefined ? `${channelId}\u0001` : keyOf(channelId, Number(cursor));
    const rows = this.#before(end, `${channelId}\0`, limit);
    return { rows, cursor: rows.length < limit ? undefined : rows[limit - 1]?.createdAt };
  }

  #before(end: string, lower: string, limit: number): Message[] {
    const rows: Message[] = [];
    for (const [key, message] of this.#byChannel.entriesReversed(end, this.#entry, true)) {
      if (key < lower || rows.length === limit) break;
      rows.push(message);
    }
    return rows;
  }

  scan(likes: number): Message[] {
    const found: Message[] = [];
    this.#byId.forEachPair((_, message) => {
      if (message.likes >= likes) found.push(message);
    });
    return found;
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    return this.#listeners.add(channelId, limit, listener);
  }

  fork(): Store {
    return new BTreeStore(this.#byId.clone(), this.#byChannel.clone());
  }

  close(): void {}

  /** Each number once, in an order without pattern: a multiplication modulo 2^32. */
  #newId(): string {
    this.#inserted += 1;
    return String(Math.imul(this.#inserted, 0x9e3779b1) >>> 0).padStart(10, "0");
  }
}

export const floorBTree: Driver = {
  name: "floor",
  kind: "floor",
  imports: "sorted-btree",
  note: "a bare sorted-btree by id and another by (channelId, createdAt)",
  open: () => new BTreeStore(tree(), tree()),
};
