import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";

export default defineSchema({
  messages: defineTable({ author: v.string(), body: v.string() }),
});
