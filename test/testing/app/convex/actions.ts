import { ConvexError, v } from "convex/values";
import { api, components, internal } from "./_generated/api";
import { action } from "./_generated/server";

export const addMany = action({
  args: { texts: v.array(v.string()) },
  returns: v.number(),
  handler: async (ctx, { texts }): Promise<number> => {
    for (const text of texts) await ctx.runMutation(api.notes.add, { text, author: "action" });
    return await ctx.runQuery(internal.notes.count, {});
  },
});

export const rescue = action({
  args: { author: v.string(), text: v.string() },
  handler: async (ctx, args): Promise<{ is: string; message: string; data: unknown }> => {
    try {
      await ctx.runMutation(api.notes.add, args);
    } catch (error) {
      const data = error instanceof ConvexError ? error.data : null;
      const is = error instanceof ConvexError ? "ConvexError" : "Error";
      return { is, message: (error as Error).message, data };
    }
    return { is: "nothing", message: "", data: null };
  },
});

export const fetched = action({
  args: { url: v.string() },
  handler: async (_ctx, { url }) => (await fetch(url)).status,
});

export const near = action({
  args: { vector: v.array(v.float64()) },
  handler: async (ctx, { vector }) =>
    await ctx.vectorSearch("points", "by_vector", { vector, limit: 1 }),
});

export const store = action({
  args: { text: v.string() },
  handler: async (ctx, { text }) => {
    const id = await ctx.storage.store(new Blob([text]));
    const blob = await ctx.storage.get(id);
    return { id, text: (await blob?.text()) ?? null, url: await ctx.storage.getUrl(id) };
  },
});

export const post = action({
  args: { to: v.string() },
  handler: async (ctx, { to }): Promise<string[]> => {
    await ctx.runMutation(components.mailer.post.send, { to });
    return await ctx.runQuery(components.mailer.post.sent, {});
  },
});
