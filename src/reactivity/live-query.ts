/**
 * One query that somebody listens to: what it asks, what it answered last, and who gets it.
 * A record with a guarded state; `live-queries.ts` moves it about, `notifier.ts` runs it.
 */
import { assert } from "../shared/assert";
import { cloneValue } from "../values/clone";
import type { Value } from "../values/value";
import type { Registration } from "./invalidation";
import type { QueryRequest } from "./ports";
import { identityKey, journaledKey } from "./query-key";
import type { FinishedRun } from "./query-runs";
import { nextVersion, type QueryVersion } from "./query-version";
import { thawedCopy } from "./share";
import type { Subscription } from "./subscription";

/**
 * `stale`: must run, because it never did or a commit touched it. `running`: the round under way
 * runs it. `fresh`: its version is what a run now would answer. `closed`: nobody listens any more.
 */
export type LiveQueryState = "stale" | "running" | "fresh" | "closed";

const TRANSITIONS: Readonly<Record<LiveQueryState, readonly LiveQueryState[]>> = {
  stale: ["running", "closed"],
  running: ["fresh", "closed"],
  fresh: ["stale", "closed"],
  closed: [],
};

export class LiveQuery {
  /** Who gets its answers. Changed by `LiveQueries` only. */
  readonly subscriptions = new Set<Subscription>();
  /** All that is asked but by whom and from which page on. */
  readonly call: string;
  /** As whom it runs. Others may listen as well, as long as no run asks who calls. */
  readonly caller: string;
  /** What it depends on; absent before the first run. Changed by `LiveQueries` only. */
  registration: Registration<LiveQuery> | undefined;
  #request: QueryRequest;
  #key: string;
  #state: LiveQueryState = "stale";
  #version: QueryVersion | undefined;
  /** An unfrozen copy of the value, made when it is first asked for: frozen ones copy slowly. */
  #plain: Value | undefined;
  /** What the first version shares structure with. */
  readonly #basis: Value | undefined;

  /** @param call the request's `callKey`, which the caller has at hand */
  constructor(request: QueryRequest, call: string, basis?: Value) {
    this.#request = request;
    this.#basis = basis;
    this.call = call;
    this.caller = identityKey(request.identity);
    this.#key = journaledKey(this.call, request.journal);
  }

  get request(): QueryRequest {
    return this.#request;
  }

  /** All that is asked but by whom. A run that ends a page elsewhere changes it. */
  get key(): string {
    return this.#key;
  }

  get state(): LiveQueryState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The last answer; `undefined` before the first run. */
  get version(): QueryVersion | undefined {
    return this.#version;
  }

  /** The newest value, also of before a failure: what others may share structure with. */
  get basis(): Value | undefined {
    return this.#version === undefined ? this.#basis : this.#version.basis;
  }

  /** A copy of the last value that belongs to the caller; `undefined` if there is none. */
  copyValue(): Value | undefined {
    if (this.#version?.result.ok !== true) return undefined;
    this.#plain ??= thawedCopy(this.#version.result.value);
    return cloneValue(this.#plain);
  }

  enter(state: LiveQueryState): void {
    const isLegal = TRANSITIONS[this.#state].includes(state);
    assert(isLegal, `a live query cannot go from ${this.#state} to ${state}`);
    this.#state = state;
  }

  /** Takes what its run answered: the query is fresh, and goes on from where its page ended. */
  answer(run: FinishedRun): QueryVersion {
    this.enter("fresh");
    const { journal } = this.#request;
    this.#version = nextVersion(this.#version ?? { basis: this.#basis, journal }, run);
    this.#plain = undefined;
    if (this.#version.journal !== journal) {
      this.#request = { ...this.#request, journal: this.#version.journal };
      this.#key = journaledKey(this.call, this.#version.journal);
    }
    return this.#version;
  }
}
