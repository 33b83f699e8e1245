/**
 * The mutations and actions of one session: mutations one after the other in the order they were
 * sent, actions side by side, a thousand of each open at most (functions.md 9.4). An answer that
 * waits for a slow client counts as open.
 */
import type { CallOutcome } from "../functions/call-outcome";
import { refusedFailure } from "../functions/function-failure";
import { isInvexError } from "../shared/errors";
import { convexToJson } from "../values/convex-json";
import { lookUpCall } from "./call-lookup";
import type { CloseFrame } from "./connection";
import { failureText } from "./failure-text";
import type { MutationReply, MutationRun } from "./mutation-runs";
import type { Outbox } from "./outbox";
import type { ActionMessage, MutationMessage } from "./protocol";
import type { SessionHost } from "./session-host";
import type { SessionRequest } from "./session-requests";
import type { SyncCaller } from "./sync-caller";
import { wireRequestId } from "./wire-request-id";
import { encodeTimestamp } from "./wire-timestamp";

/** Mutations, and actions, that a client may have open at a time. */
export const MAX_OPEN_REQUESTS = 1000;

export const OVERLOADED: CloseFrame = { code: 1013, reason: "TooManyConcurrentRequests" };
const OVERTAKEN: CloseFrame = { code: 1013, reason: "OptimisticConcurrencyControlFailure" };

export interface SessionCallsOptions {
  readonly host: SessionHost;
  readonly outbox: Outbox;
  /** Asks for a transition at least as new as the newest commit now. */
  readonly requestTransition: () => void;
  /** Ends the session. */
  readonly end: (frame: CloseFrame) => void;
  /** Nothing is open any more. */
  readonly onIdle: () => void;
  /** Ends it because of an error that is not the function's. */
  readonly fail: (error: unknown) => void;
}

interface Request<Message> {
  readonly message: Message;
  /** Who asked: a later `Authenticate` does not change it. */
  readonly caller: SyncCaller;
  readonly name: SessionRequest;
}

export class SessionCalls {
  readonly #options: SessionCallsOptions;
  readonly #mutations: Request<MutationMessage>[] = [];
  #running: MutationRun | undefined;
  #isMutating = false;
  #openActions = 0;
  #isClosed = false;

  constructor(options: SessionCallsOptions) {
    this.#options = options;
  }

  /** While a mutation is about to commit: the newest commit before. Its answer goes before its effects. */
  get commitsAfterSeq(): number | undefined {
    return this.#running?.commitsAfterSeq;
  }

  get isIdle(): boolean {
    return !this.#isMutating && this.#openActions === 0;
  }

  start(sessionId: string, message: MutationMessage | ActionMessage, caller: SyncCaller): void {
    const name = { sessionId, requestId: message.requestId };
    if (message.type === "Mutation") this.#enqueue({ message, caller, name });
    else this.#act({ message, caller, name });
  }

  /** Nobody waits any more. What runs goes on to its end; what waits its turn is dropped. */
  close(): void {
    this.#isClosed = true;
    this.#mutations.length = 0;
  }

  #admits(open: number): boolean {
    const { outbox, end } = this.#options;
    if (open + outbox.responseCount < MAX_OPEN_REQUESTS) return true;
    end(OVERLOADED);
    return false;
  }

  #enqueue(request: Request<MutationMessage>): void {
    if (!this.#admits(this.#mutations.length + (this.#isMutating ? 1 : 0))) return;
    this.#mutations.push(request);
    if (!this.#isMutating) void this.#runMutations();
  }

  async #runMutations(): Promise<void> {
    this.#isMutating = true;
    try {
      for (let next = this.#mutations.shift(); next; next = this.#mutations.shift()) {
        await this.#runMutation(next);
      }
    } catch (error) {
      this.#options.fail(error);
    } finally {
      this.#isMutating = false;
      if (this.isIdle) this.#options.onIdle();
    }
  }

  async #runMutation({ message, caller, name }: Request<MutationMessage>): Promise<void> {
    const { host, end } = this.#options;
    const id = wireRequestId(name);
    this.#running = host.mutations.start(name, () =>
      lookUpCall(host.directory, "mutation", message, caller, id),
    );
    const reply = await this.#running.reply;
    this.#running = undefined;
    if (this.#isClosed) return;
    if (isOvertaken(reply.outcome)) end(OVERTAKEN);
    else this.#answerMutation(name.requestId, reply, id);
  }

  /** The answer first, then a transition at least as new as the mutation's commit. */
  #answerMutation(requestId: number, { outcome, ts, logLines }: MutationReply, id: string): void {
    const { outbox, requestTransition } = this.#options;
    const rest = { type: "MutationResponse", requestId, ...this.#logOf(logLines) } as const;
    if (outcome.ok && ts !== undefined) {
      const result = convexToJson(outcome.value);
      outbox.respond({ ...rest, success: true, result, ts: encodeTimestamp(ts.ns) });
      const isOnItsWay = (outbox.pendingSeq ?? -1) >= ts.seq;
      if (!isOnItsWay) requestTransition();
    } else if (!outcome.ok) {
      outbox.respond({ ...rest, success: false, ...this.#failedResult(outcome, id), ts: null });
    }
    outbox.release();
  }

  #act(request: Request<ActionMessage>): void {
    if (!this.#admits(this.#openActions)) return;
    this.#openActions += 1;
    this.#runAction(request)
      .catch((error) => this.#options.fail(error))
      .finally(() => {
        this.#openActions -= 1;
        if (this.isIdle) this.#options.onIdle();
      });
  }

  async #runAction(request: Request<ActionMessage>): Promise<void> {
    const { requestId } = request.name;
    const id = wireRequestId(request.name);
    const { outcome, logLines } = await this.#actionReply(request, id);
    if (this.#isClosed) return;
    const { outbox } = this.#options;
    const rest = { type: "ActionResponse", requestId, ...this.#logOf(logLines) } as const;
    if (outcome.ok) {
      outbox.respond({ ...rest, success: true, result: convexToJson(outcome.value) });
    } else {
      outbox.respond({ ...rest, success: false, ...this.#failedResult(outcome, id) });
    }
  }

  async #actionReply(
    { message, caller }: Request<ActionMessage>,
    id: string,
  ): Promise<Pick<MutationReply, "outcome" | "logLines">> {
    const { host } = this.#options;
    try {
      const call = await lookUpCall(host.directory, "action", message, caller, id);
      return await host.runAction(call);
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { outcome: { ok: false, failure: refusedFailure(error) }, logLines: [] };
    }
  }

  #logOf(logLines: readonly string[]): { readonly logLines: readonly string[] } {
    return { logLines: this.#options.host.redactErrors ? [] : logLines };
  }

  #failedResult({ failure }: Extract<CallOutcome, { ok: false }>, id: string) {
    const { redactErrors } = this.#options.host;
    const { errorMessage: result, ...data } = failureText(failure, id, redactErrors);
    return { result, ...data };
  }
}

/** It lost a conflict on every try: not the function's failure. The client will ask again. */
function isOvertaken(outcome: CallOutcome): boolean {
  if (outcome.ok) return false;
  const { thrown } = outcome.failure;
  return isInvexError(thrown) && thrown.code === "OptimisticConcurrencyControlFailure";
}
