/** Who sent a request, by its `Authorization` header (functions.md 7.3), or by the embedder's word. */
import { admitAdmin } from "../auth/admin-key";
import type { TokenVerifier } from "../auth/token-verifier";
import type { RequestOrigin } from "../functions/call-execution";
import type { UserIdentity } from "../server/authentication";
import { type InvexError, isInvexError } from "../shared/errors";

export interface RequestCaller {
  readonly identity: UserIdentity | null;
  /** May call internal functions, and functions of components. */
  readonly isAdmin: boolean;
  /** Why the header was not believed. Then nobody is signed in. */
  readonly problem: InvexError | undefined;
  readonly token: string | null;
}

export const ANONYMOUS: RequestCaller = {
  identity: null,
  isAdmin: false,
  problem: undefined,
  token: null,
};

export interface CallerOptions {
  readonly verifier: TokenVerifier;
  readonly adminKey: string | undefined;
}

/**
 * Reads a request's `Authorization` header. What is wrong with it is part of the answer: whether
 * that ends the request is for the endpoint to say.
 * @param vouched a user the embedder speaks for; then the header does not count
 * @throws only what is no fault of the caller's: a wrong `auth.config`
 */
export async function callerOf(
  request: Request,
  { verifier, adminKey }: CallerOptions,
  vouched: UserIdentity | null,
): Promise<RequestCaller> {
  if (vouched !== null) return { ...ANONYMOUS, identity: vouched };
  const header = request.headers.get("authorization") ?? "";
  const [, scheme = "", credentials = ""] = /^(bearer|convex)\s+(.*)$/i.exec(header) ?? [];
  if (scheme === "") return ANONYMOUS;
  try {
    if (scheme.toLowerCase() === "convex") {
      return { ...ANONYMOUS, identity: admitAdmin(credentials, adminKey), isAdmin: true };
    }
    const { identity } = await verifier.verify(credentials);
    return { ...ANONYMOUS, identity, token: credentials };
  } catch (error) {
    if (!isInvexError(error) || error.code !== "Unauthenticated") throw error;
    return { ...ANONYMOUS, problem: error };
  }
}

/** What functions may ask about the request they run for. */
export function originOf(request: Request, caller: RequestCaller): RequestOrigin {
  const { headers } = request;
  const forwarded = headers.get("x-forwarded-for")?.split(",")[0]?.trim();
  return {
    ip: forwarded || null,
    userAgent: headers.get("user-agent"),
    authToken: caller.token,
    job: undefined,
    authProblem: caller.problem,
  };
}
