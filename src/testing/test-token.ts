/** The token that a test's identity pretends to come from: unsigned, claims as OpenID names them. */
import type { UserIdentity } from "../server/authentication";
import { fromByteArray } from "../values/base64";

const CLAIMS: Readonly<Record<string, string>> = {
  subject: "sub",
  issuer: "iss",
  givenName: "given_name",
  familyName: "family_name",
  preferredUsername: "preferred_username",
  profileUrl: "profile",
  pictureUrl: "picture",
  emailVerified: "email_verified",
  birthday: "birthdate",
  timezone: "zoneinfo",
  language: "locale",
  phoneNumber: "phone_number",
  phoneNumberVerified: "phone_number_verified",
  updatedAt: "updated_at",
};

/** A JWT with algorithm `none`. Every claim that the identity holds is in it. */
export function unsignedToken(identity: UserIdentity): string {
  const claims = Object.entries(identity)
    .filter(([name, value]) => name !== "tokenIdentifier" && value !== undefined)
    .map(([name, value]) => [Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : name, value]);
  const own = { iss: identity.issuer, sub: identity.subject };
  const payload = { ...Object.fromEntries(claims), ...own };
  return `${encode({ alg: "none", typ: "JWT" })}.${encode(payload)}.`;
}

function encode(part: object): string {
  const base64 = fromByteArray(new TextEncoder().encode(JSON.stringify(part)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
