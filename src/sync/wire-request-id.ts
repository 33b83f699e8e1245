/** The request id in errors and logs of what a client called: the same on every try (functions.md 8.1). */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { SessionRequest } from "./session-requests";

export function wireRequestId({ sessionId, requestId }: SessionRequest): string {
  const digest = sha256(new TextEncoder().encode(`${sessionId}|${requestId}`));
  return bytesToHex(digest.subarray(0, 8));
}
