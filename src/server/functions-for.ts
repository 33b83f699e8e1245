/**
 * `functionsFor(schema)`: the function builders typed by a schema, without generating code; and the
 * types of a schema's documents and contexts.
 */

import type { GenericId } from "../values/value";
import type { DocumentByName, TableNamesInDataModel } from "./data-model";
import type {
  ActionBuilder,
  HttpActionBuilder,
  MutationBuilder,
  QueryBuilder,
} from "./function-builder";
import type { GenericActionCtx, GenericMutationCtx, GenericQueryCtx } from "./function-ctx";
import {
  actionGeneric,
  httpActionGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "./registration";
import type { AnySchemaDefinition, DataModelFromSchemaDefinition } from "./schema-definition";

/** The builders for one schema. */
export interface Functions<SchemaDef extends AnySchemaDefinition> {
  query: QueryBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  internalQuery: QueryBuilder<DataModelFromSchemaDefinition<SchemaDef>, "internal">;
  mutation: MutationBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  internalMutation: MutationBuilder<DataModelFromSchemaDefinition<SchemaDef>, "internal">;
  action: ActionBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  internalAction: ActionBuilder<DataModelFromSchemaDefinition<SchemaDef>, "internal">;
  httpAction: HttpActionBuilder<DataModelFromSchemaDefinition<SchemaDef>>;
}

/**
 * The function builders, typed by a schema. At run time they are the generic ones.
 *
 * @param _schema - made by `defineSchema` of `invex/server`; of `convex/server` it works with exact
 *   documents and unchecked index names.
 *
 * @example
 * import schema from "./schema";
 * export const { query, mutation, internalMutation } = functionsFor(schema);
 *
 * export const list = query({
 *   args: { channel: v.string() },
 *   handler: (ctx, args) =>
 *     ctx.db.query("messages").withIndex("by_channel", (q) => q.eq("channel", args.channel)).collect(),
 * });
 */
export function functionsFor<SchemaDef extends AnySchemaDefinition>(
  _schema: SchemaDef,
): Functions<SchemaDef> {
  return {
    query: queryGeneric,
    internalQuery: internalQueryGeneric,
    mutation: mutationGeneric,
    internalMutation: internalMutationGeneric,
    action: actionGeneric,
    internalAction: internalActionGeneric,
    httpAction: httpActionGeneric,
  };
}

/** The `ctx` of a schema's queries: `type QueryCtx = QueryCtxFor<typeof schema>`. */
export type QueryCtxFor<SchemaDef extends AnySchemaDefinition> = GenericQueryCtx<
  DataModelFromSchemaDefinition<SchemaDef>
>;

/** The `ctx` of a schema's mutations. */
export type MutationCtxFor<SchemaDef extends AnySchemaDefinition> = GenericMutationCtx<
  DataModelFromSchemaDefinition<SchemaDef>
>;

/** The `ctx` of a schema's actions. */
export type ActionCtxFor<SchemaDef extends AnySchemaDefinition> = GenericActionCtx<
  DataModelFromSchemaDefinition<SchemaDef>
>;

/** A document of a schema's table: `type User = Doc<typeof schema, "users">`. */
export type Doc<
  SchemaDef extends AnySchemaDefinition,
  TableName extends TableNamesInDataModel<DataModelFromSchemaDefinition<SchemaDef>>,
> = DocumentByName<DataModelFromSchemaDefinition<SchemaDef>, TableName>;

/** The id of a document of a table: `type UserId = Id<"users">`. A plain string at run time. */
export type Id<TableName extends string> = GenericId<TableName>;
