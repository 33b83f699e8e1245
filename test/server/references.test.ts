// References, addresses and handles, compared with convex.

import * as fc from "fast-check";
import { anyApi, getFunctionAddress, getFunctionName, makeFunctionReference } from "invex/server";
import { describe, expect, it } from "vitest";
import { recordingGlobal } from "./convex-global";
import { expectAlike, type Front, ours, theirs } from "./fronts";
import { asyncOutcomeOf } from "./outcome";

/** Follows a path of property names. */
function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce((node, key) => (node as Record<string, unknown>)[key], root);
}

describe("anyApi", () => {
  it.each([
    ["a"],
    ["a.b"],
    ["a.b.c"],
    ["a.default"],
    ["default.default"],
    ["a.then"],
    ["a.__proto__"],
    [""],
  ])("[REF3] %s", (path) => {
    expectAlike(({ s }) => s.getFunctionName(at(s.anyApi, path.split("."))));
  });

  it("[REF3] spells out random paths like convex", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expectAlike(({ s }) => s.getFunctionName(at(s.anyApi, path)));
      }),
    );
  });

  it("[REF3] has no keys, and names its kind", () => {
    expect(Object.keys(anyApi)).toEqual([]);
    expectAlike(({ s }) => Object.prototype.toString.call(s.anyApi.a.b));
    expectAlike(({ s }) => `${String(Symbol.iterator in s.anyApi)} ${s.anyApi[Symbol.iterator]}`);
  });

  it("[REF1] filterApi returns it as it is", () => {
    expectAlike(({ s }) => s.filterApi(s.anyApi) === s.anyApi);
  });
});

describe("addresses", () => {
  it.each<[string, (front: Front) => unknown]>([
    ["a made reference", ({ s }) => s.makeFunctionReference("dir/m:f")],
    ["a made reference without a name", ({ s }) => s.makeFunctionReference("")],
    ["a name", () => "m:f"],
    ["the empty name", () => ""],
    ["a handle", () => "function://abc;def"],
    ["a component reference", ({ s }) => s.componentsGeneric().a.b.c],
    ["a whole component", ({ s }) => s.componentsGeneric().a],
    ["all components", ({ s }) => s.componentsGeneric()],
    ["a system function elsewhere", ({ s }) => s.currentSystemUdfInComponent("abc")],
    ["an object", () => ({})],
    ["a number", () => 5],
    ["an api without a function", ({ s }) => s.anyApi.a],
  ])("[REF4] of %s", (_, make) => {
    expectAlike((front) => front.s.getFunctionAddress(make(front)));
    expectAlike((front) => front.s.getFunctionName(make(front)));
  });

  it("[REF4] go between the packages", () => {
    expect(getFunctionName(theirs.s.anyApi.a.b)).toBe("a:b");
    expect(theirs.s.getFunctionName(makeFunctionReference("a:b"))).toBe("a:b");
    expect(getFunctionAddress(theirs.s.componentsGeneric().a.b)).toEqual({
      reference: "_reference/childComponent/a/b",
    });
  });

  it.each([undefined, null, Symbol("s"), Object.create(null)])("[REF4] %s has none", (value) => {
    expect(() => getFunctionAddress(value)).toThrow("is not a functionReference");
  });

  it("[REF4] a registered function has none, and its text is spared", () => {
    const refused = /^A registered function is not a functionReference: give its reference/;
    for (const { s } of [ours, theirs]) {
      for (const register of [s.queryGeneric, s.mutationGeneric, s.actionGeneric]) {
        const registered = register({ args: {}, handler: () => null });
        expect(() => getFunctionAddress(registered as never)).toThrow(refused);
      }
    }
  });
});

describe("component references", () => {
  it("[REF5] spell out their path", () => {
    expectAlike(({ s }) => s.getFunctionAddress(s.componentsGeneric().counter.lib.nested.add));
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expectAlike(({ s }) => s.getFunctionAddress(at(s.componentsGeneric(), path)));
      }),
    );
  });
});

describe("through the Convex global", () => {
  const requests: [string, (front: Front) => Promise<unknown>][] = [
    ["a handle of a reference", ({ s }) => s.createFunctionHandle(s.anyApi.a.b)],
    [
      "a handle of a component's function",
      ({ s }) => s.createFunctionHandle(s.componentsGeneric().a.b),
    ],
    ["a handle of a handle", ({ s }) => s.createFunctionHandle("function://abc")],
    ["a handle of nothing", ({ s }) => s.createFunctionHandle({})],
    ["an audit entry", ({ s }) => s.log.audit({ a: 1, b: [null, { c: undefined, d: "x" }] })],
    [
      "an audit entry with variables",
      ({ s }) => s.log.audit({ ...s.log.vars, nested: { at: [s.log.vars.now] } }),
    ],
    ["an audit entry with a reserved key", ({ s }) => s.log.audit({ a: { $b: 1 } })],
    ["an audit entry with a foreign symbol", ({ s }) => s.log.audit({ a: Symbol("x") })],
    ["a service token", ({ s }) => s.getServiceToken("ai-gateway")],
    ["a service URL", ({ s }) => s.getServiceUrl("ai-gateway")],
    ["a service without a name", ({ s }) => s.getServiceUrl()],
  ];

  it.each(requests)("[REF6] asks for %s as convex does", async (_, request) => {
    const seen = async (front: Front) => {
      let outcome: unknown;
      const asked = await recordingGlobal(
        async () => {
          outcome = await asyncOutcomeOf(() => request(front));
        },
        ({ operation }) => `answer to ${operation}`,
      );
      return { asked, outcome };
    };
    expect(await seen(ours)).toEqual(await seen(theirs));
  });

  it.each(requests)("[REF6] refuses %s outside of a backend", async (_, request) => {
    expect(await asyncOutcomeOf(() => request(ours))).toEqual(
      await asyncOutcomeOf(() => request(theirs)),
    );
  });

  it.each<[string, object]>([
    ["an error", Object.assign(new TypeError("boom"), { code: 5 })],
    [
      "an error with data",
      Object.assign(new Error("shown"), { data: { n: { $integer: "AQAAAAAAAAA=" } } }),
    ],
    ["an error with null for data", Object.assign(new Error("shown"), { data: null })],
  ])("[REF6] passes on %s as convex does", async (_, error) => {
    const seen = async ({ s }: Front) => {
      const host = globalThis as { Convex?: unknown };
      host.Convex = { asyncSyscall: () => Promise.reject(error) };
      const thrown = await s.createFunctionHandle(s.anyApi.a.b).catch((error: unknown) => error);
      delete host.Convex;
      const { name, message, data } = thrown;
      return { name, message, data, branded: Symbol.for("ConvexError") in thrown };
    };
    expect(await seen(ours)).toEqual(await seen(theirs));
  });
});
