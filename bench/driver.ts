/**
 * What a measured library must be able to do, in a few functions. One file in `drivers/` each.
 * Every driver does the same work and returns whole messages; `answer.ts` checks that it did.
 * A method may answer at once or with a native promise: workloads await only the latter, so that a
 * synchronous library is not charged for a microtask.
 */

import type { Message } from "./message";

export type MaybePromise<T> = T | Promise<T>;

/** Whatever the library names a document by. */
export type MessageId = string | number;

export interface Page {
  readonly rows: readonly Message[];
  /** Hand it to the next call; undefined after the last page. */
  readonly cursor: Cursor | undefined;
}

/** Opaque to workloads. */
export type Cursor = string | number;

/** One open, empty database with one index on (channelId, createdAt), or the nearest it has. */
export interface Store {
  /** Adds messages in one transaction; ids come back in order. The store may keep the objects. */
  insert(messages: Message[]): MaybePromise<MessageId[]>;
  get(id: MessageId): MaybePromise<Message | undefined>;
  /** Many gets inside one call, and one transaction where there are any. Default: not offered. */
  getMany?(ids: readonly MessageId[]): MaybePromise<readonly (Message | undefined)[]>;
  /** Reads the message and writes it back with one like more, in one transaction. */
  like(id: MessageId): MaybePromise<number>;
  /** The newest messages of a channel, newest first, worked out anew. */
  latest(channelId: string, limit: number): MaybePromise<readonly Message[]>;
  /** The same answer by the quickest way the library has when nothing changed since. */
  latestAgain?(channelId: string, limit: number): MaybePromise<readonly Message[]>;
  /** Walks a channel from its newest message, one page a call. */
  page(channelId: string, limit: number, cursor: Cursor | undefined): MaybePromise<Page>;
  /** Reads every message and returns those with at least so many likes, without an index. */
  scan(likes: number): MaybePromise<readonly Message[]>;
  /** Calls `listener` with `latest(channelId, limit)` now or soon, and after each change of it. */
  watch?(
    channelId: string,
    limit: number,
    listener: (rows: readonly Message[]) => void,
  ): MaybePromise<() => void>;
  /** An independent copy of everything. */
  fork?(): MaybePromise<Store>;
  /** Bytes held outside the JavaScript heap. */
  nativeBytes?(): number;
  close(): MaybePromise<void>;
}

export interface Driver {
  readonly name: string;
  /** `floor`: bare structures with none of a database's duties. */
  readonly kind: "floor" | "invex" | "peer";
  /** Which version, how it is set up. One line for the report. */
  readonly note: string;
  /** What an app imports to use it: a package name, or a path from this folder. */
  readonly imports?: string;
  /** Workloads it sits out, each with the reason. */
  readonly skips?: Readonly<Record<string, string>>;
  open(): MaybePromise<Store>;
}
