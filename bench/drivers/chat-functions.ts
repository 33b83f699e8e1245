/**
 * The Convex modules that both Invex and convex-test run: written once, against whichever front
 * (`convex/server` or `invex/server`) is handed in, with validators everywhere, as an app has them.
 */

import type {
  DataModelFromSchemaDefinition,
  defineSchema,
  defineTable,
  GenericQueryCtx,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import type { GenericId, v } from "convex/values";
import type { Message } from "../message";

/** What the two fronts have in common. */
export interface Front {
  defineSchema: typeof defineSchema;
  defineTable: typeof defineTable;
  queryGeneric: typeof queryGeneric;
  mutationGeneric: typeof mutationGeneric;
  v: typeof v;
}

export function chat(front: Front) {
  const { v, queryGeneric: query, mutationGeneric: mutation } = front;

  const fields = {
    channelId: v.string(),
    authorId: v.string(),
    body: v.string(),
    likes: v.number(),
    tags: v.array(v.string()),
    createdAt: v.number(),
  };
  const message = v.object(fields);
  const stored = v.object({ ...fields, _id: v.id("messages"), _creationTime: v.number() });
  const schema = front.defineSchema({
    messages: front.defineTable(fields).index("by_channel", ["channelId", "createdAt"]),
  });

  // `nonce` makes a call differ from the one before, so that a query cache has nothing to offer.
  const nonce = v.optional(v.number());

  type Model = DataModelFromSchemaDefinition<typeof schema>;
  const newest = (ctx: GenericQueryCtx<Model>, channelId: string) =>
    ctx.db
      .query("messages")
      .withIndex("by_channel", (q) => q.eq("channelId", channelId))
      .order("desc");

  const messages = {
    insert: mutation({
      args: { messages: v.array(message) },
      returns: v.array(v.id("messages")),
      handler: async (ctx, args) => {
        const ids: GenericId<"messages">[] = [];
        for (const each of args.messages) ids.push(await ctx.db.insert("messages", each));
        return ids;
      },
    }),

    get: query({
      args: { id: v.id("messages"), nonce },
      returns: v.union(v.null(), stored),
      handler: (ctx, args) => ctx.db.get(args.id),
    }),

    getMany: query({
      args: { ids: v.array(v.id("messages")), nonce },
      handler: async (ctx, args) => {
        const found: unknown[] = [];
        for (const id of args.ids) found.push(await ctx.db.get(id));
        return found;
      },
    }),

    like: mutation({
      args: { id: v.id("messages") },
      returns: v.number(),
      handler: async (ctx, args) => {
        const found = await ctx.db.get(args.id);
        if (found === null) throw new Error("no such message");
        const likes = found.likes + 1;
        await ctx.db.patch(args.id, { likes });
        return likes;
      },
    }),

    latest: query({
      args: { channelId: v.string(), limit: v.number(), nonce },
      returns: v.array(stored),
      handler: (ctx, args) => newest(ctx, args.channelId).take(args.limit),
    }),

    page: query({
      args: {
        channelId: v.string(),
        limit: v.number(),
        cursor: v.union(v.string(), v.null()),
        nonce,
      },
      handler: (ctx, args) =>
        newest(ctx, args.channelId).paginate({ numItems: args.limit, cursor: args.cursor }),
    }),

    scan: query({
      args: { likes: v.number(), nonce },
      handler: (ctx, args) =>
        ctx.db
          .query("messages")
          .filter((q) => q.gte(q.field("likes"), args.likes))
          .collect(),
    }),
  };

  return { schema, messages };
}

/** What the `page` query answers. */
export interface ChatPage {
  readonly page: Message[];
  readonly isDone: boolean;
  readonly continueCursor: string;
}
