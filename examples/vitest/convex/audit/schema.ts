import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  events: defineTable({ subject: v.string(), what: v.string() }).index("by_subject", ["subject"]),
});
