import { defineSchema, defineTable, functionsFor } from "invex/server";
import { v } from "invex/values";

const schema = defineSchema({
  notes: defineTable({ text: v.string(), isBinned: v.boolean() })
    .index("by_bin", ["isBinned"])
    .searchIndex("by_text", { searchField: "text", filterFields: ["isBinned"] }),
});

export default schema;
export const { query, mutation, internalMutation } = functionsFor(schema);
