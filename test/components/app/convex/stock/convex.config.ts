import { defineComponent } from "convex/server";
import { v } from "convex/values";

export default defineComponent("stock", {
  env: { KEY: v.string(), MODE: v.optional(v.string()) },
});
