// Function builders: what they return, what it exports, and calling it without an engine.

import * as convex from "convex/server";
import * as invex from "invex/server";
import { functionsFor, httpActionGeneric, queryGeneric } from "invex/server";
import type { v } from "invex/values";
import { afterEach, describe, expect, it, vi } from "vitest";
import { schema } from "../types/fixture";
import { expectAlike, type Front, ours } from "./fronts";

const builders = [
  ["queryGeneric", "query", { isQuery: true, isPublic: true }],
  ["internalQueryGeneric", "internalQuery", { isQuery: true, isInternal: true }],
  ["mutationGeneric", "mutation", { isMutation: true, isPublic: true }],
  ["internalMutationGeneric", "internalMutation", { isMutation: true, isInternal: true }],
  ["actionGeneric", "action", { isAction: true, isPublic: true }],
  ["internalActionGeneric", "internalAction", { isAction: true, isInternal: true }],
] as const;

/** Own properties of a registered function, functions as such, without convex's own entry points. */
function marksOf(registered: object) {
  const marks = Object.entries(registered).filter(([key]) => !key.startsWith("invoke"));
  return marks.map(([key, value]) => [key, typeof value === "function" ? "function" : value]);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(builders)("%s", (name, kind, marks) => {
  const handler = () => "result";

  it("[FNS6] returns a function with the marks convex gives it", () => {
    const given = expectAlike(({ s }) => marksOf(s[name]({ args: {}, handler })));
    expect(Object.fromEntries((given as { value: [] }).value)).toEqual({
      ...marks,
      exportArgs: "function",
      exportReturns: "function",
      _handler: "function",
    });
    for (const definition of [handler, { handler }, { args: {}, handler }]) {
      const registered = ours.s[name](definition);
      expect(typeof registered).toBe("function");
      expect(registered._handler).toBe(handler);
    }
  });

  it("[FNS8] warns when it is called directly, and runs the handler", () => {
    const warnings = vi.spyOn(console, "warn").mockImplementation(() => {});
    const received: unknown[] = [];
    const call = ({ s }: Front) =>
      s[name]((...all: unknown[]) => {
        received.push(all);
        return all.length;
      })("ctx", { a: 1 });
    expectAlike(call);
    expect(received).toEqual(Array.from({ length: 4 }, () => ["ctx", { a: 1 }]));
    expect(new Set(warnings.mock.calls.map(([text]) => text)).size).toBe(1);
    expect(warnings.mock.calls).toHaveLength(4);
    expect(warnings.mock.calls[0]?.[0]).toContain(`export const foo = ${kind}(...)`);
  });
});

describe("httpActionGeneric", () => {
  it("[FNS6] has fewer marks", () => {
    expectAlike(({ s }) => marksOf(s.httpActionGeneric(() => new Response())));
    const handler = async () => new Response();
    expect(Object.entries(httpActionGeneric(handler))).toEqual([
      ["isHttp", true],
      ["_handler", handler],
    ]);
  });

  it("[FNS8] warns as well", () => {
    const warnings = vi.spyOn(console, "warn").mockImplementation(() => {});
    expectAlike(({ s }) => s.httpActionGeneric((_ctx: unknown, request: unknown) => request)(1, 2));
    expect(new Set(warnings.mock.calls.map(([text]) => text)).size).toBe(1);
  });
});

describe("exportArgs and exportReturns", () => {
  it.each<[string, (front: Front) => object]>([
    ["nothing", () => ({})],
    ["undefined", () => ({ args: undefined, returns: undefined })],
    ["no fields", () => ({ args: {}, returns: {} })],
    [
      "fields",
      ({ v }) => ({ args: { a: v.string(), b: v.optional(v.id("t")) }, returns: { c: v.int64() } }),
    ],
    ["an object", ({ v }) => ({ args: v.object({ a: v.string() }), returns: v.object({}) })],
    ["any", ({ v }) => ({ args: v.any(), returns: v.any() })],
    ["no object at all", ({ v }) => ({ args: v.string(), returns: v.union(v.null(), v.bytes()) })],
    [
      "literals",
      ({ v }) => ({
        args: { a: v.union(v.literal(1n), v.literal("x"), v.literal(-0)) },
        returns: v.literal(true),
      }),
    ],
    [
      "records and arrays",
      ({ v }) => ({ args: { a: v.record(v.id("t"), v.array(v.commitTs())) } }),
    ],
    ["a field named isConvexValidator", ({ v }) => ({ args: { isConvexValidator: v.string() } })],
    ["an undefined field", () => ({ args: { a: undefined }, returns: { b: undefined } })],
    ["a field that is no validator", () => ({ args: { a: "string" } })],
  ])("[FNS7] of %s", (_, declare) => {
    expectAlike((front) => front.s.queryGeneric({ ...declare(front), handler() {} }).exportArgs());
    expectAlike((front) =>
      front.s.queryGeneric({ ...declare(front), handler() {} }).exportReturns(),
    );
  });

  it("[FNS7] of a bare handler", () => {
    expectAlike(({ s }) => s.mutationGeneric(() => {}).exportArgs());
    expectAlike(({ s }) => s.mutationGeneric(() => {}).exportReturns());
  });

  it("[FNS7] throw for an undefined validator when they are called, not before", () => {
    const circular = undefined as unknown as ReturnType<typeof v.string>;
    const registered = queryGeneric({ args: { a: circular }, handler: () => 1 });
    const { exportArgs } = registered as unknown as { exportArgs(): string };
    expect(() => exportArgs()).toThrow('A validator is undefined for field "a" in v.object().');
  });
});

describe("functionsFor", () => {
  it("[FNS9] gives the generic builders", () => {
    expect(functionsFor(schema)).toEqual({
      query: invex.queryGeneric,
      internalQuery: invex.internalQueryGeneric,
      mutation: invex.mutationGeneric,
      internalMutation: invex.internalMutationGeneric,
      action: invex.actionGeneric,
      internalAction: invex.internalActionGeneric,
      httpAction: invex.httpActionGeneric,
    });
  });
});

describe("the package", () => {
  it("[FNS10] exports what convex/server exports at run time", () => {
    const kinds = (exports: object) =>
      new Map(Object.entries(exports).map(([name, value]) => [name, typeof value]));
    const have = kinds(invex);
    const missing = [...kinds(convex)].filter(([name, kind]) => have.get(name) !== kind);
    expect(missing).toEqual([]);
  });

  it("[FNS11] has validators of pages like convex's", () => {
    expectAlike(({ s }) => s.paginationOptsValidator.json);
    expectAlike(({ s, v }) => s.paginationResultValidator(v.object({ a: v.string() })).json);
  });
});
