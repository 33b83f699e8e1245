// The registry: what is a function, who may call it, what the others are told.

import * as convex from "convex/server";
import { v as convexV } from "convex/values";
import { describe, expect, it } from "vitest";
import type { Caller, WantedKind } from "../../../src/functions/lookup-error";
import { ModuleMap, type Modules } from "../../../src/functions/module-map";
import type { RegisteredFunction } from "../../../src/functions/registered-function";
import { FunctionRegistry } from "../../../src/functions/registry";
import * as invex from "../../../src/server/registration";
import { isInvexError } from "../../../src/shared/errors";
import type { IdResolver } from "../../../src/values/id-resolver";
import { v as invexV } from "../../../src/values/v";

const handler = () => null;
const noIds: IdResolver = { tableOf: () => undefined };

function registryOf(modules: Modules, options: { component?: string; ids?: IdResolver } = {}) {
  return new FunctionRegistry({
    modules: new ModuleMap(modules),
    ids: options.ids ?? noIds,
    component: options.component ?? "",
  });
}

const messages = {
  list: convex.queryGeneric(handler),
  send: convex.mutationGeneric(handler),
  notify: convex.actionGeneric(handler),
  purge: convex.internalMutationGeneric(handler),
  hook: convex.httpActionGeneric(async () => new Response()),
  default: invex.queryGeneric(handler),
  helper: () => null,
  LIMIT: 10,
};

const app = () => registryOf({ messages, "admin/users": { list: messages.list } });

function refusal(
  registry: FunctionRegistry,
  name: string,
  wanted: WantedKind = "query",
  caller: Caller = "function",
) {
  try {
    registry.lookup(name, wanted, caller);
  } catch (error) {
    if (isInvexError(error)) return error;
  }
  throw new Error(`${name} was not refused`);
}

const messageOf = (...args: Parameters<typeof refusal>) => refusal(...args).message;

describe("recognition", () => {
  it.each([
    ["list", "query", "public"],
    ["send", "mutation", "public"],
    ["notify", "action", "public"],
    ["purge", "mutation", "internal"],
    ["default", "query", "public"],
  ] as const)("[REG1] %s is a %s", (name, kind, visibility) => {
    const found = app().lookup(`messages:${name}`, kind, "embedder");
    expect(found).toMatchObject({ kind, visibility, path: { module: "messages", name } });
  });

  it.each([
    ["a plain function", () => null],
    ["a value", 10],
    ["null", null],
    [
      "two kinds",
      Object.assign(() => null, { isQuery: true, isMutation: true, _handler: handler }),
    ],
    ["no handler", Object.assign(() => null, { isQuery: true, isPublic: true })],
    [
      "both visibilities",
      Object.assign(() => null, {
        isQuery: true,
        isPublic: true,
        isInternal: true,
        _handler: handler,
      }),
    ],
  ])("[REG1] %s is none", (_, exported) => {
    const registry = registryOf({ m: { f: exported } });
    expect(messageOf(registry, "m:f", "any")).toBe('Couldn\'t find "f" in module "m.js".');
  });

  it("[REG1] a function of neither visibility is hidden from clients only", () => {
    const bare = Object.assign(() => null, { isQuery: true, _handler: handler });
    const registry = registryOf({ m: { bare } });
    expect(registry.lookup("m:bare", "query", "function")).toMatchObject({
      visibility: undefined,
      argsJSON: { type: "any" },
      returnsJSON: undefined,
    });
    expect(messageOf(registry, "m:bare", "query", "client")).toContain("public function");
  });

  it("[REG2] both fronts look the same", () => {
    const declare = (front: typeof convex, v: typeof convexV) =>
      front.internalMutationGeneric({
        args: { id: v.id("users"), tags: v.optional(v.array(v.string())), n: v.int64() },
        returns: v.union(v.null(), v.record(v.string(), v.literal(1n))),
        handler,
      });
    const registry = registryOf({
      a: { f: declare(convex, convexV) },
      b: { f: declare(invex as unknown as typeof convex, invexV as unknown as typeof convexV) },
    });
    const described = (found: RegisteredFunction | Promise<RegisteredFunction>) => {
      const { kind, visibility, argsJSON, returnsJSON } = found as RegisteredFunction;
      return { kind, visibility, argsJSON, returnsJSON };
    };
    const a = described(registry.lookup("a:f", "mutation", "function"));
    expect(a).toEqual(described(registry.lookup("b:f", "mutation", "function")));
    expect(a.argsJSON).toMatchObject({ type: "object" });
  });

  it("[REG13] inherited names are no exports", () => {
    for (const name of ["toString", "constructor", "hasOwnProperty", "__proto__x"]) {
      expect(messageOf(app(), `messages:${name}`)).toContain(`Couldn't find "${name}"`);
    }
    expect(messageOf(app(), "constructor:prototype")).toContain("JavaScript module");
  });
});

describe("refusals", () => {
  it.each([
    ["messages:purge", "mutation"],
    ["messages:nothing", "mutation"],
    ["messages:helper", "mutation"],
    ["messages:hook", "action"],
    ["nothing:at_all", "query"],
  ] as const)("[REG3] a client is told the same of %s", (name, wanted) => {
    expect(messageOf(app(), name, wanted, "client")).toBe(
      `Could not find public function for '${name}'.`,
    );
    expect(refusal(app(), name, wanted, "client").fields).not.toHaveProperty("hint");
  });

  it("[REG3] however the name is spelled", () => {
    expect(messageOf(app(), "messages.js:purge", "mutation", "client")).toBe(
      "Could not find public function for 'messages:purge'.",
    );
    expect(messageOf(app(), "nothing", "query", "client")).toBe(
      "Could not find public function for 'nothing'.",
    );
  });

  it("[REG3] also after somebody else found the function", () => {
    const registry = app();
    registry.lookup("messages:purge", "mutation", "function");
    expect(messageOf(registry, "messages:purge", "mutation", "client")).toBe(
      "Could not find public function for 'messages:purge'.",
    );
  });

  it("[REG4] names the component", () => {
    const registry = registryOf({ messages }, { component: "agent/tools" });
    expect(messageOf(registry, "messages:purge", "mutation", "client")).toBe(
      "Could not find public function for 'messages:purge' in 'agent/tools'.",
    );
  });

  it("[REG4] has another text where any kind would do", () => {
    for (const name of ["messages:purge", "messages:nothing", "messages:hook"]) {
      expect(messageOf(app(), name, "any", "client")).toBe(
        `Could not find function for '${name}'. Did you forget to run \`npx convex dev\`?`,
      );
    }
    expect(app().lookup("messages:send", "any", "client")).toMatchObject({ kind: "mutation" });
  });

  it.each(["function", "embedder"] as const)("[REG5] a %s may call internal ones", (caller) => {
    expect(app().lookup("messages:purge", "mutation", caller)).toMatchObject({
      visibility: "internal",
    });
    expect(messageOf(app(), "mesages:purge", "mutation", caller)).toBe(
      "Couldn't find JavaScript module 'mesages.js'. Did you forget to run `npx convex dev`?",
    );
    expect(messageOf(app(), "messages:prge", "mutation", caller)).toBe(
      'Couldn\'t find "prge" in module "messages.js".',
    );
  });

  it("[REG6] says as what a function was called and what it is", () => {
    expect(messageOf(app(), "messages:list", "mutation", "client")).toBe(
      "Trying to execute messages.js:list as Mutation, but it is defined as Query.",
    );
    expect(messageOf(app(), "messages", "action")).toBe(
      "Trying to execute messages.js:default as Action, but it is defined as Query.",
    );
    expect(messageOf(app(), "messages:hook", "action")).toBe(
      "Trying to execute messages.js:hook as Action, but it is defined as HttpAction.",
    );
  });

  it("[REG6] decides visibility before the kind", () => {
    expect(messageOf(app(), "messages:purge", "query", "client")).toContain("public function");
  });

  it.each([
    ["mesages:list", 'Did you mean "messages:list"?'],
    ["admin/user:list", 'Did you mean "admin/users:list"?'],
    ["messages:lst", 'Did you mean "messages:list"?'],
    ["messages:LIST", 'Did you mean "messages:list"?'],
    ["messages:helper", '"messages" exports "helper", but it is no query, mutation or action.'],
    ["messages:zzzzzz", '"messages" exports: list, send, notify, purge, default.'],
    ["zzzzzz:list", "The modules are: admin/users, messages."],
  ])("[REG7] the embedder is advised about %s", (name, hint) => {
    expect(refusal(app(), name, "query", "embedder").fields.hint).toBe(hint);
    expect(refusal(app(), name, "query", "function").fields).not.toHaveProperty("hint");
    expect(messageOf(app(), name, "query", "embedder")).not.toContain(hint);
  });

  it("[REG7] the embedder is told where the modules were looked for", () => {
    const registry = registryOf({ "./convex/a/x.ts": {}, "./convex/a/y.ts": {} });
    expect(refusal(registry, "a/x:f", "query", "embedder").fields.hint).toBe(
      'The modules under "./convex/a/" are: x, y.',
    );
    expect(refusal(registryOf({}), "x:f", "query", "embedder").fields.hint).toBe(
      "The modules map holds no modules of functions.",
    );
    expect(refusal(registry, "x:f", "query", "embedder").fields.hint).toBe(
      '"x" exports no functions.',
    );
  });

  it("[REG3] a malformed name is refused for what it is", () => {
    expect(messageOf(app(), "a b:c", "query", "client")).toContain(
      "a b:c is not a valid path to a Convex function.",
    );
  });
});

describe("validators", () => {
  const withArgs = (args: unknown, returns?: unknown) =>
    registryOf({ "lib/m": { f: convex.queryGeneric({ args, returns, handler } as never) } });

  it.each([
    ["a string", convexV.string()],
    ["a union", convexV.union(convexV.object({}), convexV.object({ a: convexV.null() }))],
  ])("[REG8] args may not be %s", (_, args) => {
    expect(messageOf(withArgs(args), "lib/m:f")).toBe(
      "Invalid JSON returned from lib/m:f.exportArgs(): Args validator must be an object or any",
    );
  });

  it("[REG8] args may be any", () => {
    expect(withArgs(convexV.any()).lookup("lib/m:f", "query", "client")).toMatchObject({
      argsJSON: { type: "any" },
    });
  });

  it("[REG8] field names must be identifiers", () => {
    const args = { "a-b": convexV.string() };
    expect(messageOf(withArgs(args), "lib/m:f")).toContain("Error in args validator: ");
    expect(messageOf(withArgs({}, args), "lib/m:f")).toContain(
      "Invalid JSON returned from lib/m:f.exportReturns(): Error in returns validator: ",
    );
  });

  it("[REG8] what is no JSON is refused", () => {
    const odd = Object.assign(() => null, {
      isQuery: true,
      isPublic: true,
      _handler: handler,
      exportArgs: () => "{",
    });
    expect(messageOf(registryOf({ m: { odd } }), "m:odd")).toContain(
      "Invalid JSON returned from m:odd.exportArgs(): ",
    );
  });

  it.each([
    ["convex", convex],
    ["invex", invex],
  ])("[REG9] an undefined validator of %s is reported with its field", (_, front) => {
    const f = (front as unknown as typeof convex).queryGeneric({
      args: { a: undefined },
      handler,
    } as never);
    const error = refusal(registryOf({ m: { f } }), "m:f");
    expect(error.message).toContain("Failed to analyze m.js: Uncaught Error: ");
    expect(error.message).toContain('A validator is undefined for field "a" in v.object().');
    expect(error.code).toBe("FunctionInvalid");
  });
});

describe("finding", () => {
  it("[REG10] is immediate once the module is loaded, and always gives the same object", async () => {
    const registry = registryOf({ messages: async () => messages });
    const first = registry.lookup("messages:list", "query", "client");
    expect(first).toBeInstanceOf(Promise);
    const found = await first;
    expect(registry.lookup("messages:list", "query", "client")).toBe(found);
    expect(registry.lookup("messages.js:list", "any", "function")).toBe(found);
    expect(registry.lookup("messages:send", "mutation", "client")).not.toBeInstanceOf(Promise);
  });

  it("[REG11] lists every function, sorted", async () => {
    const registry = registryOf({
      messages: async () => messages,
      "admin/users": { list: messages.list },
      http: { default: { isRouter: true }, ping: messages.list },
      schema: { default: {} },
    });
    const functions = await registry.listFunctions();
    expect(functions.map((found) => found.path.canonical)).toEqual([
      "admin/users.js:list",
      "http.js:ping",
      "messages.js:default",
      "messages.js:list",
      "messages.js:notify",
      "messages.js:purge",
      "messages.js:send",
    ]);
    expect(registry.lookup("messages:list", "query", "client")).toBe(functions[3]);
  });

  it("[REG11] fails as a push would", async () => {
    const invalid = { f: convex.queryGeneric({ args: convexV.string(), handler } as never) };
    await expect(registryOf({ m: invalid }).listFunctions()).rejects.toThrow("Args validator");
    await expect(registryOf({ "my-file": messages }).listFunctions()).rejects.toThrow(
      "my-file.js:list is not a valid path to a Convex function.",
    );
    const broken = { m: () => Promise.reject(new Error("no")) };
    await expect(registryOf(broken).listFunctions()).rejects.toThrow("could not be loaded: no");
    expect(await registryOf({ "my-helpers": { helper: () => null } }).listFunctions()).toEqual([]);
  });

  it("[REG12] a fork has its own tables", () => {
    const f = convex.queryGeneric({ args: { id: convexV.id("users") }, handler });
    const registry = registryOf({ m: { f } });
    const fork = registry.fork({ tableOf: () => ({ table: "users" }) });
    const check = (from: FunctionRegistry) =>
      (from.lookup("m:f", "query", "client") as RegisteredFunction).checkArgs({ id: "x" });
    expect(check(fork)).toBeUndefined();
    expect(check(registry)).toContain("does not match");
  });
});
