/** What tells two results of a query apart without having both: for sessions that were resumed. */
import { sha256 } from "@noble/hashes/sha2.js";
import type { QueryResult } from "../reactivity/ports";
import { fromByteArray } from "../values/base64";
import { convexToJson } from "../values/convex-json";
import { printValue } from "./server-message";

/** Enough that nobody finds two results of one hash. */
const HASH_BYTES = 16;

interface Hashed {
  readonly logLines: readonly string[];
  readonly hash: string;
}

/** For as long as the results themselves live: several sessions get the same ones. */
const hashes = new WeakMap<QueryResult, Hashed>();

/** Equal for what `isSameResult` and `isSameLog` call the same. Cost: O(result), once. */
export function hashResult(result: QueryResult, logLines: readonly string[]): string {
  const known = hashes.get(result);
  if (known !== undefined && known.logLines === logLines) return known.hash;
  const text = `${printResult(result)}\n${JSON.stringify(logLines)}`;
  const digest = sha256(new TextEncoder().encode(text)).subarray(0, HASH_BYTES);
  const hash = fromByteArray(digest);
  hashes.set(result, { logLines, hash });
  return hash;
}

function printResult(result: QueryResult): string {
  if (result.ok) return `ok ${printValue(result)}`;
  const { text, data } = result.failure;
  return `failed ${JSON.stringify([text, data === undefined ? null : [convexToJson(data)]])}`;
}
