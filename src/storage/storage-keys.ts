/**
 * What must not be guessed: the UUIDs in files' URLs, and the tokens that allow uploads. Both are
 * keyed hashes under the backend's secret, so they survive a restart with it and nothing is stored.
 */
import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Random } from "../shared/random";
import { fromByteArrayUrlSafeNoPadding, toByteArray } from "../values/base64";

/** How long an upload URL is good for. */
export const UPLOAD_URL_LIFETIME_MS = 60 * 60_000;

/** What an upload token says; or why it says nothing. */
export type UploadPermit =
  | { readonly kind: "good"; readonly component: string }
  | { readonly kind: "expired" }
  | { readonly kind: "invalid" };

const TAG_BYTES = 16;
const TIME_BYTES = 8;
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export class StorageKeys {
  readonly #secret: Uint8Array;
  /** Derived at their first use: most backends never see a file. */
  #tokenKeyBytes: Uint8Array | undefined;
  #uuidKeyBytes: Uint8Array | undefined;

  /** @param secret 32 secret bytes; those of another purpose will do, the keys are derived */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  get #tokenKey(): Uint8Array {
    this.#tokenKeyBytes ??= hmac(sha256, this.#secret, utf8.encode("invex upload token"));
    return this.#tokenKeyBytes;
  }

  get #uuidKey(): Uint8Array {
    this.#uuidKeyBytes ??= hmac(sha256, this.#secret, utf8.encode("invex file uuid"));
    return this.#uuidKeyBytes;
  }

  /** A UUID nobody can guess who knows what `random` gave before. */
  newUuid(random: Random): string {
    const bytes = hmac(sha256, this.#uuidKey, random.bytes(16)).subarray(0, 16);
    // Version 4, variant 1: random ones.
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /** A token for uploads to `component`, good for {@link UPLOAD_URL_LIFETIME_MS}. */
  uploadToken(component: string, nowMs: number): string {
    const content = new Uint8Array([...new Uint8Array(TIME_BYTES), ...utf8.encode(component)]);
    new DataView(content.buffer).setFloat64(0, nowMs + UPLOAD_URL_LIFETIME_MS);
    return fromByteArrayUrlSafeNoPadding(new Uint8Array([...this.#tagOf(content), ...content]));
  }

  /** Reads a token that `uploadToken` made under the same secret. Never throws. */
  readUploadToken(token: string, nowMs: number): UploadPermit {
    const bytes = bytesOf(token);
    if (bytes === undefined || bytes.length < TAG_BYTES + TIME_BYTES) return { kind: "invalid" };
    const content = bytes.slice(TAG_BYTES);
    if (!equalBytes(bytes.subarray(0, TAG_BYTES), this.#tagOf(content))) return { kind: "invalid" };
    const expiresAtMs = new DataView(content.buffer).getFloat64(0);
    if (nowMs > expiresAtMs) return { kind: "expired" };
    return { kind: "good", component: fromUtf8.decode(content.subarray(TIME_BYTES)) };
  }

  #tagOf(content: Uint8Array): Uint8Array {
    return hmac(sha256, this.#tokenKey, content).subarray(0, TAG_BYTES);
  }
}

/** The bytes behind `token`; the one spelling `uploadToken` uses is the only one taken. */
function bytesOf(token: string): Uint8Array<ArrayBuffer> | undefined {
  const padded = token + "=".repeat((4 - (token.length % 4)) % 4);
  const bytes = toByteArray(padded);
  return fromByteArrayUrlSafeNoPadding(bytes) === token ? bytes : undefined;
}
