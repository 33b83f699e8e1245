/** Whether `backend.query` would answer without running the function, and if not, why not. */
import type { CacheState } from "../reactivity/query-cache";
import { reportTouches, type TouchReport } from "./write-report";

/**
 * `liveQuery`: somebody is subscribed to the same; `cached`: it was asked before. The others are
 * misses: `notAsked`, not asked yet or pushed out by others; `largeAnswer`, large answers are kept
 * from the second time on that they are asked for; `invalidated`, see `invalidatedBy`; `expired`, the
 * answer depends on the time and is older than 17 seconds; `manyCommits`, checking the commits since
 * would cost more than running it; `notCached`, mutations and inline functions never are.
 */
export type CacheReason =
  | "liveQuery"
  | "cached"
  | "notAsked"
  | "largeAnswer"
  | "invalidated"
  | "expired"
  | "manyCommits"
  | "notCached";

export interface CacheReport {
  readonly hit: boolean;
  readonly reason: CacheReason;
  /** The first commit that changed what the kept answer had read. */
  readonly invalidatedBy?: readonly TouchReport[];
}

const REASONS: Readonly<Record<CacheState["kind"] | "live", CacheReason>> = {
  live: "liveQuery",
  good: "cached",
  absent: "notAsked",
  noted: "largeAnswer",
  invalidated: "invalidated",
  expired: "expired",
  forgotten: "manyCommits",
};

/** @param state `undefined` for what is never cached */
export function reportCache(
  state: CacheState | { readonly kind: "live" } | undefined,
): CacheReport {
  if (state === undefined) return { hit: false, reason: "notCached" };
  const reason = REASONS[state.kind];
  if (state.kind !== "invalidated")
    return { hit: state.kind === "live" || state.kind === "good", reason };
  const { conflict, reads } = state;
  return { hit: false, reason, invalidatedBy: reportTouches(conflict.record, reads) };
}
