/** Live queries as `backend.liveQueries` shows them, and the record of why they ran again. */
import type { CommitRecord } from "../db/commit-record";
import type { CallRequest } from "../functions/query-request";
import type { LiveQuery } from "../reactivity/live-query";
import type { RerunListener } from "../reactivity/notifier";
import type { Value } from "../values/value";
import { type ReadReport, reportReads, type TableOfId } from "./read-report";
import { reportTouches, type TouchReport } from "./write-report";

/** One more run of a live query. */
export interface RerunReport {
  /** The writes that made it necessary, the oldest first. */
  readonly because: readonly TouchReport[];
  /** Whether the answer was another one: else nobody was told. */
  readonly changed: boolean;
}

export interface LiveQueryReport {
  /** `messages:list`. */
  readonly function: string;
  /** Path of the component; "" is the app. */
  readonly component: string;
  readonly args: Value;
  /** How many subscriptions share it. */
  readonly subscribers: number;
  /** Whether it asked who calls: then every caller has a live query of his own. */
  readonly usesIdentity: boolean;
  /** `stale`: touched, and not run again yet. */
  readonly state: "stale" | "running" | "fresh";
  /** What the last finished run depends on: only a commit that touches one of these runs it again. */
  readonly reads: readonly ReadReport[];
  /** How often it has run again since recording began. */
  readonly rerunCount: number;
  /** The last 20 of them, the oldest first. */
  readonly reruns: readonly RerunReport[];
}

const REMEMBERED_RERUNS = 20;

interface History {
  count: number;
  reruns: RerunReport[];
  /** Touches since the last run. */
  because: TouchReport[];
}

/** Remembers the reruns of every live query, as plain reports: commits are not held on to. */
export class RerunRecorder implements RerunListener {
  readonly #histories = new WeakMap<LiveQuery, History>();

  onTouched(query: LiveQuery, record: CommitRecord): void {
    const reads = query.registration?.reads;
    if (reads !== undefined) this.#historyOf(query).because.push(...reportTouches(record, reads));
  }

  onRerun(query: LiveQuery, changed: boolean): void {
    const history = this.#historyOf(query);
    history.count += 1;
    history.reruns.push({ because: history.because, changed });
    history.because = [];
    if (history.reruns.length > REMEMBERED_RERUNS) history.reruns.shift();
  }

  describe(query: LiveQuery, tableOf: TableOfId): LiveQueryReport {
    const { subscriptions, version, registration } = query;
    // Every request here is of the functions layer, which asks them all.
    const { call, componentPath, args } = query.request as CallRequest;
    const { count, reruns } = this.#historyOf(query);
    return {
      function: call.target.path.display,
      component: componentPath,
      args,
      subscribers: subscriptions.size,
      usesIdentity: version?.readIdentity ?? false,
      state: query.state as LiveQueryReport["state"],
      reads: registration === undefined ? [] : reportReads(registration.reads, tableOf),
      rerunCount: count,
      reruns: [...reruns],
    };
  }

  #historyOf(query: LiveQuery): History {
    let history = this.#histories.get(query);
    if (history === undefined) {
      history = { count: 0, reruns: [], because: [] };
      this.#histories.set(query, history);
    }
    return history;
  }
}
