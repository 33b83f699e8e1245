/**
 * One sync connection (functions.md 9.4): reads what its client says, in order, and keeps the client's
 * state up to date, transition by transition. Whatever a client says or however slowly it reads, the
 * harm is its own.
 *
 * How calls are run, answers recorded and messages sent is in the files around this one.
 */
import type { CallOutcome } from "../functions/call-outcome";
import { type FunctionFailure, refusedFailure, textToClient } from "../functions/function-failure";
import type { SubscriberGroup, Transition } from "../reactivity/subscriber-group";
import { unreachable } from "../shared/assert";
import { isInvexError, userError } from "../shared/errors";
import { convexToJson } from "../values/convex-json";
import { type CallKind, lookUpCall } from "./call-lookup";
import type { CloseFrame, ConnectOptions, Send } from "./connection";
import type { Pulse } from "./heartbeat";
import type { MutationReply, MutationRun } from "./mutation-runs";
import { Outbox } from "./outbox";
import {
  type ActionMessage,
  type AddQuery,
  type AuthenticateMessage,
  type ClientMessage,
  type ConnectMessage,
  type ModifyQuerySetMessage,
  type MutationMessage,
  parseClientMessage,
  type WireCall,
} from "./protocol";
import { type FoundQuery, QuerySet } from "./query-set";
import type { FailureText, FinalMessage, StateModification } from "./server-message";
import type { SessionHost } from "./session-host";
import { callerFor, NOBODY, type SyncCaller } from "./sync-caller";
import { wireRequestId } from "./wire-request-id";
import { encodeTimestamp } from "./wire-timestamp";

/** Mutations, and actions, that a client may have open at a time. */
export const MAX_OPEN_REQUESTS = 1000;

/** Messages that wait while one is looked at: all that a client repeats when it comes back. */
const MAX_INBOX = 4 * MAX_OPEN_REQUESTS;

const OVERLOADED = { code: 1013, reason: "TooManyConcurrentRequests" };
const INTERNAL = { code: 1011, reason: "InternalServerError" };

/** A step of the client's state that its next transition must include. */
interface PendingStep {
  /** The group's ticket for it. */
  ticket: number;
  readonly querySet: number;
  readonly identity: number;
  readonly changes: readonly StateModification[];
}

interface PendingMutation {
  readonly message: MutationMessage;
  /** Who asked: a later `Authenticate` does not change it. */
  readonly caller: SyncCaller;
}

export class Session implements Pulse {
  readonly #host: SessionHost;
  readonly #onClose: ((frame: CloseFrame) => void) | undefined;
  readonly #outbox: Outbox;
  readonly #group: SubscriberGroup;
  readonly #queries: QuerySet;
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
  readonly #mutations: PendingMutation[] = [];
  #running: MutationRun | undefined;
  #isMutating = false;
  #openActions = 0;

  constructor(host: SessionHost, send: Send, { onClose }: ConnectOptions) {
    this.#host = host;
    this.#onClose = onClose;
    this.#outbox = new Outbox({ send, now: host.now, onLost: () => this.close() });
    this.#group = host.createGroup({
      onTransition: (transition) => this.#guard(() => this.#onTransition(transition)),
      reportsLogs: !host.redactErrors,
    });
    this.#queries = new QuerySet({
      group: this.#group,
      failureText: (failure) => this.#failureText(failure, host.createRequestId()),
      hidesLogs: host.redactErrors,
    });
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
    this.#mutations.length = 0;
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

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      for (let text = this.#inbox.shift(); text !== undefined; text = this.#inbox.shift()) {
        const handling = this.#handle(parseClientMessage(text));
        if (handling !== undefined) await handling;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isReading = false;
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
        return this.#enqueueMutation(message);
      case "Action":
        return this.#startAction(message);
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
    this.#checkQueryIds(modifications);
    const added = modifications.filter((each) => each.type === "Add");
    const found = await this.#findAll(added);
    if (this.#isClosed) return;
    this.#querySet = newVersion;
    const changes = modifications.map((each) =>
      each.type === "Remove"
        ? this.#queries.remove(each.queryId)
        : this.#queries.add(each, found.get(each) as FoundQuery),
    );
    this.#step(changes);
  }

  #checkQueryIds(modifications: ModifyQuerySetMessage["modifications"]): void {
    const changed = new Map<number, boolean>();
    for (const { type, queryId } of modifications) {
      const exists = changed.get(queryId) ?? this.#queries.has(queryId);
      if (type === "Add" && exists) throw protocolError(`Duplicate query ID: ${queryId}`);
      if (type === "Remove" && !exists) throw protocolError(`Nonexistent query ID: ${queryId}`);
      changed.set(queryId, type === "Add");
    }
  }

  async #findAll(queries: readonly AddQuery[]): Promise<Map<AddQuery, FoundQuery>> {
    const found = new Map<AddQuery, FoundQuery>();
    for (const message of queries) {
      try {
        const call = this.#lookUp("query", message, this.#caller, this.#host.createRequestId());
        found.set(message, { call: call instanceof Promise ? await call : call });
      } catch (error) {
        if (!isInvexError(error)) throw error;
        found.set(message, { failure: refusedFailure(error) });
      }
    }
    return found;
  }

  #lookUp(kind: CallKind, wire: WireCall, caller: SyncCaller, requestId: string) {
    return lookUpCall(this.#host.directory, kind, wire, caller, requestId);
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
    const committing = this.#running?.commitsAfterSeq;
    if (committing !== undefined && ts.seq > committing) this.#outbox.hold();
    const endVersion = { ...this.#told, ts: encodeTimestamp(ts.ns) };
    this.#outbox.transition(endVersion, ts.seq, changes);
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
    const found = await this.#findAll(messages);
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

  // ---- requests

  #enqueueMutation(message: MutationMessage): void {
    const open = this.#mutations.length + (this.#isMutating ? 1 : 0) + this.#outbox.responseCount;
    if (!this.#admits(open)) return;
    this.#mutations.push({ message, caller: this.#caller });
    if (!this.#isMutating) void this.#runMutations();
  }

  /** One after the other, in the order they were sent. */
  async #runMutations(): Promise<void> {
    this.#isMutating = true;
    try {
      for (let next = this.#mutations.shift(); next; next = this.#mutations.shift()) {
        await this.#runMutation(next);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isMutating = false;
    }
  }

  async #runMutation({ message, caller }: PendingMutation): Promise<void> {
    const request = { sessionId: this.#sessionId as string, requestId: message.requestId };
    const requestId = wireRequestId(request);
    this.#running = this.#host.mutations.start(request, () =>
      this.#lookUp("mutation", message, caller, requestId),
    );
    const reply = await this.#running.reply;
    this.#running = undefined;
    if (this.#isClosed) return;
    if (isOvertaken(reply.outcome)) {
      return this.end({ code: 1013, reason: "OptimisticConcurrencyControlFailure" });
    }
    this.#answerMutation(message.requestId, reply, requestId);
  }

  /** The answer first, then a transition at least as new as the mutation's commit. */
  #answerMutation(requestId: number, { outcome, ts, logLines }: MutationReply, id: string): void {
    const rest = { type: "MutationResponse", requestId, ...this.#logOf(logLines) } as const;
    if (outcome.ok && ts !== undefined) {
      const result = convexToJson(outcome.value);
      this.#outbox.respond({ ...rest, success: true, result, ts: encodeTimestamp(ts.ns) });
      const isOnItsWay = (this.#outbox.pendingSeq ?? -1) >= ts.seq;
      if (!isOnItsWay) this.#group.requestTransition();
    } else if (!outcome.ok) {
      this.#outbox.respond({
        ...rest,
        success: false,
        ...this.#failedResult(outcome, id),
        ts: null,
      });
    }
    this.#outbox.release();
  }

  #startAction(message: ActionMessage): void {
    if (!this.#admits(this.#openActions + this.#outbox.responseCount)) return;
    this.#openActions += 1;
    this.#runAction(message, this.#caller)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#openActions -= 1;
      });
  }

  async #runAction(message: ActionMessage, caller: SyncCaller): Promise<void> {
    const { requestId } = message;
    const id = wireRequestId({ sessionId: this.#sessionId as string, requestId });
    const { outcome, logLines } = await this.#actionReply(message, caller, id);
    if (this.#isClosed) return;
    const rest = { type: "ActionResponse", requestId, ...this.#logOf(logLines) } as const;
    if (outcome.ok) {
      this.#outbox.respond({ ...rest, success: true, result: convexToJson(outcome.value) });
    } else {
      this.#outbox.respond({ ...rest, success: false, ...this.#failedResult(outcome, id) });
    }
  }

  async #actionReply(
    message: ActionMessage,
    caller: SyncCaller,
    id: string,
  ): Promise<Pick<MutationReply, "outcome" | "logLines">> {
    try {
      return await this.#host.runAction(await this.#lookUp("action", message, caller, id));
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { outcome: { ok: false, failure: refusedFailure(error) }, logLines: [] };
    }
  }

  /** Whether one more request is taken, with so many open. */
  #admits(open: number): boolean {
    if (open >= MAX_OPEN_REQUESTS) this.end(OVERLOADED);
    return !this.#isClosed && !this.#isExpired();
  }

  #logOf(logLines: readonly string[]): { readonly logLines: readonly string[] } {
    return { logLines: this.#host.redactErrors ? [] : logLines };
  }

  #failedResult({ failure }: Extract<CallOutcome, { ok: false }>, requestId: string) {
    const { errorMessage: result, ...data } = this.#failureText(failure, requestId);
    return { result, ...data };
  }

  #failureText(failure: FunctionFailure, requestId: string): FailureText {
    const call = { path: "", requestId, redact: this.#host.redactErrors };
    const errorMessage = textToClient(failure, call);
    const { data } = failure;
    return data === undefined ? { errorMessage } : { errorMessage, errorData: convexToJson(data) };
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

function assertBase(given: number, current: number): void {
  if (given === current) return;
  throw protocolError(
    `Base version ${given} passed up doesn't match the current version ${current}`,
  );
}

function protocolError(message: string) {
  return userError("RequestInvalid", message);
}

/** It lost a conflict on every try: not the function's failure. The client will ask again. */
function isOvertaken(outcome: CallOutcome): boolean {
  if (outcome.ok) return false;
  const { thrown } = outcome.failure;
  return isInvexError(thrown) && thrown.code === "OptimisticConcurrencyControlFailure";
}
