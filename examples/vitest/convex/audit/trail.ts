// What happened to what. A component of its own: the app can reach its table through these two only.

import {
  type DataModelFromSchemaDefinition,
  type MutationBuilder,
  mutationGeneric,
  type QueryBuilder,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import type schema from "./schema";

type DataModel = DataModelFromSchemaDefinition<typeof schema>;
const mutation: MutationBuilder<DataModel, "public"> = mutationGeneric;
const query: QueryBuilder<DataModel, "public"> = queryGeneric;

export const record = mutation({
  args: { subject: v.string(), what: v.string() },
  returns: v.null(),
  handler: async (ctx, event) => {
    await ctx.db.insert("events", event);
    return null;
  },
});

export const of = query({
  args: { subject: v.string() },
  returns: v.array(v.string()),
  handler: async (ctx, { subject }) => {
    const events = await ctx.db
      .query("events")
      .withIndex("by_subject", (q) => q.eq("subject", subject))
      .collect();
    return events.map(({ what }) => what);
  },
});
