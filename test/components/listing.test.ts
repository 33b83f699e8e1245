// Components listed in the option `components`, and registered by hand.

import rateLimiter from "@convex-dev/rate-limiter/test";
import { createBackend } from "invex";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { describe, expect, it } from "vitest";
import { rejection } from "../fixtures/lab";
import { ledger } from "./ledger";
import { components, startBackend, type Untyped } from "./start-backend";

const { one } = components;

const add = (backend: Untyped, text = "a") => backend.mutation(one.lib.add, { text });
const texts = (backend: Untyped) => backend.query(one.lib.texts);

describe("listed components", () => {
  it("[CMPT12] are there at once when nothing has to be loaded", async () => {
    const backend = startBackend({}, { components: { one: ledger } }).fork();
    await add(backend);
    expect(await texts(backend)).toEqual(["a"]);
  });

  it("[CMPT12] take lazy modules, and the schema among them", async () => {
    const modules = {
      "./c/_generated/api.ts": async () => ({}),
      "./c/lib.ts": async () => ledger.modules.lib,
      "./c/schema.ts": async () => ({ default: ledger.schema }),
    };
    const backend = startBackend({}, { components: { one: { modules } } });
    await add(backend);
    expect(await texts(backend)).toEqual(["a"]);
    const extra = backend.mutation(one.lib.add, { text: "a", more: 1 });
    await expect(extra).rejects.toThrow("ArgumentValidationError");
  });

  it("[CMPT12] may be test helpers of packages, which bring what is installed in them", async () => {
    const backend = startBackend({}, { components: { limits: rateLimiter } });
    const name = { name: "x", config: { kind: "fixed window", rate: 1, period: 1000 } };
    const { limits } = components;
    expect(await backend.mutation(limits.lib.rateLimit, name)).toMatchObject({ ok: true });
    const path: string[] = [];
    backend.registerComponent("limits/batchWorker/more", undefined, { lib: {} });
    rateLimiter.register(
      {
        registerComponent: (registered: string) => path.push(registered),
      } as Untyped,
      "limits",
    );
    for (const taken of path) {
      expect(() => backend.registerComponent(taken, undefined, {})).toThrow(
        `There is a component "${taken}" already.`,
      );
    }
  });

  it.each<[string, Untyped, string]>([
    ["a name that is none", { "a-b": ledger }, `"a-b" is no path of a component`],
    ["a prefix without a slash", { one: { ...ledger, httpPrefix: "x" } }, "must start with"],
    [
      "a helper that fails",
      {
        one: {
          ...ledger,
          register: () => {
            throw new Error("no");
          },
        },
      },
      `register() of "one" failed: Error: no`,
    ],
    ["no modules", { one: {} }, "option `components.one.modules`"],
    ["an unknown property", { one: { ...ledger, module: {} } }, "option `components.one`"],
  ])("[CMPT12] are refused with %s", (_, listed, text) => {
    expect(() => createBackend({ modules: {}, components: listed })).toThrow(text);
  });

  it("[CMPT18] are refused with a wrong schema, naming the component", () => {
    const schema = defineSchema({ t: defineTable({ n: v.number() }).index("by_m", ["m" as "n"]) });
    expect(() =>
      createBackend({ modules: {}, components: { one: { modules: {}, schema } } }),
    ).toThrow(`The schema of component "one" is invalid`);
  });
});

describe("registered components", () => {
  it("[CMPT14] are there from then on, here and in later forks", async () => {
    const backend = startBackend({});
    const before = backend.fork();
    backend.registerComponent("one", ledger.schema, ledger.modules);
    await add(backend);
    expect(await texts(backend.fork())).toEqual(["a"]);
    expect((await rejection(texts(before))).message).toContain("not found");
  });

  it("[CMPT14] wait for a backend that is still loading", async () => {
    const schema = async () => ({ default: defineSchema({}) });
    const backend = startBackend({
      "./convex/schema.ts": schema,
      "./convex/m.ts": async () => ({}),
    });
    backend.registerComponent("one", ledger.schema, ledger.modules);
    backend.registerComponent("one/inner", ledger.schema, ledger.modules);
    await backend.mutation(one.inner.add, { text: "b" });
    expect(await backend.query(one.inner.texts)).toEqual(["b"]);
    const failing = startBackend({ "./convex/schema.ts": schema });
    failing.registerComponent("a-b", undefined, {});
    expect((await rejection(failing.ready)).message).toContain("is no path of a component");
  });

  it("[CMPT14] may come as a package's test helper registers them", async () => {
    const backend = startBackend({});
    rateLimiter.register(backend as Untyped);
    const args = { name: "x", config: { kind: "fixed window", rate: 1, period: 1000 } };
    const limit = () => backend.mutation(components.rateLimiter.lib.rateLimit, args);
    expect([(await limit()).ok, (await limit()).ok]).toEqual([true, false]);
  });

  it("[CMPT14] schedule functions of their own", async () => {
    const backend = startBackend({});
    backend.registerComponent("one", ledger.schema, ledger.modules);
    const handle = await backend.query(one.lib.handle);
    await backend.mutation(one.lib.callLater, { handle, args: { text: "later" } });
    await backend.advance(1000);
    expect(await texts(backend)).toEqual(["later"]);
  });
});
