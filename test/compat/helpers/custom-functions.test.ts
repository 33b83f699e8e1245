// convex-helpers/server/customFunctions on Invex: wrapped ctx, consumed and made arguments, success
// callbacks, for all three kinds.

import { actionGeneric, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import {
  customAction,
  customCtx,
  customMutation,
  customQuery,
} from "convex-helpers/server/customFunctions";
import { expect, it } from "vitest";
import { rejection } from "../../fixtures/lab";
import type { MutationCtx, QueryCtx } from "./library";
import { mutation, openLibrary, query } from "./library";

const shouting = customQuery(
  query,
  customCtx(async (ctx: QueryCtx) => ({
    shout: (text: string) => text.toUpperCase(),
    first: await ctx.db.query("authors").first(),
  })),
);

const keyed = customMutation(mutation, {
  args: { key: v.string() },
  input: async (ctx: MutationCtx, { key }) => {
    if (key !== "open") throw new Error("wrong key");
    return {
      ctx: {},
      args: { holder: `holder of ${key}` },
      onSuccess: async ({ args, result }) => {
        await ctx.db.insert("journal", { line: `${JSON.stringify(args)} gave ${result}` });
      },
    };
  },
});

const functions = {
  loud: shouting({
    args: { title: v.string() },
    returns: v.string(),
    handler: async (ctx, { title }) => ctx.shout(`${ctx.first?.name}: ${title}`),
  }),
  write: keyed({
    args: { n: v.number() },
    returns: v.string(),
    handler: async (ctx, { n, holder }) => {
      await ctx.db.insert("journal", { line: `${holder} wrote ${n}` });
      return `n=${n}`;
    },
  }),
  relay: customAction(actionGeneric, {
    args: { times: v.number() },
    input: async (ctx, { times }) => ({ ctx: { ...ctx, times }, args: {} }),
  })({
    args: { title: v.string() },
    handler: async (ctx, { title }): Promise<string[]> => {
      const loud = makeFunctionReference<"query", { title: string }, string>("m:loud");
      const answers: string[] = [];
      for (let i = 0; i < ctx.times; i += 1) answers.push(await ctx.runQuery(loud, { title }));
      return answers;
    },
  }),
};

it("[HLP1] customQuery adds to ctx", async () => {
  const { backend } = await openLibrary(functions);
  expect(await backend.query("m:loud", { title: "ebb" })).toBe("ANN: EBB");
});

it("[HLP1] customMutation consumes arguments, makes others, and calls back on success", async () => {
  const { backend } = await openLibrary(functions);
  expect(await backend.mutation("m:write", { key: "open", n: 3 })).toBe("n=3");
  expect(await backend.query("library:journal")).toEqual([
    "holder of open wrote 3",
    '{"n":3} gave n=3',
  ]);
});

it("[HLP1] arguments of both layers are validated", async () => {
  const { backend } = await openLibrary(functions);
  await expect(backend.mutation("m:write", { n: 3 })).rejects.toThrow("required field `key`");
  await expect(backend.mutation("m:write", { key: "open" })).rejects.toThrow("required field `n`");
  const refused = await rejection(backend.mutation("m:write", { key: "shut", n: 3 }));
  expect(refused.message).toContain("wrong key");
  expect(await backend.query("library:journal")).toEqual([]);
});

it("[HLP1] customAction wraps an action's ctx", async () => {
  const { backend } = await openLibrary(functions);
  expect(await backend.action("m:relay", { times: 2, title: "x" })).toEqual(["ANN: X", "ANN: X"]);
});
