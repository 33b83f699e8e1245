/**
 * Decides whether a JSON Web Token is to be believed, and whom it speaks for (functions.md 7.2).
 * Signatures are jose's work; whose token it is, which keys and algorithms count and what time it is
 * are decided here.
 */
import type { JWTPayload } from "jose";
import type { UserIdentity } from "../server/authentication";
import type { Clock } from "../shared/clock";
import { isInvexError } from "../shared/errors";
import { isIssuedFor, type Provider, parseAuthConfig } from "./auth-config";
import { noProvider, unparsedToken, unverifiedToken } from "./auth-failure";
import { identityOf } from "./identity-claims";
import { type Jose, loadJose } from "./jose";
import { type FetchKeys, KeySet } from "./key-set";

export interface TokenVerifierOptions {
  /**
   * The default export of `auth.config`; absent: nobody is trusted. Asked for with every token until
   * it could be read, so that a module of it is loaded no sooner than needed.
   */
  readonly config: () => unknown;
  readonly clock: Clock;
  readonly fetch: FetchKeys;
}

export interface VerifiedToken {
  /** Frozen: shared by all calls of this token. */
  readonly identity: UserIdentity;
  /** From when on the token is worth nothing, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

interface TrustedProvider {
  readonly provider: Provider;
  readonly keys: KeySet;
}

/** Leeway for the times in tokens of `customJwt` providers. */
const CUSTOM_LEEWAY_S = 5;

const OIDC_ALGORITHMS = ["RS256", "EdDSA"];

export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  #trusted: readonly TrustedProvider[] | undefined;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /**
   * Whom `token` speaks for. Cost: one signature check, and the fetching of keys now and then.
   * @throws InvexError `Unauthenticated` with Convex's text; `OptionsInvalid` when `auth.config` is wrong
   */
  async verify(token: string): Promise<VerifiedToken> {
    const trusted = await this.#providers();
    const jose = await loadJose();
    const { issuer, audience } = claimedOrigin(jose, token);
    const match = trusted.find(({ provider }) => isIssuedFor(provider, issuer, audience));
    if (match === undefined) throw noProvider(trusted.map(({ provider }) => provider));
    const payload = await this.#payload(jose, token, match);
    const identity = Object.freeze(identityOf(payload, match.provider));
    return { identity, expiresAtMs: (payload.exp as number) * 1000 };
  }

  async #payload(jose: Jose, token: string, trusted: TrustedProvider): Promise<JWTPayload> {
    const { provider, keys } = trusted;
    const isCustom = provider.type === "customJwt";
    try {
      const { payload, protectedHeader } = await jose.jwtVerify(token, keys.lookup(jose), {
        algorithms: isCustom ? [provider.algorithm] : OIDC_ALGORITHMS,
        clockTolerance: isCustom ? CUSTOM_LEEWAY_S : 0,
        currentDate: new Date(this.#options.clock.now()),
        requiredClaims: ["iss", "sub", "exp"],
      });
      if (typeof payload.sub !== "string") throw new TypeError('"sub" is no string');
      if (isCustom && protectedHeader.kid === undefined)
        throw new TypeError('no "kid" in the header');
      return payload;
    } catch (error) {
      throw isInvexError(error) ? error : unverifiedToken(error);
    }
  }

  async #providers(): Promise<readonly TrustedProvider[]> {
    if (this.#trusted !== undefined) return this.#trusted;
    const { config, clock, fetch } = this.#options;
    const exported = await config();
    const providers = exported === undefined ? [] : parseAuthConfig(exported);
    // Whoever was first meanwhile has the keys that all share.
    this.#trusted ??= providers.map((provider) => ({
      provider,
      keys: new KeySet(provider, clock, fetch),
    }));
    return this.#trusted;
  }
}

/** Who says to have issued a token, for whom. Nothing of it is believed yet. */
function claimedOrigin(jose: Jose, token: string): { issuer: string; audience: string[] } {
  let claims: JWTPayload;
  try {
    claims = jose.decodeJwt(token);
  } catch (cause) {
    throw unparsedToken(cause);
  }
  const { iss, aud = [] } = claims;
  const audience = Array.isArray(aud) ? aud : [aud];
  if (typeof iss !== "string" || !audience.every((each) => typeof each === "string")) {
    throw unparsedToken();
  }
  return { issuer: iss, audience };
}
