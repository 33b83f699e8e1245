/**
 * What clients' mutations answered, recorded in the transactions that made it so: a client that never
 * got the answer asks again, perhaps on another connection, perhaps of a restarted backend, and the
 * mutation must not happen twice (functions.md 9.4, rule 12). Failures are not recorded.
 *
 * An answer is kept as bytes, in as many documents as it needs.
 */
import type { DocumentVersion } from "../db/document";
import { after, encodeKeyPart } from "../db/index-key";
import type { SystemTable } from "../db/open-namespace";
import { resolveValue } from "../db/resolve-commit-ts";
import type { TablePlan } from "../db/table-plan";
import type { Rows } from "../db/table-store";
import type { Transaction } from "../db/transaction";
import { must } from "../shared/assert";
import { commitTsPlaceholder } from "../values/commit-ts";
import { convexToJson, jsonToConvex } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";

const BY_REQUEST = "by_request";

export const SESSION_REQUESTS: SystemTable = {
  name: "_session_requests",
  number: 516,
  visibility: "private",
  indexes: [{ indexDescriptor: BY_REQUEST, fields: ["sessionId", "requestId", "part"] }],
};

/** How long answers are kept: clients that come back later may repeat themselves. */
export const KEPT_MS = 14 * 24 * 60 * 60 * 1000;

/** A document holds 1 MiB. */
const PART_BYTES = 1_000_000;

/** Removed at once; the rest waits for the next time. */
const MAX_REMOVED = 1000;

/** A request of a client object, which keeps its session id over reconnects. */
export interface SessionRequest {
  readonly sessionId: string;
  readonly requestId: number;
}

export interface RecordedAnswer {
  readonly value: Value;
  readonly logLines: readonly string[];
}

/** To be committed with what the mutation wrote. Cost: O(size of the answer). */
export function recordAnswer(
  tx: Transaction,
  { sessionId, requestId }: SessionRequest,
  { value, logLines }: RecordedAnswer,
): void {
  const table = tableIn(tx);
  const text = JSON.stringify({ value: convexToJson(value), logLines });
  const bytes = new TextEncoder().encode(text);
  // Where the value holds its own commit timestamp, nobody knows it yet.
  const ts = tx.usesCommitTs ? { ts: commitTsPlaceholder } : {};
  for (let part = 0; part * PART_BYTES < bytes.byteLength; part++) {
    const start = part * PART_BYTES;
    const content = bytes.slice(start, start + PART_BYTES).buffer;
    tx.insert(table, { sessionId, requestId, part, content, ...ts });
  }
}

/** The answer on record. That there is none is a read like any other. Cost: O(log records). */
export function findAnswer(
  tx: Transaction,
  { sessionId, requestId }: SessionRequest,
): RecordedAnswer | undefined {
  const index = must(tableIn(tx).indexes.get(BY_REQUEST));
  const prefix = encodeKeyPart(sessionId) + encodeKeyPart(requestId);
  const range = { lower: prefix, upper: after(prefix) };
  const rows: Rows = { keys: [], versions: [] };
  tx.scan(index, range, false, Number.POSITIVE_INFINITY, rows);
  tx.consume(index, range, prefix, false, undefined);
  return rows.versions.length === 0 ? undefined : decodeAnswer(rows.versions);
}

/** Forgets answers recorded before `ms`, the oldest first, a thousand at most. */
export function removeAnswersBefore(tx: Transaction, ms: number): void {
  const table = tableIn(tx);
  const rows: Rows = { keys: [], versions: [] };
  const range = { lower: "", upper: encodeKeyPart(ms) };
  tx.scan(table.byCreationTime, range, false, MAX_REMOVED, rows);
  for (const { document } of rows.versions) tx.remove(table, document._id);
}

function tableIn(tx: Transaction): TablePlan {
  return must(tx.table("", SESSION_REQUESTS.name));
}

function decodeAnswer(parts: readonly DocumentVersion[]): RecordedAnswer {
  const decoder = new TextDecoder();
  let text = "";
  for (const { document } of parts) {
    text += decoder.decode(document.content as ArrayBuffer, { stream: true });
  }
  const { value, logLines } = JSON.parse(text) as { value: JSONValue; logLines: string[] };
  const ts = parts[0]?.document.ts;
  const decoded = jsonToConvex(value);
  return { value: typeof ts === "bigint" ? resolveValue(decoded, ts) : decoded, logLines };
}
