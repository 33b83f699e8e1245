// Who a caller is: claims, vouched-for users, admins, and where an identity stops.

import { describe, expect, it } from "vitest";
import { admitAdmin } from "../../src/auth/admin-key";
import type { Provider } from "../../src/auth/auth-config";
import { identityOf } from "../../src/auth/identity-claims";
import { action, internalMutation, internalQuery, mutation, query, refs } from "../fixtures/lab";
import { createHttpLab, json, post } from "../http/http-lab";

const oidc: Provider = { type: "oidc", domain: "https://i.test", applicationID: "app" };
const custom: Provider = {
  type: "customJwt",
  issuer: "https://i.test",
  jwks: "",
  algorithm: "RS256",
  applicationID: undefined,
};
const base = { iss: "https://i.test", sub: "s", aud: "app", exp: 1, iat: 1, nbf: 1, jti: "j" };
const who = { tokenIdentifier: "https://i.test|s", issuer: "https://i.test", subject: "s" };

describe("claims", () => {
  it("[AUTH18] OpenID's claims get Convex's names", () => {
    const claims = {
      ...{ name: "N", nickname: "NN", email: "e", gender: "g", given_name: "G", family_name: "F" },
      ...{ preferred_username: "P", profile: "pr", picture: "pi", website: "w" },
      ...{ email_verified: true, phone_number: "1", phone_number_verified: false },
      ...{ birthdate: "b", zoneinfo: "z", locale: "l", address: { formatted: "A", region: "R" } },
      updated_at: 1_735_689_600,
    };
    expect(identityOf({ ...base, ...claims }, oidc)).toEqual({
      ...who,
      ...{ name: "N", nickname: "NN", email: "e", gender: "g", givenName: "G", familyName: "F" },
      ...{ preferredUsername: "P", profileUrl: "pr", pictureUrl: "pi", websiteUrl: "w" },
      ...{ emailVerified: true, phoneNumber: "1", phoneNumberVerified: false },
      ...{ birthday: "b", timezone: "z", language: "l", address: "A" },
      updatedAt: "2025-01-01T00:00:00+00:00",
    });
  });

  it("[AUTH19] other claims keep their names and values; protocol claims and nulls are dropped", () => {
    const claims = {
      ...{ role: "admin", "https://x.test/teams": ["a", { b: 1 }], nothing: null },
      ...{ auth_time: 1, nonce: "n", azp: "z", fva: [1, 2], at_hash: "h" },
    };
    expect(identityOf({ ...base, ...claims }, oidc)).toEqual({
      ...who,
      role: "admin",
      "https://x.test/teams": ["a", { b: 1 }],
    });
  });

  it("[AUTH20] custom tokens keep all names, nested ones joined by dots", () => {
    const claims = {
      given_name: "G",
      a: { b: { c: 1 }, d: [{ e: 1 }] },
      nothing: null,
      nonce: "n",
    };
    expect(identityOf({ ...base, ...claims }, custom)).toEqual({
      ...who,
      ...{ given_name: "G", "a.b.c": 1, "a.d": [{ e: 1 }], nonce: "n" },
    });
  });

  it("[AUTH21] no claim can change who the token is for", () => {
    const forged = JSON.parse(
      '{"tokenIdentifier":"x","issuer":"x","subject":"x","__proto__":{"admin":true},"emailVerified":1}',
    );
    for (const provider of [oidc, custom]) {
      const identity = identityOf({ ...base, ...forged }, provider);
      expect(identity).toMatchObject(who);
      expect((identity as { admin?: unknown }).admin).toBeUndefined();
    }
    const mistyped = { ...base, email: { a: 1 }, email_verified: "true", updated_at: 1e300 };
    expect(identityOf(mistyped, oidc)).toEqual(who);
  });
});

const functions = {
  whoami: query(async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null),
  full: query(async (ctx) => ctx.auth.getUserIdentity()),
  hidden: internalQuery(async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null),
  inMutation: mutation(async (ctx) => ctx.runQuery(refs.query("whoami"))),
  inAction: action(async (ctx) => [
    (await ctx.auth.getUserIdentity())?.subject,
    await ctx.runQuery(refs.query("whoami")),
    await ctx.runMutation(refs.mutation("inMutation")),
  ]),
  later: internalMutation(async (ctx) => {
    const identity = await ctx.auth.getUserIdentity();
    await ctx.db.insert("things", { subject: identity?.subject ?? null });
  }),
  schedule: mutation(async (ctx) => {
    await ctx.scheduler.runAfter(0, refs.mutation("later"));
  }),
};

describe("vouched-for users", () => {
  it("[AUTH22] withIdentity fills in what is missing as Convex's tools do", async () => {
    const { backend } = createHttpLab({ functions });
    const attributes = { name: "Ada", email: "a@b.c" };
    // The 32-bit string hash of the JSON, by hand.
    let hash = 0;
    for (const char of JSON.stringify(attributes)) hash = (hash * 31 + char.charCodeAt(0)) | 0;
    expect(await backend.withIdentity(attributes).query("m:full")).toEqual({
      ...attributes,
      subject: String(hash),
      issuer: "https://convex.test",
      tokenIdentifier: `https://convex.test|${hash}`,
    });
    const given = { subject: "s", issuer: "i", tokenIdentifier: "t" };
    expect(await backend.withIdentity(given).query("m:full")).toEqual(given);
  });

  it("[AUTH23] an identity reaches nested calls, and stops at scheduled functions", async () => {
    const { backend } = createHttpLab({ functions });
    const ada = backend.withIdentity({ subject: "ada" });
    expect(await ada.mutation("m:inMutation")).toBe("ada");
    expect(await ada.action("m:inAction")).toEqual(["ada", "ada", "ada"]);
    await ada.mutation("m:schedule");
    await backend.settle();
    const rows = await backend.run((ctx) => ctx.db.query("things").collect());
    expect(rows).toMatchObject([{ subject: null }]);
    expect(await backend.query("m:whoami")).toBeNull();
  });

  it("[AUTH24] requests of withIdentity are that user's, whatever their header says", async () => {
    const { backend } = createHttpLab({ functions, adminKey: "key" });
    const ada = backend.withIdentity({ subject: "ada" });
    const body = { path: "m:whoami", args: {} };
    for (const headers of [{}, { Authorization: "Bearer x" }, { Authorization: "Convex key" }]) {
      expect(await json(post(ada, "/api/query", body, headers))).toEqual([
        200,
        { status: "success", value: "ada" },
      ]);
    }
    const hidden = await json(
      post(ada, "/api/query", { path: "m:hidden", args: {} }, { Authorization: "Convex key" }),
    );
    expect(hidden).toMatchObject([200, { status: "error" }]);
  });
});

describe("admins", () => {
  const encode = (identity: unknown) => Buffer.from(JSON.stringify(identity)).toString("base64");

  it("[AUTH25] the admin key admits, alone or acting as a user", () => {
    expect(admitAdmin("a:b|c", "a:b|c")).toBeNull();
    expect(admitAdmin(`a:b:${encode({ issuer: "i", subject: "s", name: "ü" })}`, "a:b")).toEqual({
      ...{ issuer: "i", subject: "s", tokenIdentifier: "i|s", name: "ü" },
    });
    expect(admitAdmin(`k:${encode({ tokenIdentifier: "i|s|t" })}`, "k")).toEqual({
      ...{ issuer: "i", subject: "s|t", tokenIdentifier: "i|s|t" },
    });
  });

  it("[AUTH26] anything else is refused; without a key nobody is an admin", async () => {
    const refused = ["", "k", "key2", "key:", `kee:${encode({ tokenIdentifier: "i|s" })}`];
    for (const credentials of [
      ...refused,
      `key:${encode({ issuer: "i" })}`,
      `key:${encode(1)}`,
      "key:!!!!",
    ]) {
      expect(() => admitAdmin(credentials, "key")).toThrow();
    }
    expect(() => admitAdmin("key", undefined)).toThrow("The provided admin key was invalid");
    const { backend } = createHttpLab({ functions });
    const body = { path: "m:whoami", args: {} };
    expect(await json(post(backend, "/api/query", body, { Authorization: "Convex key" }))).toEqual([
      403,
      { code: "BadAdminKey", message: "The provided admin key was invalid for this instance" },
    ]);
  });

  it("[AUTH25] an admin calls internal functions as nobody, or as the user", async () => {
    const { backend } = createHttpLab({ functions, adminKey: "key" });
    const ask = async (credentials: string) =>
      (
        await json(
          post(
            backend,
            "/api/query",
            { path: "m:hidden", args: {} },
            { Authorization: credentials },
          ),
        )
      )[1];
    expect(await ask("Convex key")).toEqual({ status: "success", value: null });
    const acting = encode({ issuer: "i", subject: "s" });
    expect(await ask(`convex key:${acting}`)).toEqual({ status: "success", value: "s" });
  });
});
