// A token issuer for tests: keys, a network that serves them, and tokens of every quality.

import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export const ISSUER = "https://issuer.test";
export const AUDIENCE = "app";

type Algorithm = "RS256" | "ES256" | "EdDSA";

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  /** The public key as text, which a confused verifier could take for a secret. */
  readonly pem: string;
}

export async function createKey(kid: string, algorithm: Algorithm = "RS256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, jwk, pem: await exportSPKI(publicKey) };
}

export interface TokenOptions {
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly subject?: string | null;
  /** Milliseconds of the backend's clock. */
  readonly expiresAtMs?: number | null;
  readonly notBeforeMs?: number;
  readonly kid?: string | null;
  readonly claims?: JWTPayload;
}

export function sign(key: SigningKey, nowMs: number, options: TokenOptions = {}): Promise<string> {
  const { claims, kid = key.kid } = options;
  const { privateKey, algorithm: alg } = key;
  const jwt = new SignJWT(payloadOf(nowMs, { ...options, ...(claims && { claims }) }));
  return jwt.setProtectedHeader(kid === null ? { alg } : { alg, kid }).sign(privateKey);
}

export function payloadOf(nowMs: number, options: TokenOptions = {}): JWTPayload {
  const { issuer = ISSUER, audience = AUDIENCE, subject = "user-1" } = options;
  const { expiresAtMs = nowMs + 60_000, notBeforeMs, claims = {} } = options;
  const iat = Math.floor(nowMs / 1000);
  return {
    iss: issuer,
    aud: audience,
    iat,
    ...(subject === null ? {} : { sub: subject }),
    ...(expiresAtMs === null ? {} : { exp: expiresAtMs / 1000 }),
    ...(notBeforeMs === undefined ? {} : { nbf: notBeforeMs / 1000 }),
    ...claims,
  };
}

/** The issuer's side of the network; anything else is unreachable. */
export class IssuerNetwork {
  readonly requests: string[] = [];
  keys: SigningKey[];
  contentType = "application/json";
  status = 200;
  discoveredIssuer = ISSUER;

  constructor(...keys: SigningKey[]) {
    this.keys = keys;
  }

  readonly fetch = async (url: string): Promise<Response> => {
    this.requests.push(url);
    const init = { status: this.status, headers: { "Content-Type": this.contentType } };
    if (url === `${ISSUER}/.well-known/openid-configuration`) {
      const configuration = { issuer: this.discoveredIssuer, jwks_uri: `${ISSUER}/keys` };
      return new Response(JSON.stringify(configuration), init);
    }
    if (url === `${ISSUER}/keys`) return new Response(this.keySet(), init);
    throw new TypeError("fetch failed");
  };

  keySet(): string {
    return JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) });
  }
}
