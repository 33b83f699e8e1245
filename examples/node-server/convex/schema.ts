import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  messages: defineTable({ author: v.string(), body: v.string() }),

  /** Who is here: one row for each open page. Heartbeats do not touch it. */
  visitors: defineTable({ session: v.string(), name: v.string() }).index("by_session", ["session"]),

  /** What ends a visitor's stay unless a heartbeat comes first. */
  leases: defineTable({
    visitor: v.id("visitors"),
    expiry: v.id("_scheduled_functions"),
  }).index("by_visitor", ["visitor"]),
});
