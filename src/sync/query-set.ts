/**
 * The queries one client watches, as members of one group: what they are, what the client was told of
 * each, and what it must be told next. When to tell is the session's business.
 */
import type { FunctionFailure } from "../functions/function-failure";
import { queryRequestOf } from "../functions/query-request";
import type { FunctionCall } from "../functions/runner";
import { isSameLog, isSameResult } from "../reactivity/query-version";
import type { SubscriberGroup } from "../reactivity/subscriber-group";
import type { QueryUpdate, Subscription } from "../reactivity/subscription";
import { must } from "../shared/assert";
import type { AddQuery } from "./protocol";
import { hashResult } from "./result-hash";
import type { FailureText, StateModification } from "./server-message";
import type { ToldState } from "./session-state";

/** A query that was looked up: it can run, or there is none such. */
export type FoundQuery = { readonly call: FunctionCall } | { readonly failure: FunctionFailure };

type Told = Pick<QueryUpdate, "result" | "logLines">;

export interface QuerySetOptions {
  readonly group: SubscriberGroup;
  /** What the client reads of a failure. */
  readonly failureText: (failure: FunctionFailure) => FailureText;
  /** Production: clients get no log. */
  readonly hidesLogs: boolean;
}

interface OpenQuery {
  /** What the client asked for. */
  readonly message: AddQuery;
  subscription: Subscription | undefined;
  /** What the client was told last; by another backend, as a hash. */
  told: Told | { readonly hash: string } | undefined;
  /** Where its page ended last time. */
  journal: string | undefined;
}

export class QuerySet {
  readonly #options: QuerySetOptions;
  readonly #queries = new Map<number, OpenQuery>();
  readonly #bySubscription = new WeakMap<Subscription, OpenQuery>();

  constructor(options: QuerySetOptions) {
    this.#options = options;
  }

  get messages(): readonly AddQuery[] {
    return [...this.#queries.values()].map(({ message }) => message);
  }

  has(queryId: number): boolean {
    return this.#queries.has(queryId);
  }

  /** @returns what the client must be told with the next transition, if it is known already */
  add(message: AddQuery, found: FoundQuery): StateModification | undefined {
    const journal = message.journal ?? undefined;
    const query: OpenQuery = { message, subscription: undefined, told: undefined, journal };
    this.#queries.set(message.queryId, query);
    return this.#start(query, found);
  }

  /** Goes on with a query that another backend has told of: only what differs is news. */
  resume(message: AddQuery, found: FoundQuery, hash: string | null): StateModification | undefined {
    const journal = message.journal ?? undefined;
    const told = hash === null ? undefined : { hash };
    const query: OpenQuery = { message, subscription: undefined, told, journal };
    this.#queries.set(message.queryId, query);
    return this.#start(query, found);
  }

  /** What the client was told of each query, in their order: hash and journal. */
  get told(): ToldState["results"] {
    return Array.from(this.#queries.values(), ({ told, journal }) => [
      told === undefined ? null : this.#hashOf(told),
      journal ?? null,
    ]);
  }

  /** Asks again, as somebody else or for something else; what was told stays told. */
  replace(queryId: number, found: FoundQuery): StateModification | undefined {
    const query = must(this.#queries.get(queryId));
    if (query.subscription !== undefined) this.#options.group.remove(query.subscription);
    query.subscription = undefined;
    return this.#start(query, found);
  }

  /** @returns what the client must be told; nothing if it never heard of the query */
  remove(queryId: number): StateModification | undefined {
    const query = must(this.#queries.get(queryId));
    this.#queries.delete(queryId);
    if (query.subscription !== undefined) this.#options.group.remove(query.subscription);
    return query.told && { type: "QueryRemoved", queryId };
  }

  /** What is news to the client in the updates of one transition. */
  newsOf(updates: readonly QueryUpdate[]): StateModification[] {
    return updates.flatMap((update) => {
      const query = this.#bySubscription.get(update.subscription);
      const news = query && this.#tell(query, update);
      return news === undefined ? [] : [news];
    });
  }

  #start(query: OpenQuery, found: FoundQuery): StateModification | undefined {
    if ("failure" in found) {
      const result = { ok: false as const, failure: found.failure };
      return this.#tell(query, { result, logLines: [], journal: query.journal });
    }
    const request = { ...queryRequestOf(found.call), journal: query.journal };
    query.subscription = this.#options.group.add(request);
    this.#bySubscription.set(query.subscription, query);
    return undefined;
  }

  #tell(
    query: OpenQuery,
    { result, logLines, journal: next }: Omit<QueryUpdate, "subscription">,
  ): StateModification | undefined {
    query.journal = next;
    const { told, message } = query;
    query.told = { result, logLines };
    if (told !== undefined && this.#isSame(told, query.told)) return undefined;
    const { queryId } = message;
    const lines = this.#options.hidesLogs ? [] : logLines;
    const rest = { queryId, logLines: lines, journal: next ?? null };
    if (result.ok) return { type: "QueryUpdated", result, ...rest };
    const failure = result.failure as FunctionFailure;
    return { type: "QueryFailed", ...this.#options.failureText(failure), ...rest };
  }

  #isSame(told: Told | { readonly hash: string }, next: Told): boolean {
    if ("hash" in told) return told.hash === this.#hashOf(next);
    const { hidesLogs } = this.#options;
    const isSameText = hidesLogs || isSameLog(told.logLines, next.logLines);
    return isSameText && isSameResult(told.result, next.result);
  }

  #hashOf(told: Told | { readonly hash: string }): string {
    if ("hash" in told) return told.hash;
    return hashResult(told.result, this.#options.hidesLogs ? NO_LOG : told.logLines);
  }
}

const NO_LOG: readonly string[] = [];
