/**
 * One listener's interest in one query, as a member of a group. Knows what was delivered last, so
 * that nobody hears the same twice, whichever live query happens to serve it.
 */
import type { LiveQuery } from "./live-query";
import type { LogLine, QueryRequest, QueryResult } from "./ports";
import { identityKey } from "./query-key";
import { isSameLog, isSameResult, type QueryVersion } from "./query-version";
import type { SubscriberGroup } from "./subscriber-group";

/** What a subscription is told. */
export interface QueryUpdate {
  readonly subscription: Subscription;
  /** Deeply frozen, sharing structure with the one before. */
  readonly result: QueryResult;
  readonly logLines: readonly LogLine[];
  /** Asked with it, the query goes on with the same page; `undefined` if it does not paginate. */
  readonly journal: string | undefined;
}

export class Subscription {
  readonly group: SubscriberGroup;
  /** Updates of one transition are listed in this order. */
  readonly order: number;
  readonly request: QueryRequest;
  /** Equal for equal callers. */
  readonly caller: string;
  /** Whether rounds deliver to it: from the first one that began after it was made. */
  isJoined = false;
  /** The query that serves it. Changed by `LiveQueries` only. */
  home: LiveQuery | undefined;
  #delivered: QueryVersion | undefined;
  #isClosed = false;

  constructor(group: SubscriberGroup, order: number, request: QueryRequest) {
    this.group = group;
    this.order = order;
    this.request = request;
    this.caller = identityKey(request.identity);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What was delivered last; `undefined` before the first result. */
  get latest(): QueryUpdate | undefined {
    return this.#delivered && this.#updateTo(this.#delivered);
  }

  /** The update that `version` is to this subscription; `undefined` if it is nothing new. */
  advance(version: QueryVersion): QueryUpdate | undefined {
    const before = this.#delivered;
    this.#delivered = version;
    if (before !== undefined && !this.#isNews(before, version)) return undefined;
    return this.#updateTo(version);
  }

  close(): void {
    this.#isClosed = true;
    this.#delivered = undefined;
  }

  #isNews(before: QueryVersion, now: QueryVersion): boolean {
    if (!isSameResult(before.result, now.result)) return true;
    return this.group.reportsLogs && !isSameLog(before.logLines, now.logLines);
  }

  #updateTo({ result, logLines, journal }: QueryVersion): QueryUpdate {
    return { subscription: this, result, logLines, journal };
  }
}
