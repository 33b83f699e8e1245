import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  invoices: defineTable({
    /** Whose it is: the `tokenIdentifier` of an identity. */
    owner: v.string(),
    customer: v.string(),
    cents: v.number(),
    status: v.union(v.literal("open"), v.literal("paid"), v.literal("overdue")),
    reminders: v.number(),
    /** What makes it overdue unless it is paid first. */
    deadline: v.optional(v.id("_scheduled_functions")),
  })
    .index("by_owner", ["owner"])
    .index("by_status", ["status"]),

  statements: defineTable({ month: v.string(), paidCents: v.number(), dueCents: v.number() }),
});
