/**
 * The admin key: who has it may call internal functions, and act as any user
 * (functions.md 7.3: `<key>` or `<key>:<base64 of an identity>`).
 */
import { equalBytes } from "@noble/ciphers/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as z from "zod/mini";
import type { UserIdentity } from "../server/authentication";
import { toByteArray } from "../values/base64";
import type { JSONValue } from "../values/value";
import { authFailure, badAdminKey } from "./auth-failure";

const identityShape = z.looseObject({
  tokenIdentifier: z.optional(z.string()),
  issuer: z.optional(z.string()),
  subject: z.optional(z.string()),
});

/**
 * Checks what follows `Convex ` in an `Authorization` header.
 *
 * @param adminKey the backend's; `undefined` admits nobody
 * @returns the user to act as, or `null`
 * @throws InvexError `Unauthenticated`
 */
export function admitAdmin(credentials: string, adminKey: string | undefined): UserIdentity | null {
  if (adminKey === undefined) throw badAdminKey();
  if (isSameSecret(credentials, adminKey)) return null;
  // A key may hold colons itself; base64 holds none.
  const colon = credentials.lastIndexOf(":");
  if (colon === -1 || !isSameSecret(credentials.slice(0, colon), adminKey)) throw badAdminKey();
  return actingAs(credentials.slice(colon + 1));
}

/** Takes as long for a wrong key as for the right one. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => sha256(new TextEncoder().encode(text));
  return equalBytes(digest(given), digest(expected));
}

function actingAs(encoded: string): UserIdentity {
  const attributes = parseIdentity(encoded);
  const { tokenIdentifier, issuer, subject } = attributes;
  if (issuer !== undefined && subject !== undefined) {
    return {
      ...attributes,
      issuer,
      subject,
      tokenIdentifier: tokenIdentifier ?? `${issuer}|${subject}`,
    };
  }
  if (tokenIdentifier === undefined) throw invalidIdentity();
  const [issuerPart = "", ...rest] = tokenIdentifier.split("|");
  return {
    ...attributes,
    tokenIdentifier,
    issuer: issuer ?? issuerPart,
    subject: subject ?? rest.join("|"),
  };
}

function parseIdentity(encoded: string) {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(toByteArray(encoded)));
    return z.parse(identityShape, json) as z.infer<typeof identityShape> &
      Record<string, JSONValue>;
  } catch {
    throw invalidIdentity();
  }
}

function invalidIdentity() {
  return authFailure(
    "InvalidAuthHeader",
    "The identity to act as must be base64 of JSON with `tokenIdentifier`, or `issuer` and `subject`.",
  );
}
