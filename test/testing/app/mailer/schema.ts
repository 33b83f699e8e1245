import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({ mails: defineTable({ to: v.string() }) });
