/** Whom a session speaks for, by its last `Authenticate` (functions.md 9.2). */
import type { VerifiedToken } from "../auth/token-verifier";
import { type RequestOrigin, UNKNOWN_ORIGIN } from "../functions/call-execution";
import type { UserIdentity } from "../server/authentication";
import { fromByteArray } from "../values/base64";
import type { AuthenticateMessage } from "./protocol";

export interface SyncCaller {
  readonly identity: UserIdentity | null;
  /** May call internal functions, and functions of components. */
  readonly isAdmin: boolean;
  readonly token: string | null;
  /** From when on the caller is nobody any more, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export const NOBODY: SyncCaller = {
  identity: null,
  isAdmin: false,
  token: null,
  expiresAtMs: Number.POSITIVE_INFINITY,
};

/** Those who know whom to believe. Both throw `InvexError` with the code `Unauthenticated`. */
export interface SyncAuth {
  readonly verify: (token: string) => Promise<VerifiedToken>;
  /** @param credentials as in an `Authorization: Convex …` header */
  readonly admit: (credentials: string) => UserIdentity | null;
}

/** @throws what `auth` throws */
export function callerFor(
  message: AuthenticateMessage,
  auth: SyncAuth,
): SyncCaller | Promise<SyncCaller> {
  switch (message.tokenType) {
    case "None":
      return NOBODY;
    case "User":
      return userFor(message.value, auth);
    case "Admin": {
      const actingAs = message.impersonating ?? message.actingAs;
      const suffix = actingAs ? `:${base64(JSON.stringify(actingAs))}` : "";
      return { ...NOBODY, identity: auth.admit(message.value + suffix), isAdmin: true };
    }
  }
}

async function userFor(token: string, auth: SyncAuth): Promise<SyncCaller> {
  const { identity, expiresAtMs } = await auth.verify(token);
  return { identity, isAdmin: false, token, expiresAtMs };
}

function base64(text: string): string {
  return fromByteArray(new TextEncoder().encode(text));
}

/** What functions may ask about the request they run for. */
export function originOf({ token }: SyncCaller): RequestOrigin {
  return { ...UNKNOWN_ORIGIN, authToken: token };
}
