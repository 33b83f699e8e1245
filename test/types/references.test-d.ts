/** References in types: which functions an `api` has, and what calls of them take and give. */

import type {
  ApiFromModules,
  FilterApi,
  FunctionArgs,
  FunctionReference,
  FunctionReturnType,
  OptionalRestArgs,
  PartialApi,
} from "invex/server";
import {
  anyApi,
  componentsGeneric,
  createFunctionHandle,
  cronJobs,
  defineApp,
  defineComponent,
  filterApi,
  functionsFor,
  httpRouter,
  makeFunctionReference,
} from "invex/server";
import { v } from "invex/values";
import { describe, expectTypeOf, it } from "vitest";
import { schema } from "./fixture";

const { query, mutation, internalMutation, action, httpAction } = functionsFor(schema);

const messages = {
  list: query({ args: { channel: v.string() }, handler: async () => ["a"] }),
  clear: internalMutation({ args: {}, handler: async () => {} }),
  default: action(async () => 1),
  helper: () => 1,
  constant: 5,
};
const users = { get: query({ args: { id: v.id("users") }, handler: (_ctx, { id }) => id }) };
const http = { default: httpRouter() };

type Api = ApiFromModules<{
  messages: typeof messages;
  "admin/users": typeof users;
  http: typeof http;
}>;
declare const api: Api;

describe("an api", () => {
  it("[REF1] has the functions of its modules, folders as objects, and nothing else", () => {
    expectTypeOf(api.messages.list).toEqualTypeOf<
      FunctionReference<"query", "public", { channel: string }, string[]>
    >();
    expectTypeOf(api.messages.clear).toExtend<FunctionReference<"mutation", "internal">>();
    expectTypeOf<FunctionReturnType<typeof api.messages.clear>>().toEqualTypeOf<null>();
    expectTypeOf(api.messages.default).toExtend<FunctionReference<"action", "public">>();
    expectTypeOf(api.admin.users.get).toExtend<FunctionReference<"query", "public">>();
    expectTypeOf<keyof Api>().toEqualTypeOf<"messages" | "admin">();
    // @ts-expect-error not every export is a function of the backend
    api.messages.helper;
    // @ts-expect-error constants are not
    api.messages.constant;
    // @ts-expect-error no such module
    api.admin.messages;
  });

  it("[REF1] can be cut down", () => {
    type Public = FilterApi<Api, FunctionReference<"query" | "mutation", "public">>;
    expectTypeOf<keyof Public["messages"]>().toEqualTypeOf<"list">();
    // biome-ignore lint/suspicious/noExplicitAny: of every kind
    const internal = filterApi<Api, FunctionReference<any, "internal">>(api);
    expectTypeOf<keyof typeof internal>().toEqualTypeOf<"messages">();
    expectTypeOf({ admin: {} }).toExtend<PartialApi<Api>>();
  });
});

describe("a reference", () => {
  it("[REF2] says what its function takes and gives", () => {
    expectTypeOf<FunctionArgs<Api["messages"]["list"]>>().toEqualTypeOf<{ channel: string }>();
    expectTypeOf<FunctionReturnType<Api["messages"]["list"]>>().toEqualTypeOf<string[]>();
    expectTypeOf<OptionalRestArgs<Api["messages"]["list"]>>().toEqualTypeOf<
      [args: { channel: string }]
    >();
    expectTypeOf<OptionalRestArgs<Api["messages"]["clear"]>>().toEqualTypeOf<
      [args?: Record<string, never>]
    >();
    const made = makeFunctionReference<"query", { a: number }, string>("m:f");
    expectTypeOf(made).toEqualTypeOf<FunctionReference<"query", "public", { a: number }, string>>();
    anyApi.messages?.list;
  });

  it("[REF2] is called with its arguments", () => {
    mutation(async (ctx) => {
      expectTypeOf(ctx.runQuery(api.messages.list, { channel: "x" })).resolves.toEqualTypeOf<
        string[]
      >();
      await ctx.runMutation(api.messages.clear);
      await ctx.runMutation(api.messages.clear, {}, { transactionLimits: { documentsRead: 5 } });
      await ctx.runQuery(api.messages.list, { channel: "x" }, { useStaleSnapshot: true });
      await ctx.scheduler.runAfter(0, api.messages.clear);
      await ctx.scheduler.runAt(new Date(0), api.messages.default, {});
      // @ts-expect-error arguments are missing
      await ctx.runQuery(api.messages.list);
      // @ts-expect-error an argument is of another type
      await ctx.runQuery(api.messages.list, { channel: 5 });
      // @ts-expect-error a mutation is no query
      await ctx.runQuery(api.messages.clear);
      // @ts-expect-error mutations do not run actions
      await ctx.runMutation(api.messages.default);
      // @ts-expect-error queries cannot be scheduled
      await ctx.scheduler.runAfter(0, api.messages.list, { channel: "x" });
      // @ts-expect-error no such option
      await ctx.runMutation(api.messages.clear, {}, { useStaleSnapshot: true });
    });
    query(async (ctx) => {
      await ctx.runQuery(api.messages.list, { channel: "x" });
      // @ts-expect-error queries do not run mutations
      ctx.runMutation;
      // @ts-expect-error queries do not schedule
      ctx.scheduler;
    });
    action(async (ctx) => {
      expectTypeOf(ctx.runAction(api.messages.default, {})).resolves.toEqualTypeOf<number>();
      // @ts-expect-error actions have no database
      ctx.db;
    });
  });

  it("[REF6] becomes a handle of the same function", async () => {
    const handle = await createFunctionHandle(api.messages.list);
    expectTypeOf(handle).toExtend<string>();
    expectTypeOf<FunctionArgs<typeof handle>>().toEqualTypeOf<{ channel: string }>();
  });
});

describe("crons and routes", () => {
  it("[CRN1] schedule mutations and actions with their arguments", () => {
    const crons = cronJobs();
    crons.interval("a", { minutes: 5 }, api.messages.clear);
    crons.hourly("b", api.messages.clear, {});
    crons.weekly("c", { dayOfWeek: "monday", hourUTC: 3 }, api.messages.default, {});
    // @ts-expect-error queries cannot be scheduled
    crons.interval("d", { minutes: 5 }, api.messages.list, { channel: "x" });
    // @ts-expect-error one unit only
    crons.interval("e", { minutes: 5, hours: 1 }, api.messages.clear);
    // @ts-expect-error days are in lower case
    crons.weekly("f", { dayOfWeek: "Monday", hourUTC: 3 }, api.messages.clear);
    // @ts-expect-error a day has an hour
    crons.daily("g", {}, api.messages.clear);
  });

  it("[RTR1] lead to HTTP actions", () => {
    const router = httpRouter();
    const handler = httpAction(async () => new Response());
    router.route({ path: "/a", method: "GET", handler });
    router.route({ pathPrefix: "/a/", method: "POST", handler });
    // @ts-expect-error HEAD is answered by GET
    router.route({ path: "/a", method: "HEAD", handler });
    // @ts-expect-error a query answers no requests
    router.route({ path: "/a", method: "GET", handler: messages.list });
    // @ts-expect-error a route has a path
    router.route({ method: "GET", handler });
  });
});

describe("components", () => {
  it("[REF7] take the environment they declare", () => {
    const mailer = defineComponent("mailer", {
      env: { KEY: v.string(), MODE: v.optional(v.union(v.literal("dev"), v.literal("prod"))) },
    });
    const plain = defineComponent("plain");
    const app = defineApp({ env: { MAILER_KEY: v.string() } });
    app.use(plain);
    app.use(plain, { name: "second", httpPrefix: "/second/" });
    app.use(mailer, { env: { KEY: app.env.MAILER_KEY } });
    app.use(mailer, { env: { KEY: "secret", MODE: "dev" } });
    expectTypeOf(app.env.MAILER_KEY).toEqualTypeOf<{ __envVarRef: "MAILER_KEY" }>();
    componentsGeneric().mailer?.lib;
    // @ts-expect-error a variable is missing
    app.use(mailer);
    // @ts-expect-error this one too
    app.use(mailer, { env: { MODE: "dev" } });
    // @ts-expect-error not one of the modes
    app.use(mailer, { env: { KEY: "secret", MODE: "test" } });
    // @ts-expect-error not declared
    app.env.OTHER;
    // @ts-expect-error variables are strings
    defineApp({ env: { PORT: v.number() } });
  });
});
