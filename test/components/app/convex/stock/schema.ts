import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({ taken: defineTable({ item: v.string() }) });
