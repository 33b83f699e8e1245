import { ActionCache } from "@convex-dev/action-cache";
import {
  actionGeneric,
  anyApi,
  componentsGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";

// biome-ignore lint/suspicious/noExplicitAny: what code generation would type
const components = componentsGeneric() as any;
// biome-ignore lint/suspicious/noExplicitAny: what code generation would type
const prices = new ActionCache<any>(components.actionCache, { action: anyApi.orders?.askPrice });

let asked = 0;

export const askPrice = actionGeneric({
  args: { item: v.string() },
  handler: async (_ctx, { item }) => {
    asked += 1;
    return item.length * asked;
  },
});

export const price = actionGeneric({
  args: { item: v.string() },
  handler: (ctx, { item }) => prices.fetch(ctx, { item }),
});

export const place = mutationGeneric({
  args: { item: v.string() },
  handler: async (ctx, { item }) => {
    await ctx.runMutation(components.stock.lib.take, { item });
  },
});

export const state = queryGeneric({
  args: {},
  handler: async (ctx) => ({
    stock: await ctx.runQuery(components.stock.lib.taken, {}),
    reserve: await ctx.runQuery(components.reserve.lib.taken, {}),
  }),
});

export const environments = queryGeneric({
  args: {},
  handler: async (ctx) => [
    await ctx.runQuery(components.stock.lib.env, {}),
    await ctx.runQuery(components.reserve.lib.env, {}),
  ],
});
