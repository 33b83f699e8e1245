// Calls between the app and its components, and between components: who is found, what crosses the
// boundary, who the callee thinks is calling.

import { actionGeneric, createFunctionHandle, mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { rejection } from "../fixtures/lab";
import { ledger } from "./ledger";
import { components, reference, startBackend, type Untyped } from "./start-backend";

const { one, two } = components;

const m = {
  texts: queryGeneric({
    args: {},
    handler: async (ctx) => ({
      one: await ctx.runQuery(one.lib.texts, {}),
      two: await ctx.runQuery(two.lib.texts, {}),
    }),
  }),
  note: mutationGeneric({
    args: { text: v.string() },
    handler: async (ctx, { text }) => void (await ctx.db.insert("notes", { text })),
  }),
  notes: queryGeneric({
    args: {},
    handler: async (ctx) => (await ctx.db.query("notes").collect()).map(({ text }) => text),
  }),
  who: queryGeneric({
    args: {},
    handler: async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null,
  }),
  callBack: mutationGeneric({
    args: { text: v.string() },
    handler: async (ctx, { text }) => {
      const handle = await createFunctionHandle(reference<"mutation">("note"));
      await ctx.runMutation(one.lib.call, { handle, args: { text } });
    },
  }),
  identities: actionGeneric({
    args: {},
    handler: async (ctx) => {
      const handle = await createFunctionHandle(reference<"query">("who"));
      return {
        app: await ctx.runQuery(reference<"query">("who"), {}),
        query: (await ctx.runQuery(one.lib.who, {})).identity,
        action: (await ctx.runAction(one.lib.whoAction, {})).identity,
        backInApp: await ctx.runAction(one.lib.callAction, { handle }),
      };
    },
  }),
};

const start = () =>
  startBackend(
    { m },
    { components: { one: { ...ledger, components: { inner: ledger } }, two: ledger } },
  );

describe("instances", () => {
  it("[CMPT1] of one component share code, not data", async () => {
    const backend = start();
    await backend.mutation(one.lib.add, { text: "a" });
    await backend.mutation(two.lib.add, { text: "b" });
    await backend.mutation(one.inner.add, { text: "c" });
    expect(await backend.query("m:texts")).toEqual({ one: ["a"], two: ["b"] });
    expect(await backend.query(one.inner.texts)).toEqual(["c"]);
    expect(await backend.run((ctx) => ctx.db.query("entries").collect())).toEqual([]);
  });

  it("[CMPT1] hand out ids that are theirs alone", async () => {
    const backend = start();
    const id = await backend.mutation(one.lib.add, { text: "a" });
    expect(id).toBeTypeOf("string");
    expect(await backend.query(one.lib.get, { id })).toMatchObject({ text: "a" });
    expect(await backend.query(two.lib.get, { id })).toBeNull();
    await backend.run((ctx) => ctx.db.insert("first", {}));
    const other = await backend.run((ctx) => ctx.db.insert("second", {}));
    const error = await rejection(backend.query(one.lib.get, { id: other }));
    expect(error.message).toContain("ArgumentValidationError");
  });

  it("[CMPT19] are copied by a fork, which then goes its own way", async () => {
    const backend = start();
    await backend.mutation(one.lib.add, { text: "a" });
    const fork = backend.fork();
    await fork.mutation(one.lib.add, { text: "b" });
    await backend.mutation(one.inner.add, { text: "c" });
    expect(await backend.query(one.lib.texts)).toEqual(["a"]);
    expect(await fork.query(one.lib.texts)).toEqual(["a", "b"]);
    expect(await fork.query(one.inner.texts)).toEqual([]);
  });
});

describe("references", () => {
  it("[CMPT2] lead to modules in directories and to default exports", async () => {
    const backend = start();
    await backend.mutation(one.deep.er.notes.add, { text: "a" });
    await backend.mutation(one.deep.er.notes.default, { text: "b" });
    expect(await backend.query(one.lib.texts)).toEqual(["a", "b"]);
  });

  it.each<[string, Untyped, string]>([
    [
      "no such component",
      components.twoo.lib.texts,
      `Child component ComponentName("twoo") not found. Did you mean "two"?`,
    ],
    [
      "no such component, nothing near",
      components.shop.lib.texts,
      `Child component ComponentName("shop") not found. There are only: one, two.`,
    ],
    [
      "no such module",
      one.libb.texts,
      `Child component "one" does not export [PathComponent("libb"), PathComponent("texts")].`,
    ],
    [
      "no such function",
      one.lib.nope,
      `Child component "one" does not export [PathComponent("lib"), PathComponent("nope")].`,
    ],
    [
      "an internal function",
      one.lib.secret,
      `Child component "one" does not export [PathComponent("lib"), PathComponent("secret")].`,
    ],
    [
      "a component's component",
      one.inner.lib.texts,
      `Child component "one" does not export [PathComponent("inner"), PathComponent("lib"), PathComponent("texts")].`,
    ],
    ["a module", one.lib, `Child component "one" does not export [PathComponent("lib")].`],
    [
      "another kind",
      one.lib.add,
      "Trying to execute lib.js:add in 'one' as Query, but it is defined as Mutation.",
    ],
  ])("[CMPT3] to %s are refused, naming the component", async (_, wrong, text) => {
    const backend = start();
    expect((await rejection(backend.query(wrong, {}))).message).toContain(text);
    const nested = backend.run((ctx) => ctx.runQuery(wrong, {}));
    expect((await rejection(nested)).message).toContain(text);
    const fromAction = backend.action(async (ctx: Untyped) => ctx.runQuery(wrong, {}));
    expect((await rejection(fromAction)).message).toContain(text);
  });

  it("[CMPT3] within a component, too", async () => {
    const backend = start();
    const error = await rejection(backend.mutation(two.inner.add, { text: "a" }));
    expect(error.message).toContain(
      `Child component ComponentName("inner") not found in 'two'. There are no components.`,
    );
  });

  it("[CMPT3] with wrong arguments are refused, naming function and component", async () => {
    const backend = start();
    const error = await rejection(backend.mutation(one.inner.add, { text: 5 }));
    expect(error.message).toContain("ArgumentValidationError: ");
    expect(error.message).toContain("Function: inner:add in 'one'");
    const handle = await backend.query(one.lib.handle);
    const call = backend.mutation(two.lib.call, { handle, args: { text: "a", more: 1 } });
    expect((await rejection(call)).message).toContain("Function: lib:add in 'one'");
  });
});

describe("handles", () => {
  it("[CMPT4] let a component call the app, in the caller's transaction", async () => {
    const backend = start();
    await backend.mutation("m:callBack", { text: "a" });
    expect(await backend.query("m:notes")).toEqual(["a"]);
  });

  it("[CMPT4] of a component's functions can be called from anywhere", async () => {
    const backend = start();
    const handle = await backend.query(one.lib.handle);
    expect(handle).toMatch(/^function:\/\//);
    await backend.mutation(handle, { text: "by the app" });
    await backend.mutation(two.lib.call, { handle, args: { text: "by a sibling" } });
    expect(await backend.query(one.lib.texts)).toEqual(["by the app", "by a sibling"]);
    expect(await backend.query(two.lib.texts)).toEqual([]);
  });

  it("[CMPT4] of what a component does not export are refused", async () => {
    const backend = start();
    const take = (target: Untyped) => backend.run(() => createFunctionHandle(target));
    expect((await rejection(take(one.lib.secret))).message).toContain("does not export");
    expect((await rejection(take(components.three.lib.add))).message).toContain("not found");
    expect(await take(await take(one.lib.add))).toBe(await take(one.lib.add));
  });

  it("[CMPT4] that lead nowhere are refused", async () => {
    const backend = start();
    const handle = await backend.query(one.lib.handle);
    const other = startBackend({ m });
    const error = await rejection(other.mutation(handle, { text: "a" }));
    expect(error.message).toContain("Function handle not found");
  });

  it("[CMPT10] are scheduled among the jobs of whoever schedules them", async () => {
    const backend = start();
    const handle = await backend.query(one.lib.handle);
    await backend.mutation(two.lib.callLater, { handle, args: { text: "later" } });
    expect(await backend.query(two.lib.jobs)).toEqual([["lib.js:add", "pending"]]);
    expect(await backend.query(one.lib.jobs)).toEqual([]);
    await backend.advance(1000);
    expect(await backend.query("m:texts")).toEqual({ one: ["later"], two: [] });
    expect(await backend.query(two.lib.jobs)).toEqual([["lib.js:add", "success"]]);
  });

  it("[CMPT10] references into components can be scheduled, and are looked up at once", async () => {
    const backend = start();
    await backend.run((ctx) => ctx.scheduler.runAfter(0, one.lib.add, { text: "a" }));
    await backend.settle();
    expect(await backend.query(one.lib.texts)).toEqual(["a"]);
    const wrong = backend.run((ctx) => ctx.scheduler.runAfter(0, one.lib.secret, {}));
    expect((await rejection(wrong)).message).toContain("Attempted to schedule function");
  });
});

describe("inside a component", () => {
  it("[CMPT6] nobody is signed in", async () => {
    const backend = start().withIdentity({ name: "Ann" });
    expect((await backend.query(one.lib.who)).identity).toBeNull();
    expect(await backend.action("m:identities")).toEqual({
      app: "Ann",
      query: null,
      action: null,
      backInApp: null,
    });
  });

  it("[CMPT7] results are paginated by a query of the component's own", async () => {
    const backend = start();
    for (const text of ["a", "b", "c"]) await backend.mutation(one.lib.add, { text });
    const first = await backend.query(one.lib.page, { cursor: null });
    expect(first).toMatchObject({ page: [{ text: "a" }, { text: "b" }], isDone: false });
    const rest = await backend.query(one.lib.page, { cursor: first.continueCursor });
    expect(rest).toMatchObject({ page: [{ text: "c" }], isDone: true });
    const other = two.lib.page;
    const error = await rejection(backend.query(other, { cursor: first.continueCursor }));
    expect(error.message).toContain("InvalidCursor");
  });

  it("[CMPT8] a function knows where it is", async () => {
    const backend = start();
    expect((await backend.query(one.lib.who)).meta).toMatchObject({
      name: "lib:who",
      componentPath: "one",
    });
    expect((await backend.query(one.inner.who)).meta).toMatchObject({ componentPath: "one/inner" });
  });
});
