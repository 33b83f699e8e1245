/**
 * Queries, asked once or listened to: the face of this layer and its composition root.
 * What it guarantees is written at each method; how, in `notifier.ts` (rounds and delivery),
 * `live-queries.ts` (who shares what) and `query-cache.ts` (what may be answered again).
 */
import type { CommitRecord } from "../db/commit-record";
import type { Snapshot } from "../db/live-snapshots";
import type { Timestamp } from "../db/timestamp";
import { cloneValue } from "../values/clone";
import { LiveQueries } from "./live-queries";
import type { LiveQuery } from "./live-query";
import { Notifier, type RerunListener } from "./notifier";
import type {
  LogLine,
  Outside,
  QueryRequest,
  QueryResult,
  QueryRunner,
  SnapshotSource,
  WallClock,
} from "./ports";
import { type CacheState, isInTime, QueryCache, type QueryCacheOptions } from "./query-cache";
import { callerKey, callKey, identityKey, journaledKey } from "./query-key";
import { type FinishedRun, QueryRuns } from "./query-runs";
import { type GroupOptions, SubscriberGroup } from "./subscriber-group";

export interface ReactivityOptions {
  readonly snapshots: SnapshotSource;
  readonly runner: QueryRunner;
  readonly clock: WallClock;
  /** Gets what listeners throw. Must not throw. */
  readonly onListenerError: (error: unknown) => void;
  /** Default: just calls, for embeddings where handlers run as the host's own code. */
  readonly outside?: Outside;
  /** Bounds of the one-shot cache. Defaults: 1,000 entries, 16 MiB; no entries: no cache. */
  readonly cache?: Pick<QueryCacheOptions, "maxEntries" | "maxBytes">;
}

/** The answer to a one-shot query. */
export interface Answer {
  /** A value belongs to the caller. */
  readonly result: QueryResult;
  readonly logLines: readonly LogLine[];
  readonly journal: string | undefined;
  /** The store as of this commit says so. */
  readonly ts: Timestamp;
}

export class Reactivity {
  readonly #snapshots: SnapshotSource;
  readonly #clock: WallClock;
  readonly #runs: QueryRuns;
  readonly #cache: QueryCache;
  readonly #queries = new LiveQueries();
  readonly #notifier: Notifier;
  #nextGroup = 0;

  constructor(options: ReactivityOptions) {
    const { snapshots, runner, clock, onListenerError, outside, cache } = options;
    this.#snapshots = snapshots;
    this.#clock = clock;
    this.#runs = new QueryRuns(runner, clock);
    this.#cache = new QueryCache({ ...cache, snapshots, clock });
    this.#notifier = new Notifier({
      snapshots,
      queries: this.#queries,
      obtain: (query, snapshot) => this.#obtain(query, snapshot),
      onListenerError,
      outside: outside ?? ((body) => body()),
    });
  }

  /**
   * Asks a query once. The answer is that of the newest commit at the call: from a live query, from
   * the cache, from a run of the same that is under way, or from a run of its own. Failures are
   * answers too, and never come from a cache.
   * Cost when it is known: its key and a copy of the value; then the answer comes at once.
   */
  query(request: QueryRequest): Answer | Promise<Answer> {
    const key = journaledKey(callKey(request), request.journal);
    const caller = identityKey(request.identity);
    return this.#known(key, caller) ?? this.#ask(request, key, caller);
  }

  /**
   * Calls `listener` with the first result, and with every other result from then on: after the
   * commits that made it, in their order, never inside one, never twice with equal results. Results
   * are deeply frozen and share structure with the one before.
   *
   * A mutation's promise may resolve before or after the listeners it concerns have run: wait for
   * `settled` to be sure.
   *
   * @returns ends the subscription: the listener is not called again
   */
  subscribe(request: QueryRequest, listener: (result: QueryResult) => void): () => void {
    const group = this.group({
      onTransition: ({ updates }) => {
        for (const { result } of updates) listener(result);
      },
    });
    group.add(request);
    return () => group.close();
  }

  /** Subscriptions that hear of changes together. Costs nothing while it is empty. */
  group(options: GroupOptions): SubscriberGroup {
    return new SubscriberGroup(this.#notifier, this.#nextGroup++, options);
  }

  /** How `query` would come by its answer now. Changes nothing. */
  inspect(request: QueryRequest): CacheState | { readonly kind: "live" } {
    const key = journaledKey(callKey(request), request.journal);
    const caller = identityKey(request.identity);
    return this.#isLive(key, caller) ? { kind: "live" } : this.#cache.inspect(key, caller);
  }

  /** What is listened to now. Cost: O(live queries). */
  liveQueries(): readonly LiveQuery[] {
    return this.#queries.all();
  }

  /** Whom to tell from now on why live queries run again; `undefined`: nobody. */
  set rerunListener(listener: RerunListener | undefined) {
    this.#notifier.rerunListener = listener;
  }

  /** To be called once for every published commit, in order, before anybody can ask for it. */
  onCommit(record: CommitRecord): void {
    this.#notifier.onCommit(record);
  }

  /** Resolves when every listener has heard of all commits up to now, and first results are out. */
  settled(): Promise<void> {
    return this.#notifier.settled();
  }

  /** Calls no listener any more, and forgets what is cached. One-shot queries still work. */
  close(): void {
    this.#notifier.close();
    this.#cache.clear();
  }

  /** Throws unless all structures of this layer are sound. Cost: O(everything). */
  checkInvariants(): void {
    this.#queries.checkInvariants();
    this.#cache.checkInvariants();
  }

  #known(key: string, caller: string): Answer | undefined {
    return this.#live(key, caller) ?? this.#cached(key, caller);
  }

  #isLive(key: string, caller: string): boolean {
    const query = this.#queries.find(key, caller);
    if (query?.version?.result.ok !== true || !this.#notifier.isCurrent(query)) return false;
    return isInTime(query.version, this.#clock);
  }

  #live(key: string, caller: string): Answer | undefined {
    const query = this.#queries.find(key, caller);
    if (query?.version === undefined || !this.#notifier.isCurrent(query)) return undefined;
    if (!isInTime(query.version, this.#clock)) return undefined;
    const value = query.copyValue();
    if (value === undefined) return undefined;
    const { logLines, journal } = query.version;
    return { result: { ok: true, value }, logLines, journal, ts: this.#snapshots.latest };
  }

  #cached(key: string, caller: string): Answer | undefined {
    const run = this.#cache.find(key, caller);
    return run && answerWithCopy(run, this.#snapshots.latest);
  }

  #ask(request: QueryRequest, key: string, caller: string): Promise<Answer> {
    const { latest } = this.#snapshots;
    const name = callerKey(key, caller);
    const joined = this.#runs.join(name, latest.seq);
    if (joined !== undefined) return joined.then((run) => answerWithCopy(run, latest));
    const snapshot = this.#snapshots.current();
    return this.#runs.start(name, request, snapshot).then((run) => {
      snapshot.release();
      const isOurs = !this.#cache.keep(key, caller, run) && !run.isShared;
      return isOurs ? answer(run, run.outcome, latest) : answerWithCopy(run, latest);
    });
  }

  /** What `query` answers on `snapshot`, as cheaply as it can be had. */
  #obtain(query: LiveQuery, snapshot: Snapshot): FinishedRun | Promise<FinishedRun> {
    const { key, caller, request } = query;
    const { seq } = snapshot.ts;
    // What holds for the newest commit need not hold for an older one.
    const isNewest = seq === this.#snapshots.latest.seq;
    const cached = isNewest ? this.#cache.find(key, caller) : undefined;
    if (cached !== undefined) return { ...cached, isShared: true };
    const name = callerKey(key, caller);
    return this.#runs.join(name, seq) ?? this.#runs.start(name, request, snapshot);
  }
}

function answer(run: FinishedRun, result: QueryResult, ts: Timestamp): Answer {
  return { result, logLines: run.logLines, journal: run.journal ?? undefined, ts };
}

function answerWithCopy(run: FinishedRun, ts: Timestamp): Answer {
  const { outcome } = run;
  const result = outcome.ok ? { ok: true as const, value: cloneValue(outcome.value) } : outcome;
  return answer(run, result, ts);
}
