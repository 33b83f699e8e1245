/** Subscriptions of the embedder: from a reference and arguments to results and errors of his own. */
import type { CallOutcome } from "../functions/call-outcome";
import { errorToEmbedder } from "../functions/function-failure";
import { reportToHost } from "../functions/host-log";
import { queryRequestOf } from "../functions/query-request";
import type { FunctionCall } from "../functions/runner";
import type { QueryRequest } from "../reactivity/ports";
import type { Reactivity } from "../reactivity/reactivity";
import type { UserIdentity } from "../server/authentication";
import type { EmbedderCalls } from "./embedder-calls";

export interface EngineSubscription {
  readonly query: unknown;
  readonly args: unknown;
  readonly identity: UserIdentity | null;
  readonly onResult: (result: unknown) => void;
  readonly onError: ((error: Error) => void) | undefined;
  /** Told what is subscribed to, when that is known. */
  readonly onBegin?: (request: QueryRequest) => void;
}

interface Options {
  /** A call that can run; throws or rejects when it cannot be made. */
  readonly prepare: (
    query: unknown,
    args: unknown,
    identity: UserIdentity | null,
  ) => FunctionCall | Promise<FunctionCall>;
  readonly reactivity: Pick<Reactivity, "subscribe">;
  readonly failedCall: EmbedderCalls["failedCall"];
}

export class EmbedderSubscriptions {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Keeps `onResult` up to date from now on; problems go to `onError`, never before this returns. */
  subscribe(subscription: EngineSubscription): () => void {
    // Let go of when it ends: whoever keeps the stop function must not keep the listener alive.
    let wanted: EngineSubscription | undefined = subscription;
    let stop: (() => void) | undefined;
    const begin = (call: FunctionCall) => {
      if (wanted !== undefined) stop = this.#listen(call, wanted);
    };
    const refuse = (error: Error) => {
      if (wanted !== undefined) reportTo(wanted.onError, error);
    };
    try {
      const { query, args, identity } = subscription;
      const prepared = this.#options.prepare(query, args, identity);
      if (prepared instanceof Promise) prepared.then(begin, refuse);
      else begin(prepared);
    } catch (error) {
      queueMicrotask(() => refuse(error as Error));
    }
    return () => {
      wanted = undefined;
      stop?.();
      stop = undefined;
    };
  }

  #listen(call: FunctionCall, subscription: EngineSubscription): () => void {
    const { reactivity, failedCall } = this.#options;
    const { onResult, onError, onBegin } = subscription;
    const request = queryRequestOf(call);
    onBegin?.(request);
    return reactivity.subscribe(request, (result) => {
      const outcome = result as CallOutcome;
      if (outcome.ok) onResult(outcome.value);
      else reportTo(onError, errorToEmbedder(outcome.failure, failedCall(call)));
    });
  }
}

/** Without anybody to tell, a failing query is not silent. */
function reportTo(onError: ((error: Error) => void) | undefined, error: Error): void {
  if (onError === undefined) reportToHost("a subscribed query", error);
  else onError(error);
}
