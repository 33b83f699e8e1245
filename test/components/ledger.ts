// A component for tests of single facts, and the app around it. Every function says what it sees.

import {
  actionGeneric,
  componentsGeneric,
  createFunctionHandle,
  cronJobs,
  defineSchema,
  defineTable,
  internalQueryGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "invex/server";
import { v } from "invex/values";
import type { Untyped } from "./start-backend";

const components = componentsGeneric() as Untyped;

export const ledgerSchema = defineSchema({
  entries: defineTable({ text: v.string(), after: v.optional(v.id("entries")) }).index("by_text", [
    "text",
  ]),
});

const add = mutationGeneric({
  args: { text: v.string(), after: v.optional(v.id("entries")) },
  returns: v.id("entries"),
  handler: (ctx, entry) => ctx.db.insert("entries", entry),
});

const whoAmI = async (ctx: Untyped) => ({
  identity: await ctx.auth.getUserIdentity(),
  meta: await ctx.meta.getFunctionMetadata(),
});

export const ledgerModules = {
  lib: {
    add,
    addThenFail: mutationGeneric({
      args: { text: v.string() },
      handler: async (ctx, { text }) => {
        await ctx.db.insert("entries", { text });
        await ctx.scheduler.runAfter(0, makeFunctionReference<"mutation">("lib:add"), { text });
        throw new Error(`no ${text}`);
      },
    }),
    texts: queryGeneric({
      args: {},
      handler: async (ctx) => (await ctx.db.query("entries").collect()).map(({ text }) => text),
    }),
    get: queryGeneric({ args: { id: v.id("entries") }, handler: (ctx, { id }) => ctx.db.get(id) }),
    page: queryGeneric({
      args: { cursor: v.nullable(v.string()) },
      handler: (ctx, { cursor }) => ctx.db.query("entries").paginate({ numItems: 2, cursor }),
    }),
    secret: internalQueryGeneric({ args: {}, handler: async () => "secret" }),
    who: queryGeneric({ args: {}, handler: whoAmI }),
    whoAction: actionGeneric({ args: {}, handler: whoAmI }),
    env: queryGeneric({ args: {}, handler: async () => ({ ...process.env }) }),
    /** Calls back whoever it is told to. */
    call: mutationGeneric({
      args: { handle: v.string(), args: v.any() },
      handler: (ctx, { handle, args }) => ctx.runMutation(handle as Untyped, args),
    }),
    callAction: actionGeneric({
      args: { handle: v.string() },
      handler: (ctx, { handle }) => ctx.runQuery(handle as Untyped, {}),
    }),
    callLater: mutationGeneric({
      args: { handle: v.string(), args: v.any() },
      handler: (ctx, { handle, args }) => ctx.scheduler.runAfter(1000, handle as Untyped, args),
    }),
    jobs: queryGeneric({
      args: {},
      handler: async (ctx) =>
        (await ctx.db.system.query("_scheduled_functions").collect()).map(({ name, state }) => [
          name,
          state.kind,
        ]),
    }),
    handle: queryGeneric({
      args: {},
      handler: () => createFunctionHandle(makeFunctionReference<"mutation">("lib:add")),
    }),
  },
  "deep/er/notes": { add, default: add },
  /** Passes on to the component installed in it. */
  inner: {
    add: mutationGeneric({
      args: { text: v.string() },
      handler: (ctx, args) => ctx.runMutation(components.inner.lib.add, args),
    }),
    texts: queryGeneric({
      args: {},
      handler: (ctx) => ctx.runQuery(components.inner.lib.texts, {}),
    }),
    who: queryGeneric({
      args: {},
      handler: (ctx) => ctx.runQuery(components.inner.lib.who, {}),
    }),
    env: queryGeneric({
      args: {},
      handler: async (ctx) => {
        const before = process.env.NAME;
        const inner: Untyped = await ctx.runQuery(components.inner.lib.env, {});
        return [before, inner.NAME, process.env.NAME];
      },
    }),
  },
};

const crons = cronJobs();
crons.interval("tick", { hours: 1 }, makeFunctionReference<"mutation">("lib:add"), {
  text: "tick",
});

/** As `createBackend({ components })` takes it. */
export const ledger = { schema: ledgerSchema, modules: ledgerModules };
export const tickingLedger = {
  schema: ledgerSchema,
  modules: { ...ledgerModules, crons: { default: crons } },
};
