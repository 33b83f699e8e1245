/**
 * Calls of the embedder: from a reference and arguments to a call that can run, and from its outcome
 * to a value or an error of his own.
 */
import type { Explanation } from "../explain/explanation";
import { parseArguments } from "../functions/call-arguments";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { errorToEmbedder, refusedFailure } from "../functions/function-failure";
import type { FunctionTarget } from "../functions/function-target";
import { inlineFunction, isInlineHandler } from "../functions/inline-function";
import { PreparedCall } from "../functions/prepared-call";
import type { RegisteredFunction } from "../functions/registered-function";
import { createRequestId } from "../functions/request-id";
import type { FunctionCall } from "../functions/runner";
import { getFunctionAddress } from "../server/function-address";
import { type ErrorCode, isInvexError } from "../shared/errors";
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
    if (isInlineHandler(reference)) {
      const fn = inlineFunction(kind === "any" ? "query" : kind, reference);
      return this.#callOf(caller, { component: "", path: fn.path }, fn, {});
    }
    const target = this.#options.directory.resolve(getFunctionAddress(reference), "");
    const found = this.#lookup(target, kind);
    return found instanceof Promise
      ? found.then((fn) => this.#callWith(caller, target, fn, args))
      : this.#callWith(caller, target, found, args);
  }

  /** The same call as another request. */
  again(call: FunctionCall): FunctionCall {
    return new PreparedCall(call, this.#options.random);
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
    target: FunctionTarget,
    kind: WantedKind,
  ): RegisteredFunction | Promise<RegisteredFunction> {
    try {
      const found = this.#options.directory.lookup(target, kind, "embedder");
      if (!(found instanceof Promise)) return found;
      return found.catch((error) => this.#refuse(error, "FunctionNotFound", target));
    } catch (error) {
      return this.#refuse(error, "FunctionNotFound", target);
    }
  }

  #callWith(
    caller: Caller,
    target: FunctionTarget,
    fn: RegisteredFunction,
    args: unknown,
  ): FunctionCall {
    try {
      return this.#callOf(caller, target, fn, parseArguments(fn, args).args);
    } catch (error) {
      // What the encoder refuses is the caller's own mistake; what the backend refuses, a failed call.
      return this.#refuse(error, "ArgumentsInvalid", target);
    }
  }

  #callOf(
    { identity, origin }: Caller,
    target: FunctionTarget,
    fn: RegisteredFunction,
    args: Value,
  ): FunctionCall {
    return new PreparedCall({ target, fn, args, identity, origin }, this.#options.random);
  }

  /** What is the backend's refusal becomes a failed call's error; anything else goes on as it is. */
  #refuse(error: unknown, code: ErrorCode, target: FunctionTarget): never {
    if (!isInvexError(error) || error.code !== code) throw error;
    const requestId = createRequestId(this.#options.random);
    throw errorToEmbedder(refusedFailure(error), this.failedCall({ target, requestId }));
  }
}
