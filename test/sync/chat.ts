// The backend most sync tests talk to: a chat of one table, with what tests need to look inside.

import "../fixtures/late-parts";

import { type Backend, createBackend, type ManualClock, manualClock } from "invex";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  paginationOptsValidator,
  queryGeneric,
} from "invex/server";
import { ConvexError, v } from "invex/values";

export const schema = defineSchema({
  messages: defineTable({ channel: v.string(), body: v.string() }).index("by_channel", ["channel"]),
});

/** How often handlers ran, by name. */
export type Runs = Map<string, number>;

/** Held open by tests: handlers that were asked to wait do so. */
export class Gate {
  #open: (() => void) | undefined;
  promise: Promise<void> = Promise.resolve();

  shut(): void {
    this.promise = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
  }
}

export function chatModules(runs: Runs, gate: Gate) {
  const ran = (name: string) => runs.set(name, (runs.get(name) ?? 0) + 1);
  const list = queryGeneric({
    args: { channel: v.string() },
    handler: async (ctx, { channel }) => {
      ran("list");
      const rows = await ctx.db
        .query("messages")
        .withIndex("by_channel", (q) => q.eq("channel", channel))
        .collect();
      return rows.map((row) => row.body);
    },
  });
  const send = mutationGeneric({
    args: { channel: v.string(), body: v.string() },
    handler: async (ctx, args) => {
      ran("send");
      console.log("sending", args.body);
      await ctx.db.insert("messages", args);
      return args.body.length;
    },
  });
  return {
    messages: {
      list,
      send,
      page: queryGeneric({
        args: { channel: v.string(), paginationOpts: paginationOptsValidator },
        handler: (ctx, { channel, paginationOpts }) =>
          ctx.db
            .query("messages")
            .withIndex("by_channel", (q) => q.eq("channel", channel))
            .order("desc")
            .paginate(paginationOpts),
      }),
      slow: mutationGeneric(async (ctx, { body }: { body: string }) => {
        ran("slow");
        await gate.promise;
        await ctx.db.insert("messages", { channel: "general", body });
        return body;
      }),
      /** Waits before it reads, so that it can be overtaken. */
      slowList: queryGeneric(async (ctx) => {
        await gate.promise;
        return (await ctx.db.query("messages").collect()).length;
      }),
      clear: mutationGeneric(async (ctx, { body }: { body: string }) => {
        for (const row of await ctx.db.query("messages").collect()) {
          if (row.body === body) await ctx.db.delete(row._id);
        }
      }),
      fail: mutationGeneric(async (ctx) => {
        ran("fail");
        await ctx.db.insert("messages", { channel: "general", body: "lost" });
        throw new ConvexError({ reason: "no" });
      }),
      look: mutationGeneric(() => {
        ran("look");
        return 1n;
      }),
      stamp: mutationGeneric(async (ctx) => {
        ran("stamp");
        return { at: ctx.db.vars.commitTs, big: "x".repeat(2_500_000) };
      }),
      broken: queryGeneric(async (ctx) => {
        const rows = await ctx.db.query("messages").collect();
        if (rows.length === 0) throw new ConvexError("empty");
        console.log("rows", rows.length);
        return rows.length;
      }),
      whoami: queryGeneric(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null),
      whoWrites: mutationGeneric(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null),
      large: queryGeneric((_ctx, { length }: { length: number }) => "ä".repeat(length)),
      hidden: internalQueryGeneric(() => "secret"),
      hiddenWrite: internalMutationGeneric(() => "secret"),
      work: actionGeneric(async (_ctx, { name }: { name: string }) => {
        ran(`work ${name}`);
        if (name === "wait") await gate.promise;
        if (name === "fail") throw new Error("no work");
        return name;
      }),
    },
  };
}

export interface Chat {
  readonly backend: Backend;
  readonly clock: ManualClock;
  readonly runs: Runs;
  readonly gate: Gate;
  bodies(): Promise<string[]>;
}

export function createChat(options: object = {}): Chat {
  const runs: Runs = new Map();
  const gate = new Gate();
  const clock = manualClock();
  const backend = createBackend({
    schema,
    modules: chatModules(runs, gate),
    clock,
    seed: "chat",
    onLog: () => {},
    ...options,
  }) as Backend;
  return {
    backend,
    clock,
    runs,
    gate,
    bodies: () =>
      backend.run(async (ctx) => (await ctx.db.query("messages").collect()).map((row) => row.body)),
  };
}

/** Lets everything that needs no time and no timer run to its end. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
