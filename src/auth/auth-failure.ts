/** Why a caller was not let in: Convex's texts (functions.md 7.2), with Convex's short codes. */
import { InvexError } from "../shared/errors";
import { type Provider, printProvider } from "./auth-config";

/** What HTTP answers and socket messages call the failure. */
export type AuthFailureCode =
  | "AuthProviderDiscoveryFailed"
  | "BadAdminKey"
  | "InvalidAuthHeader"
  | "NoAuthProvider"
  | "TokenExpired";

const UNVERIFIED =
  "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.";

const UNPARSED =
  "Could not parse JWT payload. Check that the token is a valid JWT format with three base64-encoded parts separated by dots.";

/** It is no JWT, or says not who issued it for whom. */
export function unparsedToken(cause?: unknown): InvexError {
  return authFailure("InvalidAuthHeader", UNPARSED, cause);
}

/** Its signature, its times or its claims are wrong; `cause` says which. */
export function unverifiedToken(cause?: unknown): InvexError {
  return authFailure("InvalidAuthHeader", UNVERIFIED, cause);
}

/** Nobody among the providers answers for it. */
export function noProvider(providers: readonly Provider[]): InvexError {
  const message =
    providers.length === 0
      ? "No auth provider found matching the given token (no providers configured). Check convex/auth.config.ts."
      : `No auth provider found matching the given token. Check that your JWT's issuer and audience match one of your configured providers: [${providers.map(printProvider).join(", ")}]`;
  return authFailure("NoAuthProvider", message);
}

/** The provider's keys could not be had. */
export function discoveryFailed(issuer: string, reason: string, cause?: unknown): InvexError {
  return authFailure(
    "AuthProviderDiscoveryFailed",
    `Auth provider discovery of ${issuer} failed: ${reason}`,
    cause,
  );
}

export function badAdminKey(): InvexError {
  return authFailure("BadAdminKey", "The provided admin key was invalid for this instance");
}

/** A failure of any kind; `fields.failure` holds its short code. */
export function authFailure(
  failure: AuthFailureCode,
  message: string,
  cause?: unknown,
): InvexError {
  return new InvexError("Unauthenticated", message, { fields: { failure }, cause });
}
