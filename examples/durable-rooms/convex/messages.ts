import {
  type DataModelFromSchemaDefinition,
  internalMutationGeneric,
  type MutationBuilder,
  makeFunctionReference,
  mutationGeneric,
  type QueryBuilder,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import type schema from "./schema";

type Model = DataModelFromSchemaDefinition<typeof schema>;

const query = queryGeneric as QueryBuilder<Model, "public">;
const mutation = mutationGeneric as MutationBuilder<Model, "public">;
const internalMutation = internalMutationGeneric as MutationBuilder<Model, "internal">;

const message = { author: v.string(), body: v.string() };

/** The last hundred, the oldest first. */
export const list = query({
  args: {},
  handler: async (ctx) => (await ctx.db.query("messages").order("desc").take(100)).reverse(),
});

export const send = mutation({
  args: message,
  handler: async (ctx, { author, body }) => {
    await ctx.db.insert("messages", { author, body: body.trim().slice(0, 500) });
  },
});

/** By the room's own alarm, also if everybody has left by then. */
export const sendLater = mutation({
  args: { ...message, seconds: v.number() },
  handler: async (ctx, { seconds, ...later }) => {
    await ctx.scheduler.runAfter(seconds * 1000, post, later);
  },
});

export const postNow = internalMutation({
  args: message,
  handler: async (ctx, args) => {
    await ctx.db.insert("messages", args);
  },
});

const post = makeFunctionReference<"mutation", { author: string; body: string }>(
  "messages:postNow",
);
