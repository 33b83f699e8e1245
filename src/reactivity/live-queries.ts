/**
 * All live queries, and who listens to which. Subscriptions that ask the same share one query; who
 * calls matters only where a run asked for it (engine.md 8), which may change from run to run:
 * queries then part or merge, and take their subscriptions along. Says which queries a commit
 * touches; runs nothing and calls nobody: `notifier.ts` does.
 */
import type { CommitRecord } from "../db/commit-record";
import { assert, must } from "../shared/assert";
import type { Value } from "../values/value";
import { Invalidation } from "./invalidation";
import { LiveQuery } from "./live-query";
import { callKey, journaledKey } from "./query-key";
import type { FinishedRun } from "./query-runs";
import type { Subscription } from "./subscription";

/** The live queries of one key: one that serves every caller, or one for each. Never both. */
interface Family {
  readonly key: string;
  shared: LiveQuery | undefined;
  readonly byCaller: Map<string, LiveQuery>;
  /** What the last run said; `undefined` while none has ended. */
  readsIdentity: boolean | undefined;
}

/** Where an answer ended up. */
export interface Settlement {
  /** The query that holds it now: the one that ran, or an equal one that took its subscriptions. */
  readonly home: LiveQuery;
  /** New queries for those whom the answer does not concern, to be run on the same snapshot. */
  readonly split: readonly LiveQuery[];
}

export class LiveQueries {
  readonly #families = new Map<string, Family>();
  readonly #invalidation = new Invalidation<LiveQuery>();

  /** The queries that depend on what a commit changed. */
  touched(record: CommitRecord): ReadonlySet<LiveQuery> {
    return this.#invalidation.touched(record);
  }

  /** The query that answers `key` for `caller`, if somebody listens to it. */
  find(key: string, caller: string): LiveQuery | undefined {
    const family = this.#families.get(key);
    return family?.shared ?? family?.byCaller.get(caller);
  }

  /** All of them, those of one key together. Cost: O(queries). */
  all(): LiveQuery[] {
    return [...this.#families.values()].flatMap(({ shared, byCaller }) =>
      shared === undefined ? [...byCaller.values()] : [shared, ...byCaller.values()],
    );
  }

  /** Gives a subscription its query: one that is there, or a new one that has yet to run. */
  attach(subscription: Subscription): LiveQuery {
    const { request } = subscription;
    const call = callKey(request);
    const key = journaledKey(call, request.journal);
    let query = this.find(key, subscription.caller);
    // A first run under way decides where the page ends, for those who asked before it began.
    if (query === undefined || isOnFirstRun(query)) {
      query = this.#open(this.#familyOf(key), new LiveQuery(request, call));
    }
    assign(subscription, query);
    return query;
  }

  /** Takes a subscription from its query, which is freed with the last one. */
  detach(subscription: Subscription): void {
    const query = must(subscription.home, "a subscription without a live query");
    subscription.home = undefined;
    query.subscriptions.delete(subscription);
    if (query.subscriptions.size === 0) this.#close(query);
  }

  /**
   * Those of `queries` to run now. Of new ones that differ only in who calls, one goes first: its
   * answer may do for all.
   */
  leaders(queries: readonly LiveQuery[]): readonly LiveQuery[] {
    if (queries.length === 1) return queries;
    const led = new Set<string>();
    return queries.filter((query) => {
      if (query.version !== undefined) return true;
      if (led.has(query.key)) return false;
      if (this.#families.get(query.key)?.readsIdentity !== true) led.add(query.key);
      return true;
    });
  }

  /**
   * Takes what a running query answered: registers what it depends on, and puts it where the
   * answer says it belongs.
   */
  settle(query: LiveQuery, run: FinishedRun): Settlement {
    const { basis } = query;
    const { journal } = query.request;
    const family = this.#familyOf(query.key);
    const { readIdentity } = query.answer(run);
    this.#register(query, run);
    const split = readIdentity && family.shared === query ? this.#part(family, journal, basis) : [];
    const home = this.#place(query, family);
    if (!readIdentity) this.#foldWaiting(family, home);
    if (home.subscriptions.size === 0) this.#close(home);
    return { home, split };
  }

  /** Throws unless families, queries and subscriptions agree, and the interval index is sound. */
  checkInvariants(): void {
    this.#invalidation.checkInvariants();
    for (const family of this.#families.values()) checkFamily(family);
    const isEmpty = this.#families.size === 0;
    assert(!isEmpty || this.#invalidation.isEmpty, "dependencies outlive their queries");
  }

  #familyOf(key: string): Family {
    let family = this.#families.get(key);
    if (family === undefined) {
      family = { key, shared: undefined, byCaller: new Map(), readsIdentity: undefined };
      this.#families.set(key, family);
    }
    return family;
  }

  #open(family: Family, query: LiveQuery): LiveQuery {
    family.byCaller.set(query.caller, query);
    return query;
  }

  #register(query: LiveQuery, run: FinishedRun): void {
    query.registration =
      query.registration === undefined
        ? this.#invalidation.add(query, run.reads)
        : this.#invalidation.replace(query.registration, run.reads);
  }

  /** The shared query of a family asked who calls: from here on each caller has his own. */
  #part(family: Family, journal: string | undefined, basis: Value | undefined): LiveQuery[] {
    const query = must(family.shared);
    family.shared = undefined;
    family.readsIdentity = true;
    const split: LiveQuery[] = [];
    for (const subscription of query.subscriptions) {
      if (subscription.caller === query.caller) continue;
      let own = family.byCaller.get(subscription.caller);
      if (own === undefined) {
        const request = { ...subscription.request, journal };
        own = this.#open(family, new LiveQuery(request, query.call, basis));
        split.push(own);
      }
      assign(subscription, own);
    }
    return split;
  }

  /** Puts a query that has just answered into the family of its key, which may be another now. */
  #place(query: LiveQuery, from: Family): LiveQuery {
    const to = this.#familyOf(query.key);
    if (to !== from) this.#vacate(query, from);
    if (to.shared !== undefined) return this.#fold(query, to.shared);
    const readsIdentity = must(query.version).readIdentity;
    to.readsIdentity = readsIdentity;
    const present = to.byCaller.get(query.caller);
    if (readsIdentity && present?.version !== undefined) return this.#fold(query, present);
    // Where it was already: the usual case.
    if (!readsIdentity && to.byCaller.size === 0) {
      to.shared = query;
      return query;
    }
    const others = readsIdentity ? [present] : [...to.byCaller.values()];
    if (readsIdentity) this.#open(to, query);
    else {
      to.shared = query;
      to.byCaller.clear();
    }
    for (const other of others) if (other !== undefined) this.#fold(other, query);
    return query;
  }

  /** An answer that asked for no caller does for all who wait for the same, whoever they are. */
  #foldWaiting(family: Family, home: LiveQuery): void {
    for (const query of family.byCaller.values()) {
      if (isOnFirstRun(query)) this.#fold(query, home);
    }
  }

  /** Two queries turned out to be one: `into` takes the subscriptions, and the other ends. */
  #fold(query: LiveQuery, into: LiveQuery): LiveQuery {
    if (query === into) return into;
    for (const subscription of query.subscriptions) assign(subscription, into);
    this.#close(query);
    return into;
  }

  #close(query: LiveQuery): void {
    query.enter("closed");
    if (query.registration !== undefined) this.#invalidation.remove(query.registration);
    query.registration = undefined;
    const family = this.#families.get(query.key);
    if (family !== undefined) this.#vacate(query, family);
  }

  #vacate(query: LiveQuery, family: Family): void {
    if (family.shared === query) family.shared = undefined;
    if (family.byCaller.get(query.caller) === query) family.byCaller.delete(query.caller);
    if (family.shared === undefined && family.byCaller.size === 0) {
      this.#families.delete(family.key);
    }
  }
}

function isOnFirstRun(query: LiveQuery): boolean {
  return query.state === "running" && query.version === undefined;
}

function assign(subscription: Subscription, query: LiveQuery): void {
  subscription.home?.subscriptions.delete(subscription);
  subscription.home = query;
  query.subscriptions.add(subscription);
}

function checkFamily(family: Family): void {
  const queries = [...family.byCaller.values()];
  if (family.shared !== undefined) queries.push(family.shared);
  assert(queries.length > 0, "a family is empty");
  assert(queries.length === 1 || family.shared === undefined, "a shared query has company");
  for (const query of queries) {
    assert(query.state !== "closed", "a closed query is still found");
    assert(query.key === family.key, "a query is in the family of another key");
    assert(query.subscriptions.size > 0, "nobody listens to a live query");
    for (const subscription of query.subscriptions) {
      assert(subscription.home === query, "a subscription has two homes");
      const isServed = query === family.shared || subscription.caller === query.caller;
      assert(isServed, "a subscription is served as somebody else");
    }
  }
}
