import { mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";

// As generated code has it: captured when the module is loaded, read when a function runs.
const { env: captured } = process;

export const take = mutationGeneric({
  args: { item: v.string() },
  handler: (ctx, { item }) => ctx.db.insert("taken", { item }),
});

export const taken = queryGeneric({
  args: {},
  handler: async (ctx) => (await ctx.db.query("taken").collect()).map(({ item }) => item),
});

export const env = queryGeneric({
  args: {},
  handler: async () => {
    const { KEY, MODE, CONVEX_SITE_URL } = process.env;
    return { KEY: KEY ?? null, MODE: MODE ?? null, site: CONVEX_SITE_URL ?? null };
  },
});

export const capturedKey = queryGeneric({ args: {}, handler: async () => captured.KEY ?? null });
