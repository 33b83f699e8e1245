// Apps and components, compared with convex: what they export, what they refuse.

import * as fc from "fast-check";
import { defineApp, defineComponent } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { expectAlike, type Front } from "./fronts";

// biome-ignore lint/suspicious/noExplicitAny: definitions of two packages, used right and wrong
type Untyped = any;

/** What whoever loads a `convex.config` adds to the definition it exports. */
function imported(definition: Untyped, extra: object = {}): Untyped {
  return Object.assign(definition, { componentDefinitionPath: "lib/mailer", ...extra });
}

function app(declare: (app: Untyped, child: (extra?: object) => Untyped, front: Front) => unknown) {
  return (front: Front) => {
    const { s, v } = front;
    const app = s.defineApp({ env: { KEY: v.string() } });
    declare(app, (extra) => imported(s.defineComponent("mailer"), extra), front);
    return app.export();
  };
}

describe("exports", () => {
  it.each<[string, (front: Front) => Untyped]>([
    ["an app", ({ s }) => s.defineApp()],
    ["an app under a prefix", ({ s }) => s.defineApp({ httpPrefix: "/api" })],
    ["an app under a prefix with a slash", ({ s }) => s.defineApp({ httpPrefix: "/api/" })],
    ["an app with no variables", ({ s }) => s.defineApp({ env: {} })],
    [
      "an app with variables",
      ({ s, v }) =>
        s.defineApp({
          env: { A: v.string(), B: v.optional(v.union(v.literal("x"), v.literal("y"))) },
        }),
    ],
    ["a component", ({ s }) => s.defineComponent("c")],
    ["a component with no variables", ({ s }) => s.defineComponent("c", { env: {} })],
    [
      "a component with variables",
      ({ s, v }) => s.defineComponent("c", { env: { A: v.optional(v.string()) } }),
    ],
  ])("[REF8] %s", (_, define) => {
    expectAlike((front) => define(front).export());
  });

  it.each<[string, ReturnType<typeof app>]>([
    ["a child", app((a, child) => a.use(child()))],
    ["a child by its default name", app((a, child) => a.use(child({ defaultName: "d" })))],
    [
      "a child by another name",
      app((a, child) => a.use(child({ defaultName: "d" }), { name: "n" })),
    ],
    ["a child on a path", app((a, child) => a.use(child(), { httpPrefix: "/mail" }))],
    ["a child with values", app((a, child) => a.use(child(), { env: { A: "x", B: undefined } }))],
    ["a child with the app's values", app((a, child) => a.use(child(), { env: { A: a.env.KEY } }))],
    [
      "two children",
      app((a, child) => {
        a.use(child(), { name: "one", httpPrefix: "/same/" });
        a.use(child(), { name: "two", httpPrefix: "/same" });
      }),
    ],
    [
      "a grandchild",
      app((a, child, { s }) => {
        const parent = imported(s.defineComponent("parent"), { componentDefinitionPath: "p" });
        parent.use(child());
        a.use(parent);
        a.also = parent.export();
      }),
    ],
    ["a value that is no string", app((a, child) => a.use(child(), { env: { A: 5 } }))],
    ["a value that is null", app((a, child) => a.use(child(), { env: { A: null } }))],
  ])("[REF8] %s", (_, script) => {
    expectAlike(script);
  });

  it("[REF8] of what a child exports", () => {
    expectAlike((front) => {
      const { s } = front;
      const child = s.defineApp().use(imported(s.defineComponent("c")), { name: "n" });
      return [s.getFunctionAddress(child), s.getFunctionAddress(child.exports.a.b.c)];
    });
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expectAlike(({ s }) => {
          const { exports } = s.defineApp().use(imported(s.defineComponent("c")));
          return s.getFunctionAddress(path.reduce((node, key) => node[key], exports));
        });
      }),
    );
  });

  it("[REF8] are kept as the engine reads them", () => {
    const app = defineApp({ httpPrefix: "/x", env: { A: v.string() } }) as Untyped;
    const child = imported(defineComponent("c", { env: { B: v.string() } }));
    app.use(child, { name: "n", httpPrefix: "/y", env: { B: app.env.A } });
    expect(app).toMatchObject({
      _isRoot: true,
      _httpPrefix: "/x",
      _env: { A: { kind: "string" } },
    });
    expect(app._childComponents).toEqual([["n", child, { B: { __envVarRef: "A" } }, "/y"]]);
    expect(child).toMatchObject({ _isRoot: false, _name: "c", _env: { B: { kind: "string" } } });
  });
});

describe("refused", () => {
  it.each<[string, (front: Front) => unknown]>([
    ["an app's prefix without a slash", ({ s }) => s.defineApp({ httpPrefix: "api" })],
    ["an app's variable without a validator", ({ s }) => s.defineApp({ env: { A: "string" } })],
    [
      "a component's variable without a validator",
      ({ s }) => s.defineComponent("c", { env: { A: undefined } }),
    ],
    ["a child that was not imported", app((a, _, { s }) => a.use(s.defineComponent("c")))],
    ["a child without a name", app((a, child) => a.use(child(), { name: "" }))],
    ["a child with a name that is none", app((a, child) => a.use(child(), { name: 5 }))],
    [
      "a child at the root of its path",
      app((a, child) => a.use(child({ componentDefinitionPath: "" }))),
    ],
    [
      "a child's prefix without a slash",
      app((a, child) => a.use(child(), { httpPrefix: "mail/" })),
    ],
    ["a variable the app does not declare", app((a) => a.env.OTHER)],
    ["a variable named like a method", app((a) => a.env.toString)],
    ["a variable the component does not declare", ({ s }) => s.defineComponent("c").env.A],
  ])("[REF9] %s", (_, script) => {
    const outcome = expectAlike(script);
    expect(outcome).toEqual({ message: expect.any(String) });
  });

  it("[REF9] reading a variable by symbol is no mistake", () => {
    expectAlike(({ s }) => String(s.defineApp().env[Symbol.toStringTag]));
  });
});
