/** What `backend.explain` answers: plain data, all of it seen, nothing estimated. */
import type { TransactionLimits } from "../db/limits";
import type { Transaction } from "../db/transaction";
import type { Value } from "../values/value";
import type { CacheReport } from "./cache-report";
import { type Amount, indexNameOf, type QueryReport, type WatchedQuery } from "./query-report";
import { type ReadReport, reportReads, type TableOfId } from "./read-report";
import { type ExplainWarning, warningsAbout } from "./warnings";

/** How much of one of a transaction's limits was used. */
export interface LimitUse {
  readonly used: number;
  readonly limit: number;
  /** `used / limit`: 1 is all of it. */
  readonly share: number;
}

export interface Explanation {
  /** `messages:list`. */
  readonly function: string;
  readonly kind: "query" | "mutation";
  /** What the call would have returned or thrown. */
  readonly result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly error: Error };
  /** What its answer depends on: a commit that touches one of these changes it, or conflicts. */
  readonly reads: readonly ReadReport[];
  /** `messages.by_channel`, each once, in order of first use; `by_id` for documents got by id. */
  readonly indexes: readonly string[];
  /** Every query that was run, nested calls included, in order. */
  readonly queries: readonly QueryReport[];
  /** What was read, as the limits count it; documents read again count again. */
  readonly scanned: Amount;
  /** What of that filters let through, and what was read by id. */
  readonly returned: Amount;
  readonly limits: { readonly [Metric in keyof TransactionLimits]: LimitUse };
  /** For `backend.query`, at the moment before this run. */
  readonly cache: CacheReport;
  /** Whether the function asked who calls: then answers are each caller's own. */
  readonly usesIdentity: boolean;
  /** Whether it asked what time it is: then an answer is good for 17 seconds. */
  readonly usesTime: boolean;
  readonly warnings: readonly ExplainWarning[];
  /** Real time, also with a manual clock: the one field that differs between equal runs. */
  readonly durationMs: number;
}

/** The part of an explanation that the transaction knows. Cost: O(what was read). */
export function describeTransaction(
  tx: Transaction,
  watched: readonly WatchedQuery[],
  tableOf: TableOfId,
): Pick<
  Explanation,
  "reads" | "indexes" | "queries" | "scanned" | "returned" | "limits" | "warnings"
> {
  const queries = watched.map(({ report }) => report);
  const { documentsRead: documents, bytesRead: bytes } = tx.usage.used;
  const scanned = { documents, bytes };
  const dropped = { documents: 0, bytes: 0 };
  for (const query of queries) {
    if (query.scanned.documents === 0) continue;
    dropped.documents += query.scanned.documents - query.returned.documents;
    dropped.bytes += query.scanned.bytes - query.returned.bytes;
  }
  const reads = reportReads(tx.reads, tableOf);
  return {
    reads,
    indexes: indexesOf(queries, reads),
    queries,
    scanned,
    returned: { documents: documents - dropped.documents, bytes: bytes - dropped.bytes },
    limits: limitsOf(tx),
    warnings: warningsAbout(watched),
  };
}

function indexesOf(queries: readonly QueryReport[], reads: readonly ReadReport[]): string[] {
  const byId = reads
    .filter(({ kind }) => kind === "document")
    .map(({ text }) => text.split(":")[0]);
  return [...new Set([...queries.map(indexNameOf), ...(byId as string[])])];
}

function limitsOf(tx: Transaction): Explanation["limits"] {
  const { used, ceilings } = tx.usage;
  const amounts: TransactionLimits = { ...used, databaseQueries: tx.reads.intervalCount() };
  const entries = Object.entries(amounts).map(([metric, amount]) => {
    const limit = ceilings[metric as keyof TransactionLimits];
    return [metric, { used: amount, limit, share: limit === 0 ? 0 : amount / limit }];
  });
  return Object.fromEntries(entries);
}
