/**
 * Types of `invex/server` and `convex/server` stand for each other, for the same schema. Where they
 * cannot, because `convex` declares private members, the test says so.
 */

import type * as convex from "convex/server";
import type { GenericId } from "convex/values";
import type * as invex from "invex/server";
import type { Infer } from "invex/values";
import { describe, expectTypeOf, it } from "vitest";
import type { convexSchema, schema } from "./fixture";

type Invex = invex.DataModelFromSchemaDefinition<typeof schema>;
type Convex = convex.DataModelFromSchemaDefinition<typeof convexSchema>;

/** Compiles only if each is assignable to the other. */
function mutual<A extends B, B extends C, C = A>(): void {
  expectTypeOf<[A, B, C]>().toBeArray();
}

describe("types of Invex and convex are mutually assignable", () => {
  it("[FNS5] and this test can tell", () => {
    // @ts-expect-error any string is not "a"
    mutual<string, "a">();
    // @ts-expect-error any string is not "a", the other way round
    mutual<"a", string>();
    // @ts-expect-error documents of other tables
    mutual<invex.QueryInitializer<Invex["users"]>, convex.QueryInitializer<Convex["messages"]>>();
    // @ts-expect-error a query's ctx does not write
    mutual<invex.GenericQueryCtx<Invex>, convex.GenericMutationCtx<Convex>>();
  });

  it("[FNS5] data models, documents and ids", () => {
    mutual<Invex, Convex>();
    mutual<Invex["users"]["document"], Convex["users"]["document"]>();
    mutual<Invex["messages"]["document"], Convex["messages"]["document"]>();
    mutual<invex.Id<"users">, GenericId<"users">>();
    mutual<invex.SystemDataModel, convex.SystemDataModel>();
  });

  it("[FNS5] contexts", () => {
    mutual<invex.GenericQueryCtx<Invex>, convex.GenericQueryCtx<Convex>>();
    mutual<invex.GenericMutationCtx<Invex>, convex.GenericMutationCtx<Convex>>();
    mutual<invex.GenericActionCtx<Invex>, convex.GenericActionCtx<Convex>>();
    mutual<invex.GenericQueryCtxWithTable<Invex>, convex.GenericQueryCtxWithTable<Convex>>();
    mutual<invex.GenericMutationCtxWithTable<Invex>, convex.GenericMutationCtxWithTable<Convex>>();
    mutual<
      invex.GenericQueryCtx<invex.AnyDataModel>,
      convex.GenericQueryCtx<convex.AnyDataModel>
    >();
    mutual<
      invex.GenericMutationCtx<invex.AnyDataModel>,
      convex.GenericMutationCtx<convex.AnyDataModel>
    >();
  });

  it("[FNS5] the parts of contexts", () => {
    mutual<invex.GenericDatabaseReader<Invex>, convex.GenericDatabaseReader<Convex>>();
    mutual<invex.GenericDatabaseWriter<Invex>, convex.GenericDatabaseWriter<Convex>>();
    mutual<invex.QueryInitializer<Invex["users"]>, convex.QueryInitializer<Convex["users"]>>();
    mutual<invex.OrderedQuery<Invex["users"]>, convex.OrderedQuery<Convex["users"]>>();
    mutual<invex.StorageActionWriter, convex.StorageActionWriter>();
    mutual<invex.Scheduler, convex.Scheduler>();
    mutual<invex.MutationAuth, convex.MutationAuth>();
    mutual<invex.UserIdentity, convex.UserIdentity>();
    mutual<invex.MutationMeta, convex.MutationMeta>();
    mutual<invex.ActionMeta, convex.ActionMeta>();
  });

  it("[FNS5] registered functions and their builders", () => {
    type Args = { a: string };
    mutual<
      invex.RegisteredQuery<"public", Args, number>,
      convex.RegisteredQuery<"public", Args, number>
    >();
    mutual<
      invex.RegisteredMutation<"internal", Args, number>,
      convex.RegisteredMutation<"internal", Args, number>
    >();
    mutual<
      invex.RegisteredAction<"public", Args, number>,
      convex.RegisteredAction<"public", Args, number>
    >();
    mutual<invex.PublicHttpAction, convex.PublicHttpAction>();
    mutual<invex.QueryBuilder<Invex, "public">, convex.QueryBuilder<Convex, "public">>();
    mutual<invex.MutationBuilder<Invex, "internal">, convex.MutationBuilder<Convex, "internal">>();
    mutual<invex.ActionBuilder<Invex, "public">, convex.ActionBuilder<Convex, "public">>();
    mutual<invex.HttpActionBuilder, convex.HttpActionBuilder>();
  });

  it("[FNS5] references and handles", () => {
    type Args = { a: string; b?: number };
    mutual<
      invex.FunctionReference<"query", "public", Args, number>,
      convex.FunctionReference<"query", "public", Args, number>
    >();
    mutual<
      invex.FunctionReference_future<"mutation", "internal", Args, number>,
      convex.FunctionReference_future<"mutation", "internal", Args, number>
    >();
    mutual<invex.FunctionHandle<"action", Args>, convex.FunctionHandle<"action", Args>>();
    mutual<invex.AnyApi, convex.AnyApi>();
    mutual<invex.AnyComponents, convex.AnyComponents>();
  });

  it("[FNS5] routers, crons, pages, configurations", () => {
    mutual<invex.HttpRouter, convex.HttpRouter>();
    mutual<invex.Crons, convex.Crons>();
    mutual<invex.PaginationResult<string>, convex.PaginationResult<string>>();
    mutual<typeof invex.paginationOptsValidator, typeof convex.paginationOptsValidator>();
    mutual<invex.AuthConfig, convex.AuthConfig>();
    mutual<invex.AppDefinition, convex.AppDefinition>();
    mutual<invex.ComponentDefinition, convex.ComponentDefinition>();
  });

  it("[FNS5] schemas, as far as others may look into them", () => {
    // biome-ignore lint/suspicious/noExplicitAny: any schema
    expectTypeOf<typeof schema>().toExtend<convex.SchemaDefinition<any, boolean>>();
    // biome-ignore lint/suspicious/noExplicitAny: any schema
    expectTypeOf<typeof convexSchema>().toExtend<invex.SchemaDefinition<any, boolean>>();
    expectTypeOf<(typeof convexSchema)["tables"]>().toExtend<invex.GenericSchema>();
    // convex's TableDefinition has private members: only convex's own tables are ones.
    expectTypeOf<(typeof schema)["tables"]>().not.toExtend<convex.GenericSchema>();
    type User = Infer<ReturnType<typeof schema.doc<"users">>>;
    mutual<User, Convex["users"]["document"]>();
  });

  it("[FNS5] what makes each other's api", () => {
    type Ours = { list: invex.RegisteredQuery<"public", { a: string }, Promise<number>> };
    type Theirs = { list: convex.RegisteredQuery<"public", { a: string }, Promise<number>> };
    expectTypeOf<invex.ApiFromModules<{ m: Ours }>["m"]["list"]>().toExtend<
      convex.FunctionReference<"query", "public", { a: string }, number>
    >();
    // The arguments inside convex's type can only be read by convex: they come out as any.
    expectTypeOf<invex.ApiFromModules<{ m: Theirs }>["m"]["list"]>().toExtend<
      invex.FunctionReference<"query", "public">
    >();
  });
});
