// Tokens of an issuer whose keys the backend is told: real signatures, times as the test likes.

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { onTestFinished, vi } from "vitest";

const ISSUER = "https://issuer.test";

export interface Issuer {
  /** For the option `auth`. */
  readonly auth: { providers: object[] };
  /** Valid from now for so many seconds; `name` becomes a claim. */
  token(name: string, nowMs: number, lifetimeS?: number): Promise<string>;
}

export async function createIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" };
  const keys = encodeURIComponent(JSON.stringify({ keys: [jwk] }));
  const provider = {
    type: "customJwt",
    issuer: ISSUER,
    jwks: `data:application/json,${keys}`,
    algorithm: "ES256",
  };
  return {
    auth: { providers: [provider] },
    token: (name, nowMs, lifetimeS = 3600) => {
      const now = Math.floor(nowMs / 1000);
      return new SignJWT({ name })
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .setIssuer(ISSUER)
        .setSubject(name)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeS)
        .sign(privateKey);
    },
  };
}

/** Signatures are checked in another thread. @returns how many have been, since this call. */
export function watchVerifications(): () => number {
  const verify = vi.spyOn(crypto.subtle, "verify");
  onTestFinished(() => verify.mockRestore());
  return () => verify.mock.settledResults.filter(({ type }) => type !== "incomplete").length;
}
