/**
 * The claims of a token that a mutation asks for: checked in Convex's order and words (functions.md
 * 7.4), and completed with those that Convex sets itself.
 */
import { userError } from "../shared/errors";

/** What Convex sets or adds. */
export interface TokenContext {
  /** The backend's URL; in a component with the component's path behind it. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** A name no other token has; drawn only for tokens that bring none. */
  createId(): string;
}

const MAX_LIFETIME_S = 3_600;
const SET_BY_CONVEX = ["iss", "iat", "exp"];
const RESERVED_PREFIXES = ["convex", "cvx"];
/** Longest token, in characters. */
const MAX_TOKEN_LENGTH = 8_000;

type Claims = Record<string, unknown>;

/**
 * The payload of a token.
 * @param options what `ctx.auth.signJwt` was given; as JSON from here on
 * @throws InvexError `ArgumentsInvalid`
 */
export function tokenPayload(options: unknown, context: TokenContext): Claims {
  const { claims = {}, expiresInSeconds } = asJSON(options);
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw invalid("Invalid arguments for auth.signJwt: claims must be an object");
  }
  if (typeof expiresInSeconds !== "number" || expiresInSeconds < 1) {
    throw invalid(
      "Invalid arguments for auth.signJwt: expiresInSeconds must be a number of seconds, at least 1",
    );
  }
  const own = claims as Claims;
  checkNames(own);
  checkText(own, "sub");
  checkText(own, "jti");
  if (Object.hasOwn(own, "nbf")) {
    throw invalid("The 'nbf' claim is reserved by Convex and can't be provided");
  }
  checkAudience(own);
  const lifetime = Math.floor(expiresInSeconds);
  if (lifetime > MAX_LIFETIME_S) {
    throw invalid(`expiresInSeconds must be between 1 second and ${MAX_LIFETIME_S} seconds`);
  }
  const iat = Math.floor(context.nowMs / 1000);
  const jti = own.jti ?? context.createId();
  return { ...own, jti, iss: context.issuer, iat, exp: iat + lifetime };
}

/** @throws InvexError `ArgumentsInvalid` */
export function checkTokenLength(token: string): string {
  if (token.length <= MAX_TOKEN_LENGTH) return token;
  throw invalid(`The token is ${token.length} bytes, over the ${MAX_TOKEN_LENGTH} byte limit`);
}

/** What a wire would leave of it: claims are JSON. */
function asJSON(options: unknown): Claims {
  try {
    return JSON.parse(JSON.stringify(options ?? {})) as Claims;
  } catch (error) {
    throw invalid(`Invalid arguments for auth.signJwt: ${(error as Error).message}`);
  }
}

function checkNames(claims: Claims): void {
  for (const name of SET_BY_CONVEX) {
    if (Object.hasOwn(claims, name)) {
      throw invalid(`The '${name}' claim is set by Convex and can't be provided`);
    }
  }
  const isReserved = (name: string) =>
    RESERVED_PREFIXES.some((prefix) => name.toLowerCase().startsWith(prefix));
  const reserved = Object.keys(claims).find(isReserved);
  if (reserved === undefined) return;
  throw invalid(
    `The '${reserved}' claim can't be provided: claim names starting with 'convex' or 'cvx' are reserved`,
  );
}

function checkText(claims: Claims, name: "sub" | "jti"): void {
  if (!Object.hasOwn(claims, name) || isText(claims[name])) return;
  throw invalid(`The '${name}' claim must be a non-empty string`);
}

function checkAudience({ aud }: Claims): void {
  if (aud === undefined) {
    throw invalid("The 'aud' claim is required. Set it to the audience that verifies the token.");
  }
  const isRight = Array.isArray(aud) ? aud.length > 0 && aud.every(isText) : isText(aud);
  if (isRight) return;
  throw invalid(
    "The 'aud' claim must be a non-empty string or a non-empty array of non-empty strings",
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function invalid(message: string): Error {
  return userError("ArgumentsInvalid", message);
}
