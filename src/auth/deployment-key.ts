/**
 * The key a backend signs tokens with (functions.md 7.4): ES256 on P-256, made of the backend's own
 * secret, so that it is the same as long as its data is, and nothing more has to be kept. Signatures
 * are jose's work; so is telling the public key, which the private one implies.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { CryptoKey } from "jose";
import { fromByteArray } from "../values/base64";
import { loadJose } from "./jose";

/** A public key as the JWKS at `/.well-known/jwks.json` lists it. */
export interface DeploymentJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  /** The key's thumbprint (RFC 7638). */
  readonly kid: string;
  readonly alg: "ES256";
  readonly use: "sig";
}

interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly jwk: DeploymentJwk;
}

export class DeploymentKey {
  readonly #secret: Uint8Array;
  #pair: Promise<KeyPair> | undefined;

  /** @param secret 32 bytes that nobody else knows */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** A compact JWT of `claims`, as they are. Two of the same claims differ: ECDSA draws a number. */
  async sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const { SignJWT } = await loadJose();
    const { privateKey, jwk } = await this.#keys();
    const header = { alg: "ES256", typ: "JWT", kid: jwk.kid };
    return new SignJWT({ ...claims }).setProtectedHeader(header).sign(privateKey);
  }

  /** What verifies it. */
  async jwks(): Promise<{ keys: DeploymentJwk[] }> {
    return { keys: [(await this.#keys()).jwk] };
  }

  #keys(): Promise<KeyPair> {
    this.#pair ??= openKey(this.#secret);
    return this.#pair;
  }
}

async function openKey(secret: Uint8Array): Promise<KeyPair> {
  const { calculateJwkThumbprint, exportJWK, importPKCS8 } = await loadJose();
  const privateKey = await importPKCS8(pemOf(scalarOf(secret)), "ES256", { extractable: true });
  const { x = "", y = "" } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint({ kty: "EC", crv: "P-256", x, y });
  return { privateKey, jwk: { kty: "EC", crv: "P-256", x, y, kid, alg: "ES256", use: "sig" } };
}

/**
 * A private key is any number from 1 to the order of the curve, which begins with 32 set bits: all
 * but one hash in four billion are one, and clearing a bit makes it certain.
 */
function scalarOf(secret: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode("invex deployment key");
  const scalar = sha256(new Uint8Array([...label, ...secret]));
  scalar[0] = (scalar[0] ?? 0) & 0x7f;
  return scalar;
}

/** What comes before the 32 bytes of a P-256 key in PKCS #8, with the public key left out. */
const PKCS8_HEAD = [
  ...[
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
  ],
  ...[
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
  ],
  ...[0x01, 0x04, 0x20],
];

function pemOf(scalar: Uint8Array): string {
  const body = fromByteArray(new Uint8Array([...PKCS8_HEAD, ...scalar]));
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
}
