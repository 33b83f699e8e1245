/**
 * What reactivity asks of those around it: snapshots and history of the store, somebody who runs
 * queries, the time. Types only; `db/` and `functions/` satisfy them structurally and `backend.ts`
 * hands the implementations over.
 */
import type { CommitRecord } from "../db/commit-record";
import type { Snapshot } from "../db/live-snapshots";
import type { Reads } from "../db/read-set";
import type { Timestamp } from "../db/timestamp";
import type { Value } from "../values/value";

/** The store as reactivity sees it. */
export interface SnapshotSource {
  /** The newest published commit. `onCommit` follows it synchronously. Cost: O(1). */
  readonly latest: Timestamp;
  /** A snapshot of `latest`; the caller releases it. Cost: O(1). */
  current(): Snapshot;
  /** Commits after `seq`, oldest first; `undefined` when some of them are forgotten. */
  commitsSince(seq: number): readonly CommitRecord[] | undefined;
}

/** Who calls: opaque here, except for when two callers are the same. */
export interface CallerIdentity {
  /** Equal for equal identities and for no others. */
  readonly key: string;
}

/**
 * One call of a query. Immutable. May carry more than this, for the runner: it gets the request of
 * one of those who asked the same, with the journal to go on from.
 */
export interface QueryRequest {
  /** Path of the component instance; "" is the app. */
  readonly componentPath: string;
  /** Canonical function path, `module:name`. */
  readonly path: string;
  /** Canonical: keys sorted, nothing undefined. */
  readonly args: Value;
  /** `undefined`: nobody is signed in. */
  readonly identity: CallerIdentity | undefined;
  /** Where the page ended last time (engine.md 5.8). */
  readonly journal?: string | undefined;
  /** Which functions the caller may name. Calls that differ in it never share a result. */
  readonly visibility?: "public" | "internal" | undefined;
}

/** Why a query failed. Two failures are the same when both fields are. */
export interface QueryFailure {
  /** Bears no request id. */
  readonly text: string;
  /** What the author's `ConvexError` carries. */
  readonly data: Value | undefined;
}

/** What a query answered. */
export type QueryResult =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: QueryFailure };

/** One line of a run's log, as clients get it: no clock reading, no request id. */
export type LogLine = string;

/** One finished run of a query, failed or not. */
export interface QueryRun {
  /** A value is canonical, plain and fresh: it belongs to whoever gets the run. */
  readonly outcome: QueryResult;
  /** All the run depended on; of a failed run, what it read before it failed. No longer grows. */
  readonly reads: Reads;
  /** Whether the run asked who calls. */
  readonly readIdentity: boolean;
  /** Whether the run asked what time it is. */
  readonly observedTime: boolean;
  /** Where the page ended; `null` when the run did not paginate. */
  readonly journal: string | null;
  readonly logLines: readonly LogLine[];
}

export interface QueryRunner {
  /**
   * Runs a query once, on `snapshot`, which stays the caller's. Never rejects: whatever happens is
   * an outcome.
   */
  run(request: QueryRequest, snapshot: Snapshot): Promise<QueryRun>;
}

/** Runs `body` as code of the host, even when called from within a running function (law 8). */
export type Outside = <T>(body: () => T) => T;

/** The part of the clock that is needed here. */
export interface WallClock {
  /** Milliseconds since the epoch. */
  now(): number;
}
