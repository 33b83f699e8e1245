/** Identities that an embedder vouches for, completed as Convex's tools complete them. */
import type { UserIdentity } from "../server/authentication";
import type { JSONValue } from "../values/value";

/** Whatever is known of a user. */
export interface IdentityAttributes {
  readonly subject?: string;
  readonly issuer?: string;
  readonly tokenIdentifier?: string;
  readonly [claim: string]: JSONValue | undefined;
}

const TEST_ISSUER = "https://convex.test";

/**
 * An identity from whatever attributes are known: a subject hashed from them, a test issuer, and the
 * token identifier made of both, each unless given (functions.md 7.5).
 *
 * @example
 * completeIdentity({ name: "Ada" }).issuer // "https://convex.test"
 */
export function completeIdentity(attributes: IdentityAttributes): UserIdentity {
  const subject = attributes.subject ?? String(hash(JSON.stringify(attributes)));
  const issuer = attributes.issuer ?? TEST_ISSUER;
  const tokenIdentifier = attributes.tokenIdentifier ?? `${issuer}|${subject}`;
  return { ...(attributes as Record<string, JSONValue>), subject, issuer, tokenIdentifier };
}

/** A 32-bit hash: enough to tell test users apart. */
function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) | 0;
  return value;
}
