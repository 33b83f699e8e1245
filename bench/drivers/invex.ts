/** Invex through its public API, with everything on: validation, limits, determinism, logs. */

import { createBackend } from "invex";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import type { Driver, Store } from "../driver";
import type { Message } from "../message";
import { chat, type Front } from "./chat-functions";
import { type Caller, type ChatApi, ConvexCalls } from "./convex-calls";

const front = { defineSchema, defineTable, queryGeneric, mutationGeneric, v } as unknown as Front;
const { schema, messages } = chat(front);

/** The part of the handle this driver uses. */
interface Backend extends Caller {
  readonly api: { readonly messages: ChatApi };
  subscribe(
    reference: unknown,
    args: Record<string, unknown>,
    onResult: (rows: readonly Message[]) => void,
    onError: (error: unknown) => void,
  ): () => void;
  fork(): Backend;
  close(): Promise<void>;
}

class InvexStore extends ConvexCalls implements Store {
  readonly #backend: Backend;

  constructor(backend: Backend) {
    super(backend, backend.api.messages);
    this.#backend = backend;
  }

  watch(channelId: string, limit: number, listener: (rows: readonly Message[]) => void) {
    const fail = (error: unknown) => {
      throw error;
    };
    return this.#backend.subscribe(
      this.#backend.api.messages.latest,
      { channelId, limit },
      listener,
      fail,
    );
  }

  fork(): Store {
    return new InvexStore(this.#backend.fork());
  }

  async close(): Promise<void> {
    await this.#backend.close();
  }
}

/** Limits are on and counted; those on reading are raised, so that W10 may read 100,000 documents. */
const limits = { documentsRead: 10_000_000, bytesRead: 2 ** 40 };

export const invex: Driver = {
  name: "Invex",
  kind: "invex",
  imports: "../dist/index.js",
  note: "this package as built in ../dist; every option but two read limits at its default",
  open: () =>
    new InvexStore(createBackend({ schema, modules: { messages }, limits }) as unknown as Backend),
};
