/**
 * The tables every backend has and only the engine writes: scheduled functions and stored files.
 */

import { v } from "../values/v";
import type { TableNamesInDataModel } from "./data-model";
import type { DataModelFromSchemaDefinition } from "./schema-definition";
import { defineSchema } from "./schema-definition";
import { defineTable } from "./table-definition";

/** What `ctx.db.system` reads. */
export const systemSchema = defineSchema({
  _scheduled_functions: defineTable({
    /** Module path with its extension and export: `"messages.js:send"`. */
    name: v.string(),
    /** One arguments object. */
    args: v.array(v.any()),
    /** Milliseconds since the Unix epoch, as requested. */
    scheduledTime: v.float64(),
    /** Milliseconds since the Unix epoch; absent until the job is over. */
    completedTime: v.optional(v.float64()),
    state: v.union(
      v.object({ kind: v.literal("pending") }),
      v.object({ kind: v.literal("inProgress") }),
      v.object({ kind: v.literal("success") }),
      v.object({ kind: v.literal("failed"), error: v.string() }),
      v.object({ kind: v.literal("canceled") }),
    ),
  }),
  _storage: defineTable({
    /** Base64. */
    sha256: v.string(),
    /** Bytes. */
    size: v.float64(),
    contentType: v.optional(v.string()),
  }),
});

/** The data model of `ctx.db.system`. */
export interface SystemDataModel extends DataModelFromSchemaDefinition<typeof systemSchema> {}

/** Names of the system tables. */
export type SystemTableNames = TableNamesInDataModel<SystemDataModel>;
