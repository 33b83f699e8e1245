/**
 * `auth.config`, parsed: which issuers' tokens are believed. What a provider's keys are and whether
 * a token is good is `token-verifier.ts`'s business.
 */

import * as z from "zod/mini";
import { toDotPath } from "zod/v4/core";
import { userError } from "../shared/errors";

/** An issuer that publishes an OpenID configuration. */
export interface OidcProvider {
  readonly type: "oidc";
  /** As given: a URL, or a bare domain. */
  readonly domain: string;
  readonly applicationID: string;
}

/** An issuer whose keys and algorithm are told. */
export interface CustomJwtProvider {
  readonly type: "customJwt";
  readonly issuer: string;
  /** A URL or a `data:` URI. */
  readonly jwks: string;
  readonly algorithm: "RS256" | "ES256";
  /** Absent: a token's `aud` is not looked at. */
  readonly applicationID: string | undefined;
}

export type Provider = OidcProvider | CustomJwtProvider;

const text = z.string().check(z.minLength(1));

const configShape = z.object({ providers: z.array(z.looseObject({})) });

const oidcShape = z.object({ domain: text, applicationID: text });

const customShape = z.object({
  issuer: text,
  jwks: text,
  algorithm: z.enum(["RS256", "ES256"]),
  applicationID: z.optional(text),
});

/**
 * Reads the default export of `auth.config`, or the option `auth`.
 * @throws InvexError `OptionsInvalid`, naming the provider and the field
 */
export function parseAuthConfig(config: unknown): readonly Provider[] {
  const { providers } = parse(configShape, config, []);
  return providers.map(parseProvider);
}

function parseProvider(provider: Record<string, unknown>, index: number): Provider {
  const where = ["providers", index];
  if (provider.type !== "customJwt") {
    return { type: "oidc", ...parse(oidcShape, provider, where) };
  }
  const { issuer, jwks, algorithm, applicationID } = parse(customShape, provider, where);
  return { type: "customJwt", issuer, jwks, algorithm, applicationID };
}

/** Whether a token that names this issuer and these audiences is this provider's to judge. */
export function isIssuedFor(
  provider: Provider,
  issuer: string,
  audience: readonly string[],
): boolean {
  if (provider.type === "oidc") {
    return (
      issuerUrl(issuer) === issuerUrl(provider.domain) && audience.includes(provider.applicationID)
    );
  }
  const { applicationID } = provider;
  const isForUs = applicationID === undefined || audience.includes(applicationID);
  return issuer === provider.issuer && isForUs;
}

/** An issuer as a URL without a slash at its end: how OIDC issuers are compared. */
export function issuerUrl(issuer: string): string {
  const url = /^https?:\/\//.test(issuer) ? issuer : `https://${issuer}`;
  return url.replace(/\/$/, "");
}

/** As Convex's text about a token that nobody answers for lists it. */
export function printProvider(provider: Provider): string {
  if (provider.type === "oidc") {
    return `OIDC(domain=${provider.domain}, app_id=${provider.applicationID})`;
  }
  const { issuer, applicationID } = provider;
  const application = applicationID === undefined ? "" : `, app_id=${applicationID}`;
  return `CustomJWT(issuer=${issuer}${application})`;
}

function parse<T>(shape: z.ZodMiniType<T>, value: unknown, at: readonly (string | number)[]): T {
  const parsed = z.safeParse(shape, value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [...at, ...(issue?.path ?? [])];
  const where = path.length === 0 ? "" : ` \`${toDotPath(path)}\``;
  throw userError(
    "OptionsInvalid",
    `auth.config:${where} ${issue?.message ?? "invalid"}. If it comes from an environment variable, that may not be set.`,
    { path },
  );
}
