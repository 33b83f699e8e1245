/** One schema written twice: with Invex and with `convex`. Type tests compare what follows from each. */

import * as convexServer from "convex/server";
import { v as convexV } from "convex/values";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";

export const schema = defineSchema({
  users: defineTable({
    name: v.string(),
    age: v.optional(v.number()),
    address: v.object({ city: v.string(), zip: v.union(v.string(), v.null()) }),
    tags: v.array(v.string()),
    embedding: v.array(v.float64()),
    settings: v.record(v.string(), v.boolean()),
    extra: v.any(),
  })
    .index("by_name", ["name"])
    .index("by_city_age", ["address.city", "age"])
    .index("by_extra", { fields: ["extra.anything"] })
    .index("staged", { fields: ["tags"], staged: true })
    .searchIndex("search_name", { searchField: "name", filterFields: ["age", "address.city"] })
    .vectorIndex("by_embedding", {
      vectorField: "embedding",
      dimensions: 3,
      filterFields: ["name", "age"],
    }),
  messages: defineTable(
    v.union(
      v.object({ kind: v.literal("text"), author: v.id("users"), body: v.string() }),
      v.object({ kind: v.literal("file"), author: v.id("users"), file: v.id("_storage") }),
    ),
  )
    .index("by_author", ["author", "kind"])
    .searchIndex("search_body", { searchField: "body" }),
});

export const convexSchema = convexServer.defineSchema({
  users: convexServer
    .defineTable({
      name: convexV.string(),
      age: convexV.optional(convexV.number()),
      address: convexV.object({
        city: convexV.string(),
        zip: convexV.union(convexV.string(), convexV.null()),
      }),
      tags: convexV.array(convexV.string()),
      embedding: convexV.array(convexV.float64()),
      settings: convexV.record(convexV.string(), convexV.boolean()),
      extra: convexV.any(),
    })
    .index("by_name", ["name"])
    .index("by_city_age", ["address.city", "age"])
    .index("by_extra", { fields: ["extra.anything"] })
    .index("staged", { fields: ["tags"], staged: true })
    .searchIndex("search_name", { searchField: "name", filterFields: ["age", "address.city"] })
    .vectorIndex("by_embedding", {
      vectorField: "embedding",
      dimensions: 3,
      filterFields: ["name", "age"],
    }),
  messages: convexServer
    .defineTable(
      convexV.union(
        convexV.object({
          kind: convexV.literal("text"),
          author: convexV.id("users"),
          body: convexV.string(),
        }),
        convexV.object({
          kind: convexV.literal("file"),
          author: convexV.id("users"),
          file: convexV.id("_storage"),
        }),
      ),
    )
    .index("by_author", ["author", "kind"])
    .searchIndex("search_body", { searchField: "body" }),
});
