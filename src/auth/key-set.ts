/**
 * The public keys of one provider: fetched when first needed, kept for ten minutes, fetched again
 * when a token names a key that is not among them (the provider has rotated), but not more often
 * than every thirty seconds. All by the backend's clock.
 */
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import * as z from "zod/mini";
import { toDotPath } from "zod/v4/core";
import type { Clock } from "../shared/clock";
import type { InvexError } from "../shared/errors";
import { issuerUrl, type Provider } from "./auth-config";
import { discoveryFailed } from "./auth-failure";
import type { Jose } from "./jose";

/** How keys and OpenID configurations are fetched. Owes its own timeouts. */
export type FetchKeys = (url: string) => Promise<Response>;

const MAX_AGE_MS = 10 * 60_000;
const COOLDOWN_MS = 30_000;
const KEY_SET_TYPES = ["application/json", "application/jwk-set+json"];

const openIdShape = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

interface Loaded {
  readonly keyFor: JWTVerifyGetKey;
  readonly atMs: number;
}

export class KeySet {
  readonly #provider: Provider;
  readonly #clock: Clock;
  readonly #fetch: FetchKeys;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;

  constructor(provider: Provider, clock: Clock, fetch: FetchKeys) {
    this.#provider = provider;
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /**
   * A lookup of keys by a token's header, for `jose.jwtVerify`.
   * @throws InvexError `Unauthenticated` when the keys cannot be had; nothing of that is kept
   */
  lookup(jose: Jose): JWTVerifyGetKey {
    return async (header, token) => {
      const loaded = await this.#current(jose);
      try {
        return await loaded.keyFor(header, token);
      } catch (error) {
        if (!this.#mayBeNew(error, loaded)) throw error;
        const fresh = await this.#load(jose);
        return fresh.keyFor(header, token);
      }
    };
  }

  /** Whether the key could be one that was published since. */
  #mayBeNew(error: unknown, { atMs }: Loaded): boolean {
    const isUnknown = (error as { code?: unknown }).code === "ERR_JWKS_NO_MATCHING_KEY";
    return isUnknown && this.#clock.now() - atMs >= COOLDOWN_MS;
  }

  #current(jose: Jose): Loaded | Promise<Loaded> {
    const loaded = this.#loaded;
    if (loaded !== undefined && this.#clock.now() - loaded.atMs < MAX_AGE_MS) return loaded;
    return this.#load(jose);
  }

  /** Callers that need the keys at the same time share one fetch. */
  #load(jose: Jose): Promise<Loaded> {
    this.#loading ??= this.#loadNow(jose).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadNow(jose: Jose): Promise<Loaded> {
    const keys = await this.#readKeys(await this.#keysUrl());
    const keyFor = jose.createLocalJWKSet(keys);
    this.#loaded = { keyFor, atMs: this.#clock.now() };
    return this.#loaded;
  }

  async #keysUrl(): Promise<string> {
    const provider = this.#provider;
    if (provider.type === "customJwt") return provider.jwks;
    const base = issuerUrl(provider.domain);
    const response = await this.#get(`${base}/.well-known/openid-configuration`);
    const configuration = await this.#parse(openIdShape, response);
    if (issuerUrl(configuration.issuer) !== base) {
      throw this.#failed(`its configuration names another issuer, ${configuration.issuer}`);
    }
    return configuration.jwks_uri;
  }

  async #readKeys(url: string): Promise<JSONWebKeySet> {
    const response = await this.#get(url);
    const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!url.startsWith("data:") && !KEY_SET_TYPES.includes(type)) {
      throw this.#failed(
        `the content type of ${url} is ${type === "" ? "missing" : `"${type}"`}; expected ${KEY_SET_TYPES.join(" or ")}`,
      );
    }
    return (await this.#parse(keySetShape, response)) as unknown as JSONWebKeySet;
  }

  async #get(url: string): Promise<Response> {
    if (url.startsWith("data:")) return readDataUri(url, (reason) => this.#failed(reason));
    let response: Response;
    try {
      response = await this.#fetch(url);
    } catch (cause) {
      throw this.#failed(`${url} could not be fetched`, cause);
    }
    if (!response.ok) throw this.#failed(`${url} answered with status ${response.status}`);
    return response;
  }

  async #parse<T>(shape: z.ZodMiniType<T>, response: Response): Promise<T> {
    let json: unknown;
    try {
      json = await response.json();
    } catch (cause) {
      throw this.#failed("its answer is not JSON", cause);
    }
    const parsed = z.safeParse(shape, json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = toDotPath(issue?.path ?? []);
    throw this.#failed(`its answer is malformed: ${where}: ${issue?.message ?? "invalid"}`);
  }

  #failed(reason: string, cause?: unknown): InvexError {
    const provider = this.#provider;
    const issuer = provider.type === "oidc" ? issuerUrl(provider.domain) : provider.issuer;
    return discoveryFailed(issuer, reason, cause);
  }
}

/** `data:[type][;base64],content`. */
function readDataUri(uri: string, failed: (reason: string) => InvexError): Response {
  const [, head = "", content = ""] = /^data:([^,]*),(.*)$/s.exec(uri) ?? [];
  try {
    const text = /;base64$/i.test(head) ? atob(decodeURIComponent(content)) : undefined;
    return new Response(
      text === undefined
        ? decodeURIComponent(content)
        : Uint8Array.from(text, (character) => character.charCodeAt(0)),
    );
  } catch {
    throw failed("its data URI is malformed");
  }
}
