/**
 * A set of subscriptions that hear of changes together: all that changed in a round of the notifier
 * comes as one transition, as of one timestamp. `backend.subscribe` is a group of one; a sync
 * session is a group that comes and goes with its query set.
 */
import type { Timestamp } from "../db/timestamp";
import { assert } from "../shared/assert";
import type { QueryRequest } from "./ports";
import { type QueryUpdate, Subscription } from "./subscription";

/**
 * All queries of the group as of `ts`: those that changed are listed, the others are what was
 * delivered before.
 */
export interface Transition {
  /** Never lower than that of the transition before. */
  readonly ts: Timestamp;
  /** In the order of their subscriptions. */
  readonly updates: readonly QueryUpdate[];
  /**
   * The last ticket of `requestTransition` this answers: whatever the group added or removed before
   * it drew the ticket is in effect, and commits before it are visible.
   */
  readonly through: number;
}

export interface GroupOptions {
  /**
   * Called once a round at most, never from within a commit or a call of this module's functions.
   * A throw is reported and harms nobody else.
   */
  readonly onTransition: (transition: Transition) => void;
  /** Whether other log lines with the same result are a change. Default: false. */
  readonly reportsLogs?: boolean;
}

/** The notifier, as groups see it. */
export interface GroupHost {
  join(subscription: Subscription): void;
  leave(subscription: Subscription): void;
  ask(group: SubscriberGroup): void;
}

export class SubscriberGroup {
  readonly reportsLogs: boolean;
  /** Groups of one round are told in this order. */
  readonly order: number;
  readonly #host: GroupHost;
  readonly #onTransition: (transition: Transition) => void;
  readonly #subscriptions = new Set<Subscription>();
  #nextOrder = 0;
  #updates: QueryUpdate[] = [];
  /** Tickets drawn, and those that the round under way answers. */
  #tickets = 0;
  #through = 0;
  #isAsked = false;
  #isClosed = false;

  constructor(host: GroupHost, order: number, options: GroupOptions) {
    this.#host = host;
    this.order = order;
    this.#onTransition = options.onTransition;
    this.reportsLogs = options.reportsLogs ?? false;
  }

  /**
   * Subscribes to a query. The first result comes with a later transition, at least as new as the
   * newest commit now.
   */
  add(request: QueryRequest): Subscription {
    assert(!this.#isClosed, "a closed group takes no subscriptions");
    const subscription = new Subscription(this, this.#nextOrder++, request);
    this.#subscriptions.add(subscription);
    this.#host.join(subscription);
    return subscription;
  }

  /** Ends a subscription at once: no transition lists it any more. Again does nothing. */
  remove(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription)) return;
    this.#host.leave(subscription);
    subscription.close();
  }

  /**
   * Asks for a transition even if nothing changes, and returns its ticket: one whose `through` is
   * that or more will come. It is as of a timestamp not before the newest commit now.
   */
  requestTransition(): number {
    this.#tickets += 1;
    this.#host.ask(this);
    return this.#tickets;
  }

  /** Ends all subscriptions. Again does nothing. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) this.remove(subscription);
    this.#updates = [];
  }

  /** For the notifier, when asked: the round that begins now answers all tickets drawn so far. */
  beginRound(): void {
    this.#through = this.#tickets;
    this.#isAsked = true;
  }

  /** For the notifier: one of the updates of the round under way. */
  note(update: QueryUpdate): void {
    this.#updates.push(update);
  }

  /** For the notifier: the round is over. Throws what the listener throws. */
  deliver(ts: Timestamp): void {
    const updates = this.#updates
      .filter(({ subscription }) => !subscription.isClosed)
      .sort((a, b) => a.subscription.order - b.subscription.order);
    const isDue = updates.length > 0 || this.#isAsked;
    this.#updates = [];
    this.#isAsked = false;
    if (isDue && !this.#isClosed) this.#onTransition({ ts, updates, through: this.#through });
  }
}
