/** What builders infer: arguments, returns, ctx. */

import type {
  ActionCtxFor,
  Doc,
  GenericQueryCtxWithTable,
  Id,
  MutationCtxFor,
  QueryBuilderWithTable,
  QueryCtxFor,
  RegisteredAction,
  RegisteredMutation,
  RegisteredQuery,
} from "invex/server";
import {
  type DataModelFromSchemaDefinition,
  functionsFor,
  httpActionGeneric,
  queryGeneric,
} from "invex/server";
import { v } from "invex/values";
import { describe, expectTypeOf, it } from "vitest";
import { convexSchema, schema } from "./fixture";

const { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction } =
  functionsFor(schema);

describe("builders", () => {
  it("[FNS1] infer arguments from validators and returns from the handler", () => {
    const list = query({
      args: { user: v.id("users"), limit: v.optional(v.number()) },
      handler: async (ctx, args) => {
        expectTypeOf(ctx).toEqualTypeOf<QueryCtxFor<typeof schema>>();
        expectTypeOf(args).toEqualTypeOf<{ user: Id<"users">; limit?: number }>();
        return await ctx.db.get(args.user);
      },
    });
    expectTypeOf(list).toEqualTypeOf<
      RegisteredQuery<
        "public",
        { user: Id<"users">; limit?: number },
        Promise<Doc<typeof schema, "users"> | null>
      >
    >();
  });

  it("[FNS1] infer arguments from an object validator, and from any", () => {
    mutation({
      args: v.object({ a: v.string() }),
      handler: (_ctx, args) => expectTypeOf(args).toEqualTypeOf<{ a: string }>(),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what v.any() means
    query({ args: v.any(), handler: (_ctx, args) => expectTypeOf(args).toEqualTypeOf<any>() });
    query((_ctx, args: { a: number }) => args.a);
    query(() => 1);
  });

  it("[FNS1] give each kind its visibility and its ctx", () => {
    expectTypeOf(mutation(() => 1)).toExtend<
      RegisteredMutation<"public", Record<string, unknown>, number>
    >();
    expectTypeOf(internalMutation(() => 1)).toExtend<
      RegisteredMutation<"internal", Record<string, unknown>, number>
    >();
    expectTypeOf(action(async () => 1)).toExtend<
      RegisteredAction<"public", Record<string, unknown>, Promise<number>>
    >();
    expectTypeOf(internalQuery(() => 1)._visibility).toEqualTypeOf<"internal">();
    mutation((ctx) => expectTypeOf(ctx).toEqualTypeOf<MutationCtxFor<typeof schema>>());
    internalAction((ctx) => expectTypeOf(ctx).toEqualTypeOf<ActionCtxFor<typeof schema>>());
    httpAction(async (ctx, request) => {
      expectTypeOf(ctx).toEqualTypeOf<ActionCtxFor<typeof schema>>();
      return new Response(request.url);
    });
  });

  it("[FNS2] hold the handler to what `returns` says", () => {
    query({ args: {}, returns: v.string(), handler: () => "a" });
    query({ args: {}, returns: v.string(), handler: async () => "a" });
    query({ args: {}, returns: { a: v.string() }, handler: () => ({ a: "b" }) });
    mutation({ args: {}, returns: v.null(), handler: async () => {} });
    query({
      args: {},
      returns: v.array(schema.doc("users")),
      handler: (ctx) => ctx.db.query("users").collect(),
    });
    // @ts-expect-error a number is no string
    query({ args: {}, returns: v.string(), handler: () => 1 });
    // @ts-expect-error a promise of one neither
    query({ args: {}, returns: v.string(), handler: async () => 1 });
    // @ts-expect-error only null stands for nothing
    mutation({ args: {}, returns: v.string(), handler: async () => {} });
  });

  it("[FNS1] refuse what is no function", () => {
    // @ts-expect-error a function has a handler
    query({ args: {} });
    // @ts-expect-error arguments are validators
    query({ args: { a: "string" }, handler: () => 1 });
    // @ts-expect-error arguments are never optional as a whole
    query({ args: v.optional(v.object({})), handler: () => 1 });
    // @ts-expect-error an HTTP action answers with a Response
    httpActionGeneric(async () => "body");
    // @ts-expect-error the handler declares other arguments than `args` does
    query({ args: { a: v.string() }, handler: (_ctx, args: { a: number }) => args.a });
    // @ts-expect-error builders take one argument
    query(() => 1, 2);
  });

  it("[FNS3] know nothing of the database without a schema", () => {
    queryGeneric(async (ctx) => {
      const document = await ctx.db.query("anything").withIndex("by_creation_time").first();
      // biome-ignore lint/suspicious/noExplicitAny: documents of no schema
      expectTypeOf(document).toEqualTypeOf<any>();
    });
  });

  it("[FNS3] know documents, but not indexes, of a schema made with convex", () => {
    functionsFor(convexSchema).query(async (ctx) => {
      const user = await ctx.db
        .query("users")
        .withIndex("by_whatever", (q) => q.eq("a", 1).eq("b", "x").gt("c", null))
        .first();
      expectTypeOf(user).toEqualTypeOf<Doc<typeof schema, "users"> | null>();
      // @ts-expect-error the schema lists no such table
      ctx.db.query("rooms");
    });
  });
});

describe("ctx.db of queries and mutations", () => {
  it("[FNS4] reads documents by id, with or without the table's name", () => {
    query(async (ctx, args: { user: Id<"users">; message: Id<"messages"> }) => {
      expectTypeOf(ctx.db.get(args.user)).resolves.toEqualTypeOf<Doc<
        typeof schema,
        "users"
      > | null>();
      expectTypeOf(ctx.db.get("users", args.user)).resolves.toEqualTypeOf<Doc<
        typeof schema,
        "users"
      > | null>();
      expectTypeOf(ctx.db.normalizeId("users", "x")).toEqualTypeOf<Id<"users"> | null>();
      // @ts-expect-error the id is of another table
      ctx.db.get("users", args.message);
      // @ts-expect-error a string is no id
      ctx.db.get("users", "x");
      // @ts-expect-error the id is of no table of the schema
      ctx.db.get("x" as Id<"rooms">);
      // @ts-expect-error queries do not write
      ctx.db.insert("users", {});
      // @ts-expect-error system tables are behind db.system
      ctx.db.query("_storage");
      const job = await ctx.db.system.query("_scheduled_functions").first();
      expectTypeOf(job?.state.kind).toEqualTypeOf<
        "pending" | "inProgress" | "success" | "failed" | "canceled" | undefined
      >();
      // @ts-expect-error user tables are not behind db.system
      ctx.db.system.query("users");
    });
  });

  it("[FNS4] writes what the table can hold", () => {
    mutation(async (ctx, args: { user: Id<"users">; message: Id<"messages"> }) => {
      const id = await ctx.db.insert("messages", { kind: "text", author: args.user, body: "hi" });
      expectTypeOf(id).toEqualTypeOf<Id<"messages">>();
      // @ts-expect-error a field is missing
      await ctx.db.insert("messages", { kind: "text", author: args.user });
      // @ts-expect-error a field is of another type
      await ctx.db.insert("messages", { kind: "text", author: args.user, body: 1 });
      // @ts-expect-error the id of another table
      await ctx.db.insert("messages", { kind: "text", author: args.message, body: "hi" });
      // @ts-expect-error an extra field
      await ctx.db.insert("messages", { kind: "text", author: args.user, body: "hi", x: 1 });
      // @ts-expect-error the schema lists no such table
      await ctx.db.insert("rooms", {});

      await ctx.db.patch(args.user, { name: "Ada", age: undefined });
      await ctx.db.patch("users", args.user, { address: { city: "Rome", zip: null } });
      // @ts-expect-error a required field cannot be removed
      await ctx.db.patch(args.user, { name: undefined });
      // @ts-expect-error nested objects are replaced whole
      await ctx.db.patch(args.user, { address: { city: "Rome" } });
      // @ts-expect-error no such field
      await ctx.db.patch(args.user, { nme: "Ada" });

      const user = await ctx.db.get(args.user);
      if (user !== null) await ctx.db.replace(user._id, { ...user, name: "Grace" });
      // @ts-expect-error fields are missing
      await ctx.db.replace(args.user, { name: "Grace" });

      await ctx.db.delete(args.user);
      await ctx.db.delete("users", args.user);
      // @ts-expect-error the id is of another table
      await ctx.db.delete("users", args.message);
    });
  });

  it("[FNS4] can be reached table by table", () => {
    type DataModel = DataModelFromSchemaDefinition<typeof schema>;
    const byTable = query as unknown as QueryBuilderWithTable<DataModel, "public">;
    byTable(async (ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<GenericQueryCtxWithTable<DataModel>>();
      expectTypeOf(ctx.db.table("users").query().first()).resolves.toEqualTypeOf<Doc<
        typeof schema,
        "users"
      > | null>();
      // @ts-expect-error the schema lists no such table
      ctx.db.table("rooms");
    });
  });
});
