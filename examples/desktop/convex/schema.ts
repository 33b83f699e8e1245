import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";

const schema = defineSchema({
  notes: defineTable({ title: v.string(), body: v.string(), isPinned: v.boolean() })
    .index("by_pin", ["isPinned"])
    .searchIndex("by_body", { searchField: "body" }),
});

export default schema;
export const { query, mutation } = functionsFor(schema);
