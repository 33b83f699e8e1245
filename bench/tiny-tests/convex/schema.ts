// Ten tables, as a small app has.
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

const things = () =>
  defineTable({
    name: v.string(),
    owner: v.string(),
    rank: v.number(),
    tags: v.array(v.string()),
    done: v.optional(v.boolean()),
  })
    .index("by_owner", ["owner"])
    .index("by_owner_rank", ["owner", "rank"]);

export default defineSchema({
  projects: things(),
  tasks: things(),
  comments: things(),
  labels: things(),
  teams: things(),
  members: things(),
  invites: things(),
  files: things(),
  events: things(),
  settings: things(),
});
