// Tokens that mutations sign, and the keys that verify them.

import { createBackend, manualClock } from "invex";
import { memoryPersistence } from "invex/persistence";
import { defineSchema, httpRouter, mutationGeneric, type SignJwtOptions } from "invex/server";
import { v } from "invex/values";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { httpAction, rejection } from "../fixtures/lab";

const AUDIENCE = "https://api.example";
const PATH = "/.well-known/jwks.json";

const anything = defineSchema({}, { strictTableNameTypes: false });

const sign = mutationGeneric({
  args: v.any(),
  handler: (ctx, options: SignJwtOptions) => ctx.auth.signJwt(options),
});
const modules = { tokens: { sign } };

type Options = Partial<Parameters<typeof createBackend>[0]>;

function start(options: Options = {}) {
  const backend = createBackend({
    schema: defineSchema({}),
    modules,
    clock: manualClock("2025-01-01"),
    url: "https://deployment.example",
    ...options,
  });
  const ask = async (path = PATH) => (await backend.fetch(path)).json() as Promise<JSONWebKeySet>;
  return {
    backend,
    keys: ask,
    sign: (options: object) => backend.mutation("tokens:sign", options as Record<string, unknown>),
    async verify(token: unknown) {
      const currentDate = new Date("2025-01-01T00:00:01Z");
      return jwtVerify(String(token), createLocalJWKSet(await ask()), { currentDate });
    },
  };
}

const claims = { sub: "ada", aud: AUDIENCE, role: { admin: true } };

describe("ctx.auth.signJwt", () => {
  it("[AUTH27] signs what the backend's own keys verify", async () => {
    const { sign, verify, keys } = start();
    const token = await sign({ claims, expiresInSeconds: 60.9 });
    const { payload, protectedHeader } = await verify(token);
    const iat = Date.parse("2025-01-01") / 1000;
    expect(payload).toMatchObject({
      ...claims,
      iat,
      exp: iat + 60,
      iss: "https://deployment.example",
    });
    expect(payload.jti).toMatch(/^[\w-]{22}$/);
    const {
      keys: [key],
    } = await keys();
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "JWT", kid: key?.kid });
    expect(key).not.toHaveProperty("d");
  });

  it("[AUTH27] names tokens anew unless the caller does", async () => {
    const { sign, verify } = start({ seed: "names" });
    const idOf = async (jti?: string) =>
      (
        await verify(
          await sign({ claims: { ...claims, ...(jti && { jti }) }, expiresInSeconds: 60 }),
        )
      ).payload.jti;
    expect(await idOf("mine")).toBe("mine");
    expect(await idOf()).not.toBe(await idOf());
  });

  it.each<[string, object]>([
    ["claims must be an object", { claims: [], expiresInSeconds: 1 }],
    ["expiresInSeconds must be a number of seconds, at least 1", { claims, expiresInSeconds: 0.5 }],
    ["expiresInSeconds must be a number of seconds, at least 1", { claims }],
    [
      "expiresInSeconds must be between 1 second and 3600 seconds",
      { claims, expiresInSeconds: 3601 },
    ],
    ["The 'iss' claim is set by Convex", { claims: { ...claims, iss: "x" }, expiresInSeconds: 1 }],
    ["The 'nbf' claim is reserved", { claims: { ...claims, nbf: 1 }, expiresInSeconds: 1 }],
    [
      "The 'CVXrole' claim can't be provided",
      { claims: { ...claims, CVXrole: 1 }, expiresInSeconds: 1 },
    ],
    [
      "The 'sub' claim must be a non-empty string",
      { claims: { ...claims, sub: "" }, expiresInSeconds: 1 },
    ],
    [
      "The 'jti' claim must be a non-empty string",
      { claims: { ...claims, jti: 1 }, expiresInSeconds: 1 },
    ],
    ["The 'aud' claim is required", { claims: { sub: "ada" }, expiresInSeconds: 1 }],
    ["The 'aud' claim must be a non-empty string or", { claims: { aud: [] }, expiresInSeconds: 1 }],
    [
      "over the 8000 byte limit",
      { claims: { ...claims, x: "x".repeat(8000) }, expiresInSeconds: 1 },
    ],
  ])("[AUTH28] refuses what Convex refuses: %s", async (message, options) => {
    const error = await rejection(start().sign(options));
    expect(error.message).toContain(message);
  });

  it("[AUTH29] is the component's own within a component", async () => {
    const { backend, verify } = start({
      components: { shop: { schema: defineSchema({}), modules } },
    });
    const token = await backend.mutation("tokens:sign", { claims, expiresInSeconds: 9 });
    expect((await verify(token)).payload.iss).toBe("https://deployment.example");
    const { components } = await import("../components/start-backend");
    const inside = await backend.mutation(components.shop.tokens.sign, {
      claims,
      expiresInSeconds: 9,
    });
    expect((await verify(inside)).payload.iss).toBe("https://deployment.example/components/shop");
  });

  it("[AUTH30] keeps its key over restarts and in forks, and shares it with no other backend", async () => {
    const persistence = memoryPersistence();
    const first = start({ persistence, schema: anything });
    await first.backend.run((ctx) => ctx.db.insert("anything", {}));
    const token = await first.sign({ claims, expiresInSeconds: 60 });
    const fork = first.backend.fork();
    expect(await (await fork.fetch(PATH)).json()).toEqual(await first.keys());
    await first.backend.close();
    const second = start({ persistence, schema: anything });
    expect((await second.verify(token)).payload.sub).toBe("ada");
    await expect(start().verify(token)).rejects.toThrow();
  });

  it("[AUTH31] leaves the path of its keys to the app where the app has a route for it", async () => {
    const http = httpRouter();
    const handler = httpAction(async () => Response.json({ keys: [] }));
    http.route({ path: PATH, method: "GET", handler });
    expect(await start({ modules: { ...modules, http: { default: http } } }).keys()).toEqual({
      keys: [],
    });
    const other = httpRouter();
    other.route({ path: "/else", method: "GET", handler });
    const { keys } = await start({ modules: { ...modules, http: { default: other } } }).keys();
    expect(keys).toHaveLength(1);
  });
});
