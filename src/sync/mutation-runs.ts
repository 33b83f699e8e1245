/**
 * Clients' mutations: each (session, request) happens once, however often and over however many
 * connections it is asked for. While it runs, whoever asks for the same waits for the same run; once
 * it has committed, the recorded answer is given again. A failed one may be tried again.
 */

import type { Timestamp } from "../db/timestamp";
import { type CallOutcome, failed, succeeded } from "../functions/call-outcome";
import { refusedFailure } from "../functions/function-failure";
import type { FunctionCall, FunctionRunner, MutationHooks } from "../functions/runner";
import { isInvexError } from "../shared/errors";
import {
  findAnswer,
  type RecordedAnswer,
  recordAnswer,
  type SessionRequest,
} from "./session-requests";

export interface MutationReply {
  readonly outcome: CallOutcome;
  /** A version at which it has happened; absent after a failure. */
  readonly ts: Timestamp | undefined;
  readonly logLines: readonly string[];
}

export interface MutationRun {
  /** Rejects when the backend cannot commit at all. */
  readonly reply: Promise<MutationReply>;
  /** Once it is about to commit: the newest commit before. */
  readonly commitsAfterSeq: number | undefined;
}

export interface MutationRunsOptions {
  readonly runner: Pick<FunctionRunner, "mutation">;
  /** Sequence number of the newest commit. */
  readonly latestSeq: () => number;
}

/** Makes the call that runs; what it throws is the mutation's failure if it is an `InvexError`. */
export type CallSource = () => FunctionCall | Promise<FunctionCall>;

interface Progress {
  commitsAfterSeq: number | undefined;
}

export class MutationRuns {
  readonly #options: MutationRunsOptions;
  readonly #running = new Map<string, MutationRun>();

  constructor(options: MutationRunsOptions) {
    this.#options = options;
  }

  start(request: SessionRequest, callOf: CallSource): MutationRun {
    const key = `${request.sessionId}|${request.requestId}`;
    const joined = this.#running.get(key);
    if (joined !== undefined) return joined;
    const progress: Progress = { commitsAfterSeq: undefined };
    const reply = this.#execute(progress, request, callOf).finally(() => this.#running.delete(key));
    const run: MutationRun = {
      reply,
      get commitsAfterSeq() {
        return progress.commitsAfterSeq;
      },
    };
    this.#running.set(key, run);
    return run;
  }

  async #execute(
    progress: Progress,
    request: SessionRequest,
    callOf: CallSource,
  ): Promise<MutationReply> {
    let call: FunctionCall;
    try {
      call = await callOf();
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { outcome: failed(refusedFailure(error)), ts: undefined, logLines: [] };
    }
    let recorded: { readonly answer: RecordedAnswer; readonly ts: Timestamp } | undefined;
    const hooks: MutationHooks = {
      begin: (tx) => {
        progress.commitsAfterSeq = undefined;
        const answer = findAnswer(tx, request);
        if (answer !== undefined) recorded = { answer, ts: tx.snapshot.ts };
        return answer === undefined;
      },
      beforeCommit: (tx, outcome, logLines) => {
        progress.commitsAfterSeq = this.#options.latestSeq();
        if (outcome.ok) recordAnswer(tx, request, { value: outcome.value, logLines });
      },
    };
    const done = await this.#options.runner.mutation(call, hooks);
    if (recorded === undefined) return done;
    const { value, logLines } = recorded.answer;
    return { outcome: succeeded(value), ts: recorded.ts, logLines };
  }
}
