/**
 * One sync connection (functions.md 9.4): reads what its client says, in order, and keeps the client's
 * state up to date, transition by transition. Whatever a client says or however slowly it reads, the
 * harm is its own.
 *
 * How calls are run, answers recorded and messages sent is in the files around this one.
 */
import type { SubscriberGroup, Transition } from "../reactivity/subscriber-group";
import { unreachable } from "../shared/assert";
import { isInvexError } from "../shared/errors";
import type { CloseFrame, ConnectOptions, Send } from "./connection";
import { failureText } from "./failure-text";
import type { Pulse } from "./heartbeat";
import { Outbox } from "./outbox";
import {
  type AddQuery,
  type AuthenticateMessage,
  type ClientMessage,
  type ConnectMessage,
  type ModifyQuerySetMessage,
  parseClientMessage,
} from "./protocol";
import { assertBase, checkQueryIds, protocolError } from "./protocol-rules";
import { findQueries } from "./query-lookup";
import { type FoundQuery, QuerySet } from "./query-set";
import type { FinalMessage, StateModification } from "./server-message";
import { MAX_OPEN_REQUESTS, OVERLOADED, SessionCalls } from "./session-calls";
import type { SessionHost } from "./session-host";
import {
  type ClientState,
  callerOf,
  clientStateOf,
  type SessionState,
  type ToldState,
} from "./session-state";
import { callerFor, NOBODY, type SyncCaller } from "./sync-caller";
import { encodeTimestamp } from "./wire-timestamp";

/** Messages that wait while one is looked at: all that a client repeats when it comes back. */
const MAX_INBOX = 4 * MAX_OPEN_REQUESTS;

const INTERNAL = { code: 1011, reason: "InternalServerError" };

/** A step of the client's state that its next transition must include. */
interface PendingStep {
  /** The group's ticket for it. */
  ticket: number;
  readonly querySet: number;
  readonly identity: number;
  readonly changes: readonly StateModification[];
}

export class Session implements Pulse {
  readonly #host: SessionHost;
  readonly #onClose: ((frame: CloseFrame) => void) | undefined;
  readonly #onRest: (() => void) | undefined;
  readonly #outbox: Outbox;
  readonly #group: SubscriberGroup;
  readonly #queries: QuerySet;
  readonly #calls: SessionCalls;
  readonly #inbox: string[] = [];
  #isReading = false;
  #isClosed = false;
  #sessionId: string | undefined;
  #caller: SyncCaller = NOBODY;
  /** As the client has set them; what it was told lags behind. */
  #querySet = 0;
  #identity = 0;
  #told = { querySet: 0, identity: 0 };
  #steps: PendingStep[] = [];
  /** The last ticket drawn for a mutation whose effects the client waits for. */
  #owedTicket = 0;
  #answeredTicket = 0;

  constructor(host: SessionHost, send: Send, { onClose, onRest, resume }: ConnectOptions) {
    this.#host = host;
    this.#onClose = onClose;
    this.#onRest = onRest;
    this.#outbox = new Outbox({
      send,
      now: host.now,
      onLost: () => this.close(),
      onDrained: () => this.#rest(),
    });
    this.#group = host.createGroup({
      onTransition: (transition) => this.#guard(() => this.#onTransition(transition)),
      reportsLogs: !host.redactErrors,
    });
    this.#queries = new QuerySet({
      group: this.#group,
      failureText: (failure) => failureText(failure, host.createRequestId(), host.redactErrors),
      hidesLogs: host.redactErrors,
    });
    this.#calls = new SessionCalls({
      host,
      outbox: this.#outbox,
      requestTransition: () => {
        this.#owedTicket = this.#group.requestTransition();
      },
      end: (frame) => this.end(frame),
      onIdle: () => this.#rest(),
      fail: (error) => this.#fail(error),
    });
    if (resume !== undefined) this.#restore(resume);
  }

  /** See {@link SyncConnection.state}. */
  get state(): SessionState | undefined {
    const sessionId = this.#sessionId;
    if (sessionId === undefined || !this.#isAtRest) return undefined;
    const { version, transitions } = this.#outbox.sent;
    const queries = this.#queries.messages.map(({ queryId, udfPath, args, componentPath }) => ({
      queryId,
      udfPath,
      args,
      ...(componentPath == null ? {} : { componentPath }),
    }));
    const session = { sessionId, clockSkew: this.#outbox.clientClockSkew };
    return {
      client: clientStateOf(session, this.#caller, queries),
      told: { ...version, transitions, results: this.#queries.told },
    };
  }

  get #isAtRest(): boolean {
    const isDone = this.#inbox.length === 0 && !this.#isReading && this.#steps.length === 0;
    const isTold = this.#answeredTicket >= this.#owedTicket && this.#outbox.isEmpty;
    return isDone && isTold && this.#calls.isIdle && !this.#isClosed;
  }

  #rest(): void {
    if (this.#onRest !== undefined && this.#isAtRest) this.#onRest();
  }

  get sentAtMs(): number {
    return this.#outbox.sentAtMs;
  }

  beat(): void {
    this.#guard(() => {
      if (!this.#isExpired()) this.#outbox.ping();
    });
  }

  /** Takes one message of the client; it is acted on after those before it. Never throws. */
  receive(text: string): void {
    if (this.#isClosed) return;
    this.#inbox.push(text);
    if (this.#inbox.length > MAX_INBOX) this.end(OVERLOADED);
    else if (!this.#isReading) void this.#read();
  }

  /** The connection is gone. A running mutation and running actions go on to their end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.length = 0;
    this.#calls.close();
    this.#steps = [];
    this.#group.close();
    this.#outbox.close();
    this.#host.onClosed(this);
  }

  /** Ends the connection from this side. */
  end(frame: CloseFrame, last?: FinalMessage): void {
    if (this.#isClosed) return;
    this.#outbox.close(last && JSON.stringify(last));
    if (this.#isClosed) return;
    this.close();
    try {
      this.#onClose?.(frame);
    } catch (error) {
      this.#host.onError(error);
    }
  }

  /** Takes the place of a session of another backend, before anything its client says now. */
  #restore({ client, told }: SessionState): void {
    this.#sessionId = client.sessionId;
    this.#caller = callerOf(client);
    this.#querySet = told.querySet;
    this.#identity = told.identity;
    this.#told = { querySet: told.querySet, identity: told.identity };
    this.#outbox.clientClockSkew = client.clockSkew;
    const { querySet, identity, ts, transitions } = told;
    this.#outbox.resume({ querySet, identity, ts }, transitions);
    void this.#read(this.#restoreQueries(client, told));
  }

  async #restoreQueries({ queries }: ClientState, { results }: ToldState): Promise<void> {
    const messages = queries.map((query, i): AddQuery => {
      return { type: "Add", ...query, journal: results[i]?.[1] };
    });
    const found = await findQueries(this.#host, this.#caller, messages);
    if (this.#isClosed) return;
    const changes = messages.map((each, i) =>
      this.#queries.resume(each, found.get(each) as FoundQuery, results[i]?.[0] ?? null),
    );
    // What cannot be run any more is news that comes from no subscription.
    if (changes.some((change) => change !== undefined)) this.#step(changes);
  }

  async #read(before?: Promise<void>): Promise<void> {
    this.#isReading = true;
    try {
      if (before !== undefined) await before;
      for (let text = this.#inbox.shift(); text !== undefined; text = this.#inbox.shift()) {
        const handling = this.#handle(parseClientMessage(text));
        if (handling !== undefined) await handling;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isReading = false;
      this.#rest();
    }
  }

  #handle(message: ClientMessage): void | Promise<void> {
    if (message.type === "Connect") return this.#connect(message);
    if (this.#sessionId === undefined) throw protocolError("The first message must be Connect");
    switch (message.type) {
      case "ModifyQuerySet":
        return this.#modifyQuerySet(message);
      case "Authenticate":
        return this.#authenticate(message);
      case "Mutation":
      case "Action":
        if (!this.#isExpired()) this.#calls.start(this.#sessionId, message, this.#caller);
        return;
      case "Event":
        return;
      default:
        return unreachable(message);
    }
  }

  #connect({ sessionId, clientTs }: ConnectMessage): void {
    if (this.#sessionId !== undefined) throw protocolError("Connect must be sent only once");
    this.#sessionId = sessionId;
    if (clientTs != null) this.#outbox.clientClockSkew = clientTs - this.#host.now();
  }

  // ---- queries

  async #modifyQuerySet(message: ModifyQuerySetMessage): Promise<void> {
    const { baseVersion, newVersion, modifications } = message;
    assertBase(baseVersion, this.#querySet);
    if (newVersion <= baseVersion) {
      throw protocolError(`New version ${newVersion} does not follow base version ${baseVersion}`);
    }
    checkQueryIds(modifications, this.#queries);
    const added = modifications.filter((each) => each.type === "Add");
    const found = await findQueries(this.#host, this.#caller, added);
    if (this.#isClosed) return;
    this.#querySet = newVersion;
    const changes = modifications.map((each) =>
      each.type === "Remove"
        ? this.#queries.remove(each.queryId)
        : this.#queries.add(each, found.get(each) as FoundQuery),
    );
    this.#step(changes);
  }

  /** The client's state has taken a step: a transition that says so will come. */
  #step(changes: readonly (StateModification | undefined)[]): void {
    this.#steps.push({
      ticket: this.#group.requestTransition(),
      querySet: this.#querySet,
      identity: this.#identity,
      changes: changes.filter((change) => change !== undefined),
    });
  }

  #onTransition({ ts, updates, through }: Transition): void {
    if (this.#isClosed || this.#isExpired()) return;
    this.#answeredTicket = through;
    const changes: StateModification[] = [];
    let done = 0;
    for (const step of this.#steps) {
      if (step.ticket > through) break;
      this.#told = { querySet: step.querySet, identity: step.identity };
      changes.push(...step.changes);
      done += 1;
    }
    this.#steps.splice(0, done);
    changes.push(...this.#queries.newsOf(updates));
    // Nobody has asked yet: the first results of a resumed session, which its client has.
    if (changes.length === 0 && through === 0) return;
    const committing = this.#calls.commitsAfterSeq;
    if (committing !== undefined && ts.seq > committing) this.#outbox.hold();
    const endVersion = { ...this.#told, ts: encodeTimestamp(ts.ns) };
    this.#outbox.transition(endVersion, ts.seq, changes);
    this.#rest();
  }

  // ---- identity

  async #authenticate(message: AuthenticateMessage): Promise<void> {
    assertBase(message.baseVersion, this.#identity);
    let caller: SyncCaller;
    try {
      caller = await callerFor(message, this.#host.auth);
    } catch (error) {
      if (!isInvexError(error) || error.code !== "Unauthenticated") throw error;
      return this.#refuseCaller(error.message, message.baseVersion, true);
    }
    if (!this.#isClosed) await this.#become(caller);
  }

  /** All queries are asked again, by `caller`; nothing of the one before is told any more. */
  async #become(caller: SyncCaller): Promise<void> {
    this.#caller = caller;
    this.#identity += 1;
    const { messages } = this.#queries;
    const found = await findQueries(this.#host, this.#caller, messages);
    if (this.#isClosed) return;
    const changes = messages.map((each) =>
      this.#queries.replace(each.queryId, found.get(each) as FoundQuery),
    );
    this.#step(changes);
    // Steps not told yet were about results of the one before: they come true with this one.
    const ticket = this.#steps.at(-1)?.ticket as number;
    for (const step of this.#steps) step.ticket = ticket;
  }

  #isExpired(): boolean {
    if (this.#host.now() < this.#caller.expiresAtMs) return false;
    this.#refuseCaller("Convex token identity expired", this.#identity - 1, false);
    return true;
  }

  #refuseCaller(error: string, baseVersion: number, authUpdateAttempted: boolean): void {
    this.end({}, { type: "AuthError", error, baseVersion, authUpdateAttempted });
  }

  // ---- problems

  #guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What the client did wrong is told and ends its connection; what we did wrong ends it too. */
  #fail(error: unknown): void {
    if (this.#isClosed) return;
    if (isInvexError(error) && error.code === "RequestInvalid") {
      this.end({}, { type: "FatalError", error: error.message });
    } else {
      this.#host.onError(error);
      this.end(INTERNAL);
    }
  }
}
