/**
 * Who is calling, as functions see it, and how `auth.config` names who may say so.
 * Types only: verifying tokens lives in `src/auth`.
 */

import type { JSONValue } from "../values/value";

/** The default export of `auth.config`. */
export type AuthConfig = {
  providers: AuthProvider[];
};

/** One trusted issuer of tokens. */
export type AuthProvider =
  | {
      /** Must be in the token's `aud`. */
      applicationID: string;
      /** Issuer whose OpenID configuration is fetched. A trailing slash does not matter. */
      domain: string;
    }
  | {
      type: "customJwt";
      /** Left out: the token's `aud` is not looked at. */
      applicationID?: string;
      /** Must equal the token's `iss`. */
      issuer: string;
      /** URL, or `data:` URI, of the public keys. */
      jwks: string;
      algorithm: "RS256" | "ES256";
    };

/**
 * The verified caller. OpenID claims come under camelCase names, custom claims under their own.
 *
 * @example
 * const identity = await ctx.auth.getUserIdentity();
 * if (identity === null) throw new Error("Not signed in");
 * identity.tokenIdentifier; // "https://issuer.example|user-1"
 */
export interface UserIdentity {
  /** `issuer` and `subject` joined by `|`: unique among all issuers, stable over sessions. */
  readonly tokenIdentifier: string;
  readonly subject: string;
  readonly issuer: string;
  readonly name?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly nickname?: string;
  readonly preferredUsername?: string;
  readonly profileUrl?: string;
  readonly pictureUrl?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly gender?: string;
  readonly birthday?: string;
  readonly timezone?: string;
  readonly language?: string;
  readonly phoneNumber?: string;
  readonly phoneNumberVerified?: boolean;
  readonly address?: string;
  /** RFC 3339. */
  readonly updatedAt?: string;
  [key: string]: JSONValue | undefined;
}

/** An identity as tests give it: everything but what is derived. */
export type UserIdentityAttributes = Omit<UserIdentity, "tokenIdentifier">;

/** `ctx.auth`. */
export interface Auth {
  /** The caller, or `null` when nobody is signed in. Rejects if a token came and did not verify. */
  getUserIdentity(): Promise<UserIdentity | null>;
}

/** `ctx.auth` in mutations. */
export interface MutationAuth extends Auth {
  /**
   * An ES256 token signed with the backend's own key, which the keys at
   * `${process.env.CONVEX_CLOUD_URL}/.well-known/jwks.json` verify: also after a restart, if anything
   * was ever written to the store. Convex sets
   * `iss`, `iat` and `exp`, and `jti` unless it is given; `aud` is required (functions.md 7.4). Two
   * tokens of the same claims differ. Cost: about a millisecond.
   * @throws InvexError `ArgumentsInvalid`
   * @example
   * const token = await ctx.auth.signJwt({
   *   claims: { sub: userId, aud: "https://api.example" },
   *   expiresInSeconds: 600,
   * });
   */
  signJwt(options: SignJwtOptions): Promise<string>;
}

/** Claims the deployment sets itself. */
export type ReservedJwtClaim = "iss" | "iat" | "exp" | "nbf";

type AnyCase<S extends string> = S extends `${infer First}${infer Rest}`
  ? `${Lowercase<First> | Uppercase<First>}${AnyCase<Rest>}`
  : S;

/** Claim names may not begin with these, whatever the case. */
export type ReservedJwtClaimPrefix = AnyCase<"convex" | "cvx">;

/** Claims of a token to sign. */
export type SignJwtClaims = Record<string, JSONValue> & {
  [Claim in ReservedJwtClaim]?: never;
} & {
  [Claim: `${ReservedJwtClaimPrefix}${string}`]: never;
};

/** What {@link MutationAuth.signJwt} takes. */
export type SignJwtOptions = {
  claims?: SignJwtClaims;
  /** 1 to 3600. */
  expiresInSeconds: number;
};
