/**
 * From the claims of a verified token to what `ctx.auth.getUserIdentity()` tells (functions.md 7.1).
 * Whether the token is to be believed was decided before.
 */
import type { UserIdentity } from "../server/authentication";
import type { JSONValue } from "../values/value";
import type { Provider } from "./auth-config";

export type Claims = Readonly<Record<string, unknown>>;

/** Of a token itself, not of its subject. */
const REGISTERED = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]);

/** Of the protocol an OpenID token was got by. */
const PROTOCOL = new Set([
  ...["acr", "amr", "at_hash", "auth_time", "azp", "c_hash", "fva", "nonce", "s_hash"],
]);

/** OpenID's standard claims: the name they get, and the only type they are taken in. */
const STANDARD: Readonly<Record<string, readonly [field: string, type: "string" | "boolean"]>> = {
  name: ["name", "string"],
  nickname: ["nickname", "string"],
  email: ["email", "string"],
  gender: ["gender", "string"],
  given_name: ["givenName", "string"],
  family_name: ["familyName", "string"],
  preferred_username: ["preferredUsername", "string"],
  profile: ["profileUrl", "string"],
  picture: ["pictureUrl", "string"],
  website: ["websiteUrl", "string"],
  email_verified: ["emailVerified", "boolean"],
  phone_number: ["phoneNumber", "string"],
  phone_number_verified: ["phoneNumberVerified", "boolean"],
  birthdate: ["birthday", "string"],
  zoneinfo: ["timezone", "string"],
  locale: ["language", "string"],
};

/**
 * The identity of a token's subject. Who it is comes from `iss` and `sub` alone, whatever other
 * claims are called. `null` claims are left out. Cost: O(claims).
 */
export function identityOf(claims: Claims, provider: Provider): UserIdentity {
  const issuer = claims.iss as string;
  const subject = claims.sub as string;
  const fields =
    provider.type === "customJwt"
      ? flattened(Object.entries(claims).filter(([name]) => !REGISTERED.has(name)))
      : openIdFields(claims);
  const known = fields.filter(([, value]) => value !== null && value !== undefined);
  return {
    ...(Object.fromEntries(known) as Record<string, JSONValue>),
    tokenIdentifier: `${issuer}|${subject}`,
    subject,
    issuer,
  };
}

type Field = [name: string, value: unknown];

function openIdFields(claims: Claims): Field[] {
  const custom: Field[] = [];
  const standard: Field[] = [];
  for (const [name, value] of Object.entries(claims)) {
    if (REGISTERED.has(name) || PROTOCOL.has(name)) continue;
    const [field, type] = Object.hasOwn(STANDARD, name) ? (STANDARD[name] ?? []) : [];
    if (field === undefined) custom.push(...customField(name, value));
    else if (typeof value === type) standard.push([field, value]);
  }
  return [...custom, ...standard];
}

/** Claims that are no plain renaming: two standard ones, and whatever the issuer made up. */
function customField(name: string, value: unknown): Field[] {
  if (name === "address") {
    const formatted = isObject(value) ? value.formatted : undefined;
    return typeof formatted === "string" ? [["address", formatted]] : [];
  }
  if (name === "updated_at")
    return typeof value === "number" ? [["updatedAt", rfc3339(value)]] : [];
  return [[name, value]];
}

/** Seconds since the epoch as Convex writes them: `2025-01-01T00:00:00+00:00`. */
function rfc3339(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return date.toISOString().replace(/(?:\.000)?Z$/, "+00:00");
}

/** Nested objects by the path of each leaf: `{ a: { b: 1 } }` is `"a.b"`. Arrays are leaves. */
function flattened(entries: readonly Field[], prefix = ""): Field[] {
  return entries.flatMap(([name, value]): Field[] => {
    const path = `${prefix}${name}`;
    return isObject(value) ? flattened(Object.entries(value), `${path}.`) : [[path, value]];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
