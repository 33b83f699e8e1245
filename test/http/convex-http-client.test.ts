// The real ConvexHttpClient, given `backend.fetch` for a network.

import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { ConvexError as RealConvexError } from "convex/values";
import type { Backend } from "invex";
import { ConvexError, v } from "invex/values";
import { describe, expect, it } from "vitest";
import { action, internalQuery, mutation, query } from "../fixtures/lab";
import { createHttpLab } from "./http-lab";

const functions = {
  add: mutation({
    args: { n: v.number() },
    handler: async (ctx, { n }) => {
      await ctx.db.insert("things", { n });
      return n;
    },
  }),
  all: query(async (ctx) => (await ctx.db.query("things").collect()).map((each) => each.n)),
  echo: query({ args: { value: v.any() }, handler: async (_ctx, { value }) => value }),
  shout: action({
    args: { text: v.string() },
    handler: async (_ctx, { text }) => text.toUpperCase(),
  }),
  fail: mutation(async () => {
    throw new ConvexError({ amount: 5n });
  }),
  broken: action(async () => {
    throw new Error("broken");
  }),
  whoami: query(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null),
  hidden: internalQuery(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? "nobody"),
};

function clientOf(backend: Pick<Backend, "fetch" | "url">) {
  return new ConvexHttpClient(backend.url, {
    fetch: backend.fetch,
    skipConvexDeploymentUrlCheck: true,
    logger: false,
  });
}

const ref = {
  query: (name: string) => makeFunctionReference<"query">(`m:${name}`),
  mutation: (name: string) => makeFunctionReference<"mutation">(`m:${name}`),
  action: (name: string) => makeFunctionReference<"action">(`m:${name}`),
};

describe("ConvexHttpClient", () => {
  it("[API18] query, mutation, action and consistentQuery give what the functions return", async () => {
    const { backend } = createHttpLab({ functions });
    const client = clientOf(backend);
    expect(await client.mutation(ref.mutation("add"), { n: 1 })).toBe(1);
    expect(await client.action(ref.action("shout"), { text: "a" })).toBe("A");
    expect(await client.consistentQuery(ref.query("all"))).toEqual([1]);
    await client.mutation(ref.mutation("add"), { n: 2 }, { skipQueue: true });
    expect(await client.consistentQuery(ref.query("all"))).toEqual([1]);
    expect(await client.query(ref.query("all"))).toEqual([1, 2]);
    const byName = client as unknown as {
      function(name: string, path: undefined, args: object): Promise<unknown>;
    };
    expect(await byName.function("m:shout", undefined, { text: "b" })).toBe("B");
  });

  it("[API18] queued mutations run in order", async () => {
    const { backend } = createHttpLab({ functions });
    const client = clientOf(backend);
    const ns = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all(ns.map((n) => client.mutation(ref.mutation("add"), { n })));
    expect(await client.query(ref.query("all"))).toEqual(ns);
  });

  it("[API18] every kind of value survives the way there and back", async () => {
    const { backend } = createHttpLab({ functions });
    const value = {
      list: [1n, -0, Number.NaN, Number.NEGATIVE_INFINITY, "ü", null, true],
      bytes: new Uint8Array([0, 255]).buffer,
    };
    expect(await clientOf(backend).query(ref.query("echo"), { value })).toEqual(value);
  });

  it("[API18] failures are the client's errors, data included", async () => {
    const { backend } = createHttpLab({ functions });
    const client = clientOf(backend);
    const failure = await client.mutation(ref.mutation("fail")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RealConvexError);
    expect((failure as RealConvexError<{ amount: bigint }>).data).toEqual({ amount: 5n });
    await expect(client.action(ref.action("broken"))).rejects.toThrow(
      /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught Error: broken\n/,
    );
    await expect(client.query(ref.query("hidden"))).rejects.toThrow(
      "Could not find public function for 'm:hidden'.",
    );
  });

  it("[API18] admin auth calls internal functions, as a user if it says so", async () => {
    const { backend } = createHttpLab({ functions, adminKey: "dev:x|key" });
    const client = clientOf(backend) as ConvexHttpClient & {
      setAdminAuth(key: string, actingAs?: object): void;
    };
    client.setAdminAuth("dev:x|key");
    expect(await client.query(ref.query("hidden"))).toBe("nobody");
    client.setAdminAuth("dev:x|key", { issuer: "https://i.test", subject: "1", name: "Zoë" });
    expect(await client.query(ref.query("hidden"))).toBe("Zoë");
    client.setAdminAuth("other");
    await expect(client.query(ref.query("all"))).rejects.toThrow(/BadAdminKey/);
  });

  it("[API19] a client over the fetch of withIdentity is that user", async () => {
    const { backend } = createHttpLab({ functions });
    const ada = backend.withIdentity({ name: "Ada" });
    const client = clientOf({ url: backend.url, fetch: ada.fetch });
    expect(await client.query(ref.query("whoami"))).toBe("Ada");
    expect(await clientOf(backend).query(ref.query("whoami"))).toBeNull();
  });
});
