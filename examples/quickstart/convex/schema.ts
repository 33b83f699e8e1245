import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";

const schema = defineSchema({
  messages: defineTable({
    channel: v.string(),
    author: v.string(),
    body: v.string(),
  }).index("by_channel", ["channel"]),

  tasks: defineTable({
    title: v.string(),
    owner: v.optional(v.string()),
    status: v.union(v.literal("open"), v.literal("done")),
    points: v.number(),
  }).index("by_status", ["status", "points"]),

  scores: defineTable({ person: v.string(), points: v.number() }).index("by_person", ["person"]),
});

export default schema;
export const { query, mutation, internalMutation } = functionsFor(schema);
