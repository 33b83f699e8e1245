/**
 * Functions called by a client: found by name, with arguments as JSON, by somebody who may only be
 * allowed public ones (functions.md 1.8). What the client is told of it is the endpoint's to write.
 */

import type { Snapshot } from "../db/live-snapshots";
import { parseArgumentList } from "../functions/call-arguments";
import type { RequestOrigin } from "../functions/call-execution";
import { type CallOutcome, failed } from "../functions/call-outcome";
import type { FunctionDirectory } from "../functions/function-directory";
import { type FailedCall, refusedFailure } from "../functions/function-failure";
import type { FunctionTarget } from "../functions/function-target";
import type { WantedKind } from "../functions/lookup-error";
import type { RegisteredFunction } from "../functions/registered-function";
import type { FunctionCall, FunctionRunner } from "../functions/runner";
import { decodeArguments } from "../functions/wire-arguments";
import type { UserIdentity } from "../server/authentication";
import { isInvexError } from "../shared/errors";
import type { JSONValue } from "../values/value";

export interface ClientCall {
  readonly target: FunctionTarget;
  /** `"any"` takes whatever the function is. */
  readonly kind: WantedKind;
  /** Should hold one object. */
  readonly args: readonly JSONValue[];
  readonly identity: UserIdentity | null;
  /** May call internal functions. */
  readonly isAdmin: boolean;
  readonly origin: RequestOrigin;
  /** Queries only: what to read. Default: the newest version. */
  readonly snapshot?: Snapshot | undefined;
}

export interface ClientCallReport {
  readonly outcome: CallOutcome;
  readonly logLines: readonly string[];
  /** What the texts for the client need. */
  readonly call: FailedCall;
}

export interface ClientCallsOptions {
  readonly directory: FunctionDirectory;
  readonly runner: Pick<FunctionRunner, "query" | "mutation" | "action">;
  /** Runs a query on the newest version, or answers from a cache. */
  readonly ask: (call: FunctionCall) => Promise<Pick<ClientCallReport, "outcome" | "logLines">>;
  readonly createRequestId: () => string;
  readonly redactErrors: boolean;
}

export class ClientCalls {
  readonly #options: ClientCallsOptions;

  constructor(options: ClientCallsOptions) {
    this.#options = options;
  }

  /**
   * Runs a function to its end. A function that fails, is missing or is given wrong arguments is an
   * outcome, not a rejection. Rejects when the backend itself fails.
   */
  async run(client: ClientCall): Promise<ClientCallReport> {
    const { createRequestId, redactErrors: redact } = this.#options;
    const requestId = createRequestId();
    const call = { path: client.target.path.display, requestId, redact };
    const { outcome, logLines } = await this.#outcome(client, requestId);
    return { outcome, logLines: redact ? [] : logLines, call };
  }

  async #outcome(
    client: ClientCall,
    requestId: string,
  ): Promise<Pick<ClientCallReport, "outcome" | "logLines">> {
    const { target, identity, origin } = client;
    let call: FunctionCall;
    try {
      const fn = await this.#find(client);
      const { args } = parseArgumentList(fn, decodeArguments(fn, client.args));
      call = { target, fn, args, identity, requestId, origin };
    } catch (error) {
      if (!isInvexError(error)) throw error;
      return { outcome: failed(refusedFailure(error)), logLines: [] };
    }
    return this.#runCall(call, client.snapshot);
  }

  #runCall(call: FunctionCall, snapshot: Snapshot | undefined) {
    const { runner, ask } = this.#options;
    if (call.fn.kind === "mutation") return runner.mutation(call);
    if (call.fn.kind === "action") return runner.action(call);
    return snapshot === undefined ? ask(call) : runner.query(call, snapshot);
  }

  async #find({ target, kind, isAdmin }: ClientCall): Promise<RegisteredFunction> {
    return this.#options.directory.lookup(target, kind, isAdmin ? "function" : "client");
  }
}
