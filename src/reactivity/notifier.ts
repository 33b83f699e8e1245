/**
 * Keeps live queries true and tells those who listen: the only caller of listeners.
 *
 * It works in rounds, one after the other, never inside a commit. A round takes one snapshot, runs
 * all queries that commits have touched since the last round, and then delivers what changed, every
 * subscription at once and as of that snapshot. Commits that arrive meanwhile are for the next round.
 * So deliveries are in commit order and never tear; intermediate states may be skipped.
 */
import type { CommitRecord } from "../db/commit-record";
import { findConflict } from "../db/conflict";
import type { Snapshot } from "../db/live-snapshots";
import type { Timestamp } from "../db/timestamp";
import { must } from "../shared/assert";
import { eachConcurrently } from "./concurrency";
import type { LiveQueries } from "./live-queries";
import type { LiveQuery } from "./live-query";
import type { Outside, SnapshotSource } from "./ports";
import type { FinishedRun } from "./query-runs";
import type { QueryVersion } from "./query-version";
import type { GroupHost, SubscriberGroup } from "./subscriber-group";
import type { Subscription } from "./subscription";

/** Runs at most this many queries at a time, as Convex does: each holds memory while it runs. */
const RUNS_AT_ONCE = 20;

/** Somebody who wants to know why queries run again: a port of `explain`, absent otherwise. */
export interface RerunListener {
  /** A commit changed something `query` had read in the run before. */
  onTouched(query: LiveQuery, record: CommitRecord): void;
  /** `query` has run, not for the first time. */
  onRerun(query: LiveQuery, isChanged: boolean): void;
}

export interface NotifierOptions {
  readonly snapshots: SnapshotSource;
  readonly queries: LiveQueries;
  /** A run of `query` on `snapshot`, or a cached one that is still true there. Never rejects. */
  readonly obtain: (query: LiveQuery, snapshot: Snapshot) => FinishedRun | Promise<FinishedRun>;
  /** Gets what listeners throw. Must not throw. */
  readonly onListenerError: (error: unknown) => void;
  /** Rounds begin in here: whose call or commit set them off is none of the listeners' business. */
  readonly outside: Outside;
}

export class Notifier implements GroupHost {
  readonly #snapshots: SnapshotSource;
  readonly #queries: LiveQueries;
  readonly #obtain: NotifierOptions["obtain"];
  readonly #onListenerError: (error: unknown) => void;
  readonly #outside: Outside;
  /** For the next round: queries to run, first results to deliver, transitions asked for. */
  #stale = new Set<LiveQuery>();
  #joining = new Set<Subscription>();
  #asking = new Set<SubscriberGroup>();
  /** Commits since the snapshot of the round under way. */
  #arrived: CommitRecord[] = [];
  /** The newest commit whose touched queries are known. */
  #seenSeq: number;
  #working: Promise<void> | undefined;
  #isClosed = false;
  /** Told from when it is set. */
  rerunListener: RerunListener | undefined;

  constructor(options: NotifierOptions) {
    this.#snapshots = options.snapshots;
    this.#queries = options.queries;
    this.#obtain = options.obtain;
    this.#onListenerError = options.onListenerError;
    this.#outside = options.outside;
    this.#seenSeq = options.snapshots.latest.seq;
  }

  /** Takes note of a published commit. Calls nobody, and never throws. */
  onCommit(record: CommitRecord): void {
    this.#seenSeq = record.ts.seq;
    if (this.#isClosed) return;
    if (this.#working !== undefined) this.#arrived.push(record);
    for (const query of this.#queries.touched(record)) {
      // Whether it concerns a run under way shows when that has ended.
      if (query.state !== "running") this.rerunListener?.onTouched(query, record);
      if (query.state === "fresh") this.#markStale(query);
    }
  }

  /** Whether the version of `query` is what a run on the newest commit would answer. */
  isCurrent(query: LiveQuery): boolean {
    return query.state === "fresh" && this.#seenSeq === this.#snapshots.latest.seq;
  }

  /**
   * Resolves when everything that is due now has been delivered, and whatever became due meanwhile:
   * no query is stale, no first result outstanding, no transition asked for.
   */
  settled(): Promise<void> {
    return this.#working ?? Promise.resolve();
  }

  /** Delivers nothing from here on. */
  close(): void {
    this.#isClosed = true;
    this.#take();
  }

  join(subscription: Subscription): void {
    const query = this.#queries.attach(subscription);
    if (query.version === undefined) this.#stale.add(query);
    this.#joining.add(subscription);
    this.#wake();
  }

  leave(subscription: Subscription): void {
    this.#joining.delete(subscription);
    this.#queries.detach(subscription);
  }

  ask(group: SubscriberGroup): void {
    this.#asking.add(group);
    this.#wake();
  }

  #markStale(query: LiveQuery): void {
    query.enter("stale");
    this.#stale.add(query);
    this.#wake();
  }

  #wake(): void {
    if (!this.#isClosed) this.#working ??= this.#outside(() => this.#work());
  }

  async #work(): Promise<void> {
    try {
      // Out of the commit or the call that woke us.
      await undefined;
      while (this.#stale.size + this.#joining.size + this.#asking.size > 0) {
        const round = this.#take();
        const changed = new Set<LiveQuery>();
        const { stale } = round;
        const ts =
          stale.length === 0 ? this.#snapshots.latest : await this.#refresh(stale, changed);
        for (const group of this.#collect(changed, round)) this.#call(group, ts);
      }
    } finally {
      this.#arrived = [];
      this.#working = undefined;
    }
  }

  /** What the round that begins is about. What comes later is for the next one. */
  #take(): Round {
    const stale: LiveQuery[] = [];
    for (const query of this.#stale) if (query.state === "stale") stale.push(query);
    for (const query of stale) query.enter("running");
    const round = { stale, joining: this.#joining, asking: this.#asking };
    this.#stale.clear();
    this.#joining = new Set();
    this.#asking = new Set();
    for (const subscription of round.joining) subscription.isJoined = true;
    for (const group of round.asking) group.beginRound();
    return round;
  }

  /** Brings `stale` to the newest version of the store, and all others are there already. */
  async #refresh(stale: readonly LiveQuery[], changed: Set<LiveQuery>): Promise<Timestamp> {
    const snapshot = this.#snapshots.current();
    this.#arrived = [];
    try {
      let waiting = stale;
      while (waiting.length > 0) {
        const split: LiveQuery[] = [];
        await this.#runAll(this.#queries.leaders(waiting), { snapshot, changed, split });
        for (const query of split) query.enter("running");
        waiting = [...waiting, ...split].filter(isWaiting);
      }
    } finally {
      snapshot.release();
    }
    return snapshot.ts;
  }

  #runAll(queries: readonly LiveQuery[], refreshing: Refreshing): Promise<void> | undefined {
    const [first] = queries;
    return first !== undefined && queries.length === 1
      ? this.#run(first, refreshing)
      : eachConcurrently(queries, RUNS_AT_ONCE, (query) => this.#run(query, refreshing));
  }

  #run(query: LiveQuery, refreshing: Refreshing): Promise<void> | undefined {
    if (query.isClosed) return undefined;
    const run = this.#obtain(query, refreshing.snapshot);
    if (run instanceof Promise) return run.then((ended) => this.#settle(query, ended, refreshing));
    this.#settle(query, run, refreshing);
    return undefined;
  }

  #settle(query: LiveQuery, run: FinishedRun, refreshing: Refreshing): void {
    if (query.isClosed) return;
    const { version, subscriptions } = query;
    const { size } = subscriptions;
    const { home, split } = this.#queries.settle(query, run);
    const isSame = home === query && size === subscriptions.size;
    const isChanged = !isSame || !isSameAnswer(version, query.version);
    if (isChanged) refreshing.changed.add(home);
    if (version !== undefined) this.rerunListener?.onRerun(query, isChanged);
    refreshing.split.push(...split);
    // The commits since the snapshot did not know what it depends on now: compare with them here.
    const missed = query.isClosed ? undefined : findConflict(run.reads, this.#arrived);
    if (missed === undefined) return;
    this.rerunListener?.onTouched(query, missed.record);
    this.#markStale(query);
  }

  /** Hands every update to its group. Returns the groups to be called, the oldest first. */
  #collect(changed: ReadonlySet<LiveQuery>, { joining, asking }: Round): SubscriberGroup[] {
    const due = new Set(asking);
    const advance = (subscription: Subscription, version: QueryVersion) => {
      const update = subscription.advance(version);
      if (update === undefined) return;
      subscription.group.note(update);
      due.add(subscription.group);
    };
    for (const { subscriptions, version } of changed) {
      for (const subscription of subscriptions) {
        if (subscription.isJoined) advance(subscription, must(version));
      }
    }
    for (const subscription of joining) {
      if (!subscription.isClosed) advance(subscription, must(subscription.home?.version));
    }
    return due.size < 2 ? [...due] : [...due].sort((a, b) => a.order - b.order);
  }

  #call(group: SubscriberGroup, ts: Timestamp): void {
    if (this.#isClosed) return;
    try {
      group.deliver(ts);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}

interface Round {
  readonly stale: readonly LiveQuery[];
  readonly joining: ReadonlySet<Subscription>;
  readonly asking: ReadonlySet<SubscriberGroup>;
}

/** What the runs of a round have in common. */
interface Refreshing {
  readonly snapshot: Snapshot;
  /** Queries with something new to deliver. */
  readonly changed: Set<LiveQuery>;
  /** Queries that must run on the same snapshot because of what the runs answered. */
  readonly split: LiveQuery[];
}

/** Neither run nor given up. */
function isWaiting(query: LiveQuery): boolean {
  return query.state === "running" && query.version === undefined;
}

function isSameAnswer(a: QueryVersion | undefined, b: QueryVersion | undefined): boolean {
  return a?.result === b?.result && a?.logLines === b?.logLines;
}
