/**
 * What is on its way to one client. Responses go in order; of states there is one at most, the newest:
 * while the client is slow, or a response must come first, what changes meanwhile is merged into it.
 * So it holds no more than one state, one ping and the responses to open requests.
 *
 * A response is always sent before the state that follows it.
 */
import type { Send } from "./connection";
import {
  PING,
  printTransition,
  type RequestResponse,
  type StateModification,
  type StateVersion,
} from "./server-message";
import { transitionMessages } from "./transition-chunks";
import { ZERO_TIMESTAMP } from "./wire-timestamp";

export interface OutboxOptions {
  readonly send: Send;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The transport cannot be reached any more. */
  readonly onLost: () => void;
  /** Nothing waits any more because the client was slow. */
  readonly onDrained?: () => void;
}

interface PendingState {
  readonly endVersion: StateVersion;
  readonly seq: number;
  readonly modifications: Map<number, StateModification>;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #responses: string[] = [];
  #state: PendingState | undefined;
  /** Messages that belong together and of which some have been sent. */
  #parts: string[] = [];
  #sentVersion: StateVersion = { querySet: 0, identity: 0, ts: ZERO_TIMESTAMP };
  #transitions = 0;
  #isWaiting = false;
  #isHeld = false;
  #isClosed = false;
  #sentAtMs: number;
  clientClockSkew: number | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#sentAtMs = options.now();
  }

  /** Whether everything has been handed to the transport. */
  get isEmpty(): boolean {
    const isDone = this.#responses.length === 0 && this.#parts.length === 0;
    return isDone && this.#state === undefined && !this.#isWaiting;
  }

  /** Where the client stands, as far as it was told. */
  get sent(): { readonly version: StateVersion; readonly transitions: number } {
    return { version: this.#sentVersion, transitions: this.#transitions };
  }

  /** The transport's client was told this much already. */
  resume(version: StateVersion, transitions: number): void {
    this.#sentVersion = version;
    this.#transitions = transitions;
  }

  /** When the last message was sent. */
  get sentAtMs(): number {
    return this.#sentAtMs;
  }

  /** Responses that wait for a slow client. */
  get responseCount(): number {
    return this.#responses.length;
  }

  /** The commit that the state on its way is as of. */
  get pendingSeq(): number | undefined {
    return this.#state?.seq;
  }

  respond(response: RequestResponse): void {
    this.#responses.push(JSON.stringify(response));
    this.#flush();
  }

  /** The client's state as of commit `seq`. */
  transition(endVersion: StateVersion, seq: number, changes: readonly StateModification[]): void {
    const modifications = this.#state?.modifications ?? new Map<number, StateModification>();
    for (const change of changes) modifications.set(change.queryId, change);
    this.#state = { endVersion, seq, modifications };
    this.#flush();
  }

  /** States wait from here on: a response comes first. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#flush();
  }

  /** A sign of life, unless the client is known not to read. */
  ping(): void {
    if (!this.#isWaiting && !this.#isClosed) this.#send(PING);
  }

  /** Drops everything that waits. Nothing is sent any more but `last`, at once. */
  close(last?: string): void {
    if (this.#isClosed) return;
    this.#responses = [];
    this.#parts = [];
    this.#state = undefined;
    if (last !== undefined) this.#send(last);
    this.#isClosed = true;
  }

  #flush(): void {
    while (!this.#isWaiting && !this.#isClosed) {
      const message = this.#next();
      if (message === undefined) return;
      this.#send(message);
    }
  }

  #next(): string | undefined {
    const part = this.#parts.shift();
    if (part !== undefined) return part;
    const response = this.#responses.shift();
    if (response !== undefined) return response;
    if (this.#state === undefined || this.#isHeld) return undefined;
    this.#parts = [...this.#printState(this.#state)];
    this.#state = undefined;
    return this.#parts.shift();
  }

  #printState({ endVersion, modifications }: PendingState): readonly string[] {
    const text = printTransition({
      startVersion: this.#sentVersion,
      endVersion,
      modifications: [...modifications.values()],
      clientClockSkew: this.clientClockSkew,
    });
    this.#sentVersion = endVersion;
    this.#transitions += 1;
    return transitionMessages(text, String(this.#transitions));
  }

  #send(message: string): void {
    this.#sentAtMs = this.#options.now();
    try {
      const sent = this.#options.send(message);
      if (sent instanceof Promise) this.#waitFor(sent);
    } catch {
      this.#lose();
    }
  }

  #waitFor(sent: Promise<void>): void {
    this.#isWaiting = true;
    sent.then(
      () => {
        this.#isWaiting = false;
        this.#flush();
        if (this.isEmpty) this.#options.onDrained?.();
      },
      () => this.#lose(),
    );
  }

  #lose(): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onLost();
  }
}
