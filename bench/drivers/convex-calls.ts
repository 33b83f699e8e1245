/** A store made of the calls of `chat-functions.ts`; how a call is made is the driver's business. */

import type { FunctionReference } from "convex/server";
import type { Cursor, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";
import type { ChatPage } from "./chat-functions";

type Reference<Kind extends "query" | "mutation"> = FunctionReference<Kind>;

export interface Caller {
  query(reference: Reference<"query">, args: Record<string, unknown>): Promise<unknown>;
  mutation(reference: Reference<"mutation">, args: Record<string, unknown>): Promise<unknown>;
}

export interface ChatApi {
  readonly insert: Reference<"mutation">;
  readonly like: Reference<"mutation">;
  readonly get: Reference<"query">;
  readonly getMany: Reference<"query">;
  readonly latest: Reference<"query">;
  readonly page: Reference<"query">;
  readonly scan: Reference<"query">;
}

export class ConvexCalls implements Omit<Store, "close"> {
  readonly #caller: Caller;
  readonly #api: ChatApi;
  #nonce = 0;

  /** @param api looked a function up in at every call, as apps write it */
  constructor(caller: Caller, api: ChatApi) {
    this.#caller = caller;
    this.#api = api;
  }

  async insert(messages: Message[]): Promise<MessageId[]> {
    return (await this.#caller.mutation(this.#api.insert, { messages })) as MessageId[];
  }

  async get(id: MessageId): Promise<Message | undefined> {
    const found = await this.#caller.query(this.#api.get, { id, nonce: this.#nonce++ });
    return (found as Message | null) ?? undefined;
  }

  async getMany(ids: readonly MessageId[]): Promise<(Message | undefined)[]> {
    const found = await this.#caller.query(this.#api.getMany, {
      ids: [...ids],
      nonce: this.#nonce++,
    });
    return found as Message[];
  }

  async like(id: MessageId): Promise<number> {
    return (await this.#caller.mutation(this.#api.like, { id })) as number;
  }

  async latest(channelId: string, limit: number): Promise<Message[]> {
    const args = { channelId, limit, nonce: this.#nonce++ };
    return (await this.#caller.query(this.#api.latest, args)) as Message[];
  }

  async latestAgain(channelId: string, limit: number): Promise<Message[]> {
    return (await this.#caller.query(this.#api.latest, { channelId, limit })) as Message[];
  }

  async page(channelId: string, limit: number, cursor: Cursor | undefined): Promise<Page> {
    const args = { channelId, limit, cursor: cursor ?? null, nonce: this.#nonce++ };
    const answer = (await this.#caller.query(this.#api.page, args)) as ChatPage;
    return { rows: answer.page, cursor: answer.isDone ? undefined : answer.continueCursor };
  }

  async scan(likes: number): Promise<Message[]> {
    return (await this.#caller.query(this.#api.scan, { likes, nonce: this.#nonce++ })) as Message[];
  }
}
