/**
 * Calls of the embedder: from a reference and arguments to a call that can run, and from its outcome
 * to a value or an error of his own.
 */
import type { Explanation } from "../explain/explanation";
import { parseArguments } from "../functions/call-arguments";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { errorToEmbedder, refusedFailure } from "../functions/function-failure";
import { inlineFunction, isInlineHandler } from "../functions/inline-function";
import type { RegisteredFunction } from "../functions/registered-function";
import { createRequestId } from "../functions/request-id";
import type { FunctionCall } from "../functions/runner";
import { getFunctionAddress } from "../server/function-address";
import { isInvexError } from "../shared/errors";
import type { Random } from "../shared/random";
import type { Value } from "../values/value";

/** For whom a function is called. */
export type Caller = Pick<FunctionCall, "identity" | "origin">;

export type CallableKind = "query" | "mutation" | "action";

/** `"any"`: whatever the function is; an inline one is a query then. */
type WantedKind = CallableKind | "any";

interface EmbedderCallsOptions {
  readonly directory: ComponentDirectory;
  readonly random: Random;
  /** Whether errors say no more than their request's id. */
  readonly redact: boolean;
}

export class EmbedderCalls {
  readonly #options: EmbedderCallsOptions;

  constructor(options: EmbedderCallsOptions) {
    this.#options = options;
  }

  /**
   * Finds the function and checks the arguments, in Convex's order (engine.md 2.4): at once, also
   * when it throws, if the function's module is loaded.
   */
  prepare(
    kind: WantedKind,
    reference: unknown,
    args: unknown,
    caller: Caller,
  ): FunctionCall | Promise<FunctionCall> {
    const { directory, random } = this.#options;
    const requestId = createRequestId(random);
    if (isInlineHandler(reference)) {
      const fn = inlineFunction(kind === "any" ? "query" : kind, reference);
      return { ...caller, target: { component: "", path: fn.path }, fn, args: {}, requestId };
    }
    const target = directory.resolve(getFunctionAddress(reference), "");
    const request = { ...caller, target, requestId };
    const found = this.#lookup(request, kind);
    return found instanceof Promise
      ? found.then((fn) => this.#callWith(request, fn, args))
      : this.#callWith(request, found, args);
  }

  /** The call's value. @throws what the embedder gets to see of its failure */
  deliver(call: FunctionCall, outcome: CallOutcome): Value {
    if (outcome.ok) return outcome.value;
    throw errorToEmbedder(outcome.failure, this.failedCall(call));
  }

  /** The same as data. */
  resultOf(call: FunctionCall, outcome: CallOutcome): Explanation["result"] {
    if (outcome.ok) return outcome;
    return { ok: false, error: errorToEmbedder(outcome.failure, this.failedCall(call)) };
  }

  /** What errors say of a call. */
  failedCall({ target, requestId }: Pick<FunctionCall, "target" | "requestId">) {
    return { path: target.path.display, requestId, redact: this.#options.redact };
  }

  #lookup(
    request: Omit<FunctionCall, "fn" | "args">,
    kind: WantedKind,
  ): RegisteredFunction | Promise<RegisteredFunction> {
    const refuse = (error: unknown): never => {
      if (!isInvexError(error) || error.code !== "FunctionNotFound") throw error;
      throw errorToEmbedder(refusedFailure(error), this.failedCall(request));
    };
    try {
      const found = this.#options.directory.lookup(request.target, kind, "embedder");
      return found instanceof Promise ? found.catch(refuse) : found;
    } catch (error) {
      return refuse(error);
    }
  }

  #callWith(
    request: Omit<FunctionCall, "fn" | "args">,
    fn: RegisteredFunction,
    args: unknown,
  ): FunctionCall {
    try {
      return { ...request, fn, args: parseArguments(fn, args).args };
    } catch (error) {
      // What the encoder refuses is the caller's own mistake; what the backend refuses, a failed call.
      if (!isInvexError(error) || error.code !== "ArgumentsInvalid") throw error;
      throw errorToEmbedder(refusedFailure(error), this.failedCall(request));
    }
  }
}
