import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  notes: defineTable({
    text: v.string(),
    author: v.string(),
    rank: v.optional(v.number()),
  })
    .index("by_author", ["author"])
    .index("by_author_and_rank", ["author", "rank"])
    .searchIndex("search_text", { searchField: "text", filterFields: ["author"] }),
  points: defineTable({ label: v.string(), vector: v.array(v.float64()) }).vectorIndex(
    "by_vector",
    {
      vectorField: "vector",
      dimensions: 2,
    },
  ),
  log: defineTable({ line: v.string() }),
});
