// Which tokens are believed, and what those who bring others are told.

import { type AuthConfig, httpRouter } from "invex/server";
import { SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { httpAction, query, refs } from "../fixtures/lab";
import { createHttpLab, json, post } from "../http/http-lab";
import {
  AUDIENCE,
  createKey,
  ISSUER,
  IssuerNetwork,
  payloadOf,
  type SigningKey,
  sign,
  type TokenOptions,
} from "./issuer";

let key: SigningKey;
let otherKey: SigningKey;
let ellipticKey: SigningKey;
let edwardsKey: SigningKey;

beforeAll(async () => {
  key = await createKey("one");
  otherKey = await createKey("two");
  ellipticKey = await createKey("ec", "ES256");
  edwardsKey = await createKey("ed", "EdDSA");
});

const OIDC: AuthConfig = { providers: [{ domain: ISSUER, applicationID: AUDIENCE }] };

const UNVERIFIED =
  "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.";
const UNPARSED =
  "Could not parse JWT payload. Check that the token is a valid JWT format with three base64-encoded parts separated by dots.";
const NO_PROVIDER = `No auth provider found matching the given token. Check that your JWT's issuer and audience match one of your configured providers: [OIDC(domain=${ISSUER}, app_id=${AUDIENCE})]`;

/** A backend that trusts the issuer, and tells who calls. */
function lab(options: Parameters<typeof createHttpLab>[0] = {}, ...keys: SigningKey[]) {
  const seen: unknown[] = [];
  const functions = {
    whoami: query(async (ctx) => {
      const identity = await ctx.auth.getUserIdentity();
      seen.push(identity);
      return identity;
    }),
  };
  const http = httpRouter();
  const handler = httpAction(async (ctx) => {
    const identity = await ctx.auth.getUserIdentity();
    seen.push(identity);
    return Response.json(identity);
  });
  http.route({ path: "/whoami", method: "GET", handler });
  http.route({
    path: "/open",
    method: "GET",
    handler: httpAction(async () => new Response("open")),
  });
  http.route({
    path: "/nested",
    method: "GET",
    handler: httpAction(async (ctx) => Response.json(await ctx.runQuery(refs.query("whoami")))),
  });
  const network = new IssuerNetwork(...(keys.length === 0 ? [key] : keys));
  const { backend, clock } = createHttpLab({
    functions,
    http,
    auth: OIDC,
    fetch: network.fetch,
    ...options,
  });
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const whoami = (token: string) =>
    json(post(backend, "/api/query", { path: "m:whoami", args: {} }, bearer(token)));
  const visit = (path: string, token: string) =>
    json(backend.fetch(path, { headers: bearer(token) }));
  const token = (options?: TokenOptions, signer = key) => sign(signer, clock.now(), options);
  return { backend, clock, network, seen, whoami, visit, token };
}

describe("good tokens", () => {
  it("[AUTH1] an OIDC token of the issuer, for this app, is its subject", async () => {
    const { whoami, token, network } = lab();
    const claims = { name: "Ada", email_verified: true };
    const [status, body] = await whoami(await token({ claims }));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "success",
      value: {
        tokenIdentifier: `${ISSUER}|user-1`,
        issuer: ISSUER,
        subject: "user-1",
        name: "Ada",
        emailVerified: true,
      },
    });
    expect(network.requests).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
      `${ISSUER}/keys`,
    ]);
  });

  it.each([
    ["a slash at the domain's end", `${ISSUER}/`, ISSUER],
    ["a slash at the token's end", ISSUER, `${ISSUER}/`],
    ["a bare domain", "issuer.test", ISSUER],
    ["a bare issuer", ISSUER, "issuer.test"],
  ])("[AUTH2] issuers are compared as URLs: %s", async (_name, domain, issuer) => {
    const { whoami, token } = lab({ auth: { providers: [{ domain, applicationID: AUDIENCE }] } });
    const [status, body] = await whoami(await token({ issuer }));
    expect(status).toBe(200);
    expect(body).toMatchObject({ value: { issuer, tokenIdentifier: `${issuer}|user-1` } });
  });

  it("[AUTH3] the audience may be one of several", async () => {
    const { whoami, token } = lab();
    expect((await whoami(await token({ audience: ["x", AUDIENCE] })))[0]).toBe(200);
  });

  it("[AUTH4] OIDC takes RS256 and EdDSA; a custom provider its own algorithm", async () => {
    const oidc = lab({}, edwardsKey, ellipticKey);
    expect((await oidc.whoami(await oidc.token({}, edwardsKey)))[0]).toBe(200);
    expect((await oidc.whoami(await oidc.token({}, ellipticKey)))[0]).toBe(401);
    const provider = { type: "customJwt", issuer: ISSUER, jwks: `${ISSUER}/keys` } as const;
    const auth: AuthConfig = { providers: [{ ...provider, algorithm: "ES256" }] };
    const custom = lab({ auth }, key, ellipticKey);
    expect((await custom.whoami(await custom.token({}, ellipticKey)))[0]).toBe(200);
    expect((await custom.whoami(await custom.token({}, key)))[0]).toBe(401);
    expect(custom.network.requests).toEqual([`${ISSUER}/keys`]);
  });

  it.each(["application/json", "text/plain;charset=utf-8", ""])(
    "[AUTH5] keys may stand in the config as a data URI of type %j",
    async (type) => {
      const jwks = new IssuerNetwork(key).keySet();
      const uris = [
        `data:${type},${encodeURIComponent(jwks)}`,
        `data:${type};base64,${btoa(jwks)}`,
      ];
      for (const uri of uris) {
        const provider = {
          type: "customJwt",
          issuer: ISSUER,
          algorithm: "RS256",
          jwks: uri,
        } as const;
        const { whoami, token, network } = lab({ auth: { providers: [provider] } });
        expect((await whoami(await token()))[0]).toBe(200);
        expect(network.requests).toEqual([]);
      }
    },
  );

  it("[AUTH6] without applicationID a custom provider does not look at the audience", async () => {
    const provider = {
      type: "customJwt",
      issuer: ISSUER,
      jwks: `${ISSUER}/keys`,
      algorithm: "RS256",
    } as const;
    const open = lab({ auth: { providers: [provider] } });
    expect((await open.whoami(await open.token({ audience: "anything" })))[0]).toBe(200);
    const closed = lab({ auth: { providers: [{ ...provider, applicationID: AUDIENCE }] } });
    const [status, body] = await closed.whoami(await closed.token({ audience: "anything" }));
    expect(status).toBe(401);
    expect((body as { message: string }).message).toContain(
      `[CustomJWT(issuer=${ISSUER}, app_id=${AUDIENCE})]`,
    );
  });

  it("[AUTH7] the module auth.config is read when the first token comes", async () => {
    let reads = 0;
    const network = new IssuerNetwork(key);
    const { backend, clock } = createHttpLab({
      fetch: network.fetch,
      functions: { whoami: query(async (ctx) => (await ctx.auth.getUserIdentity())?.subject) },
      modules: {
        "auth.config": async () => {
          reads += 1;
          return { default: OIDC };
        },
      },
    });
    const ask = (headers = {}) =>
      json(post(backend, "/api/query", { path: "m:whoami", args: {} }, headers));
    await ask();
    expect(reads).toBe(0);
    const headers = { Authorization: `Bearer ${await sign(key, clock.now())}` };
    expect(await ask(headers)).toMatchObject([200, { value: "user-1" }]);
    await ask(headers);
    expect(reads).toBe(1);
  });

  it("[AUTH8] keys that the app itself publishes are asked of the app", async () => {
    const http = httpRouter();
    const url = "https://self.test";
    const publish = (path: string, body: () => unknown) =>
      http.route({ path, method: "GET", handler: httpAction(async () => Response.json(body())) });
    publish("/.well-known/openid-configuration", () => ({ issuer: url, jwks_uri: `${url}/keys` }));
    publish("/keys", () => ({ keys: [key.jwk] }));
    const { whoami, token, network } = lab({
      url,
      http,
      auth: { providers: [{ domain: url, applicationID: AUDIENCE }] },
    });
    expect((await whoami(await token({ issuer: url })))[0]).toBe(200);
    expect(network.requests).toEqual([]);
  });
});

describe("bad tokens", () => {
  type Bad = [name: string, message: string, make: (nowMs: number) => Promise<string> | string];
  const bad: Bad[] = [
    ["expired", UNVERIFIED, (now) => sign(key, now, { expiresAtMs: now - 1000 })],
    ["expiring now", UNVERIFIED, (now) => sign(key, now, { expiresAtMs: now })],
    ["not yet valid", UNVERIFIED, (now) => sign(key, now, { notBeforeMs: now + 60_000 })],
    ["never expiring", UNVERIFIED, (now) => sign(key, now, { expiresAtMs: null })],
    ["without a subject", UNVERIFIED, (now) => sign(key, now, { subject: null })],
    ["for another audience", NO_PROVIDER, (now) => sign(key, now, { audience: "other" })],
    ["of another issuer", NO_PROVIDER, (now) => sign(key, now, { issuer: "https://evil.test" })],
    [
      "of an issuer that looks like ours",
      NO_PROVIDER,
      (now) => sign(key, now, { issuer: `${ISSUER}.evil.test` }),
    ],
    [
      "signed by a stranger under our kid",
      UNVERIFIED,
      (now) => sign(otherKey, now, { kid: "one" }),
    ],
    ["with an unknown kid", UNVERIFIED, (now) => sign(otherKey, now)],
    ["unsigned", UNVERIFIED, (now) => new UnsecuredJWT(payloadOf(now)).encode()],
    [
      "unsigned with a signature",
      UNVERIFIED,
      (now) => `${new UnsecuredJWT(payloadOf(now)).encode()}AAAA`,
    ],
    ["signed with our public key as a secret", UNVERIFIED, (now) => confused(now, key.pem)],
    [
      "signed with our public JWK as a secret",
      UNVERIFIED,
      (now) => confused(now, JSON.stringify(key.jwk)),
    ],
    [
      "with an altered payload",
      UNVERIFIED,
      async (now) => altered(await sign(key, now), { sub: "admin" }),
    ],
    ["with an altered header", UNVERIFIED, async (now) => alteredHeader(await sign(key, now))],
    ["cut short", UNVERIFIED, async (now) => (await sign(key, now)).slice(0, -10)],
    [
      "without its signature",
      UNVERIFIED,
      async (now) => (await sign(key, now)).replace(/[^.]*$/, ""),
    ],
    ["of two parts", UNPARSED, async (now) => (await sign(key, now)).replace(/\.[^.]*$/, "")],
    ["that is no JWT", UNPARSED, () => "not-a-token"],
    ["that is empty", UNPARSED, () => ".."],
    ["whose payload is no JSON", UNPARSED, () => "e30.e.e"],
    ["whose payload is no object", UNPARSED, () => `e30.${btoa("[1]").replaceAll("=", "")}.e`],
    ["without an issuer", UNPARSED, (now) => sign(key, now, { claims: { iss: 1 as never } })],
  ];

  it.each(bad)(
    "[AUTH9] a token %s is refused, and reaches no function as a user",
    async (_, message, make) => {
      const { backend, clock, whoami, visit, seen } = lab();
      const token = await make(clock.now());
      const [status, body] = await whoami(token);
      expect(body).toEqual({ code: expect.any(String), message });
      expect(status).toBe(401);
      const [actionStatus, failure] = await visit("/whoami", token);
      expect(actionStatus).toBe(500);
      expect((failure as { code: string }).code).toContain(message);
      expect((await visit("/nested", token))[0]).toBe(500);
      expect(seen).toEqual([]);
      void backend;
    },
  );

  it("[AUTH10] an HTTP action that asks for nobody answers, whatever the token", async () => {
    const { backend } = lab();
    for (const Authorization of ["Bearer nonsense", "Basic dXNlcg==", "Bearer", "Convex wrong"]) {
      const response = await backend.fetch("/open", { headers: { Authorization } });
      expect(await response.text()).toBe("open");
    }
    const basic = await backend.fetch("/whoami", { headers: { Authorization: "Basic dXNlcg==" } });
    expect(await basic.json()).toBeNull();
  });

  it("[AUTH11] without providers the text says so", async () => {
    const { whoami, token } = lab({ auth: { providers: [] } });
    expect(await whoami(await token())).toEqual([
      401,
      {
        code: "NoAuthProvider",
        message:
          "No auth provider found matching the given token (no providers configured). Check convex/auth.config.ts.",
      },
    ]);
  });

  it("[AUTH12] expiry and leeway follow the backend's clock", async () => {
    const oidc = lab();
    const token = await oidc.token({ expiresAtMs: oidc.clock.now() + 10_000 });
    await oidc.clock.advanceTo(oidc.clock.now() + 9_000);
    expect((await oidc.whoami(token))[0]).toBe(200);
    await oidc.clock.advanceTo(oidc.clock.now() + 1_000);
    expect((await oidc.whoami(token))[0]).toBe(401);
    const provider = {
      type: "customJwt",
      issuer: ISSUER,
      jwks: `${ISSUER}/keys`,
      algorithm: "RS256",
    } as const;
    const custom = lab({ auth: { providers: [provider] } });
    const late = await custom.token({ expiresAtMs: custom.clock.now() + 1_000 });
    await custom.clock.advanceTo(custom.clock.now() + 5_000);
    expect((await custom.whoami(late))[0]).toBe(200);
    await custom.clock.advanceTo(custom.clock.now() + 1_000);
    expect((await custom.whoami(late))[0]).toBe(401);
  });

  it("[AUTH13] a custom provider's token must name its key", async () => {
    const provider = {
      type: "customJwt",
      issuer: ISSUER,
      jwks: `${ISSUER}/keys`,
      algorithm: "RS256",
    } as const;
    const { whoami, token } = lab({ auth: { providers: [provider] } });
    expect((await whoami(await token({ kid: null })))[0]).toBe(401);
    const oidc = lab();
    expect((await oidc.whoami(await oidc.token({ kid: null })))[0]).toBe(200);
  });
});

describe("keys", () => {
  it("[AUTH14] keys are fetched once, by all who need them at the same time, and again after ten minutes", async () => {
    const { whoami, token, network, clock } = lab();
    const tokens = await Promise.all(["a", "b", "c"].map((subject) => token({ subject })));
    await Promise.all(tokens.map(whoami));
    await whoami(await token());
    expect(network.requests).toHaveLength(2);
    await clock.advanceTo(clock.now() + 10 * 60_000);
    await whoami(await token());
    expect(network.requests).toHaveLength(4);
  });

  it("[AUTH15] a rotated key is found, but strangers cannot make the backend fetch at will", async () => {
    const { whoami, token, network, clock } = lab();
    await whoami(await token());
    network.keys = [otherKey];
    expect((await whoami(await token({}, otherKey)))[0]).toBe(401);
    for (let i = 0; i < 20; i++) await whoami(await token({ kid: `guess-${i}` }));
    expect(network.requests).toHaveLength(2);
    await clock.advanceTo(clock.now() + 30_000);
    expect((await whoami(await token({}, otherKey)))[0]).toBe(200);
    expect((await whoami(await token({}, key)))[0]).toBe(401);
    expect(network.requests).toHaveLength(4);
  });

  it("[AUTH16] an issuer that cannot be reached, or answers nonsense, is named; and asked again", async () => {
    const { whoami, token, network } = lab();
    const failing = async (change: () => void) => {
      change();
      const [status, body] = await whoami(await token());
      network.status = 200;
      network.contentType = "application/json";
      network.discoveredIssuer = ISSUER;
      return [status, body] as [number, { code: string; message: string }];
    };
    const cases: [() => void, RegExp][] = [
      [
        () => {
          network.status = 503;
        },
        /answered with status 503/,
      ],
      [
        () => {
          network.contentType = "text/html";
        },
        /content type .* is "text\/html"/,
      ],
      [
        () => {
          network.discoveredIssuer = "https://evil.test";
        },
        /names another issuer/,
      ],
    ];
    for (const [change, reason] of cases) {
      const [status, { code, message }] = await failing(change);
      expect([status, code]).toEqual([401, "AuthProviderDiscoveryFailed"]);
      expect(message).toMatch(/^Auth provider discovery of https:\/\/issuer\.test failed: /);
      expect(message).toMatch(reason);
    }
    expect((await whoami(await token()))[0]).toBe(200);
    const unreachable = { domain: "https://nowhere.test", applicationID: AUDIENCE };
    const lost = lab({ auth: { providers: [unreachable] } });
    const [, body] = await lost.whoami(await lost.token({ issuer: "https://nowhere.test" }));
    expect((body as { message: string }).message).toContain("could not be fetched");
  });
});

describe("the configuration", () => {
  it("[AUTH17] a wrong auth.config is told when a token comes, and harms nobody else", async () => {
    const wrong = { providers: [{ domain: undefined, applicationID: "app" }] };
    const { backend, token } = lab({
      auth: undefined as never,
      modules: { "auth.config": { default: wrong } },
    });
    const body = { path: "m:whoami", args: {} };
    expect((await post(backend, "/api/query", body)).status).toBe(200);
    const headers = { Authorization: `Bearer ${await token()}` };
    const [status, answer] = await json(post(backend, "/api/query", body, headers));
    expect(status).toBe(500);
    expect(answer).toEqual({
      code: "OptionsInvalid",
      message: expect.stringMatching(
        /^auth\.config: `providers\[0\]\.domain` .*environment variable/,
      ),
    });
  });

  it("[AUTH17] a wrong option is refused at once", () => {
    expect(() => lab({ auth: {} as never })).toThrow(/option `auth`/);
  });
});

function confused(nowMs: number, secret: string): Promise<string> {
  return new SignJWT(payloadOf(nowMs))
    .setProtectedHeader({ alg: "HS256", kid: "one" })
    .sign(new TextEncoder().encode(secret));
}

function altered(token: string, change: object): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const next = Buffer.from(JSON.stringify({ ...claims, ...change })).toString("base64url");
  return [header, next, signature].join(".");
}

function alteredHeader(token: string): string {
  const [, ...rest] = token.split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none", kid: "one" })).toString("base64url");
  return [header, ...rest].join(".");
}
