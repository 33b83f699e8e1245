/**
 * Runs the HTTP action that a request is routed to, and turns what becomes of it into a response
 * (functions.md 4.2). Which action that is, `http-routes.ts` knows.
 */
import type { FailedCall, FunctionFailure } from "../functions/function-failure";
import { refusedFailure } from "../functions/function-failure";
import { httpActionFunction } from "../functions/http-action-function";
import type { FunctionCall, FunctionRunner, HttpActionRun } from "../functions/runner";
import { isInvexError, userError } from "../shared/errors";
import { convexToJson } from "../values/convex-json";
import { findRoute, type HttpSite, type RouteMatch } from "./http-routes";
import { refusalResponse } from "./refusal";
import { withLimitedBody } from "./request-body";
import { originOf, type RequestCaller } from "./request-caller";
import {
  type BodyWatcher,
  MAX_RESPONSE_BYTES,
  watchedResponse,
  withoutBody,
} from "./response-body";

/** Longest body of a request to an HTTP action, in bytes. */
export const MAX_REQUEST_BYTES = 20 * 1024 * 1024;

export interface HttpActionsOptions {
  readonly runner: Pick<FunctionRunner, "httpAction">;
  readonly site: HttpSite;
  readonly createRequestId: () => string;
  readonly redactErrors: boolean;
}

/** Who calls an HTTP action by the embedder's word. */
export type ActionCaller = Pick<FunctionCall, "identity" | "origin">;

/** What became of an HTTP action that was called directly. */
export type ActionAttempt =
  | { readonly failure: undefined; readonly response: Response }
  | { readonly failure: FunctionFailure; readonly call: FailedCall };

type Unrouted = Exclude<RouteMatch["kind"], "matched">;

/** The backend's own answer where the app has none. */
type Fallback = (kind: Unrouted) => Response | Promise<Response> | undefined;

type Matched = Extract<RouteMatch, { kind: "matched" }>;

const PLAIN_TEXT = { "Content-Type": "text/plain; charset=utf-8" };

export class HttpActions {
  readonly #options: HttpActionsOptions;

  constructor(options: HttpActionsOptions) {
    this.#options = options;
  }

  /**
   * Answers a request with the HTTP action its path and method lead to. Resolves when the head of
   * the response is known; the body may go on streaming.
   * @param fallback the answer where no HTTP action is routed, because there are none or none
   * matches; default: Convex's 404
   * @throws InvexError refusals, and `ModuleInvalid` for a module `http` that is no router
   */
  async answer(
    request: Request,
    caller: RequestCaller,
    fallback: Fallback = () => undefined,
  ): Promise<Response> {
    const { pathname } = new URL(request.url);
    const route = await findRoute(this.#options.site, pathname, request.method);
    if (route.kind !== "matched") return (await fallback(route.kind)) ?? unrouted(route.kind);
    return this.#run(route, withLimitedBody(request, MAX_REQUEST_BYTES), caller);
  }

  /**
   * As {@link answer}, for an embedder in the same process: failures come as such, nothing is read
   * from headers, and what is not routed is `undefined`.
   */
  async attempt(request: Request, caller: ActionCaller): Promise<ActionAttempt | undefined> {
    const { createRequestId, redactErrors, runner, site } = this.#options;
    const route = await findRoute(site, new URL(request.url).pathname, request.method);
    if (route.kind !== "matched") return undefined;
    const requestId = createRequestId();
    const fn = httpActionFunction(route.component, route.handler, route.method, route.pattern);
    const call = { path: fn?.path.display ?? route.pattern, requestId, redact: redactErrors };
    if (fn === undefined) return { failure: notAnAction(call.path), call };
    const target = { component: route.component, path: fn.path };
    const run = await runner.httpAction({ ...caller, target, fn, args: null, requestId }, request);
    run.end();
    if (!run.ok) return { failure: run.failure, call };
    const failure = problemOf(run.response);
    return failure === undefined
      ? { failure, response: run.response as Response }
      : { failure, call };
  }

  async #run(route: Matched, request: Request, caller: RequestCaller): Promise<Response> {
    const { createRequestId, redactErrors, runner } = this.#options;
    const requestId = createRequestId();
    const fn = httpActionFunction(route.component, route.handler, route.method, route.pattern);
    const path = fn?.path.display ?? route.pattern;
    const failedCall = { path, requestId, redact: redactErrors };
    if (fn === undefined) return failureResponse(notAnAction(path), failedCall);
    const call: FunctionCall = {
      target: { component: route.component, path: fn.path },
      fn,
      args: null,
      identity: route.component === "" ? caller.identity : null,
      requestId,
      origin: originOf(request, caller),
    };
    const run = await runner.httpAction(call, request);
    return this.#respond(run, request, failedCall);
  }

  #respond(run: HttpActionRun, request: Request, failedCall: FailedCall): Response {
    const failure = run.ok ? problemOf(run.response) : run.failure;
    if (failure === undefined && run.ok) {
      const response = run.response as Response;
      const watcher = watcherOf(run);
      return request.method === "HEAD"
        ? withoutBody(response, watcher)
        : watchedResponse(response, watcher);
    }
    run.end();
    const failed = failure as FunctionFailure;
    // A body that was too long ended the handler, not a mistake of its own.
    return bodyRefusal(failed.thrown) ?? failureResponse(failed, failedCall);
  }
}

/** Log lines instead of errors: the head of the response has been sent. */
function watcherOf({ execution, end }: HttpActionRun): BodyWatcher {
  return {
    onError: (error) => execution.log("ERROR", [error]),
    onTooLarge: () =>
      execution.log("ERROR", [
        `HttpResponseTooLarge: HTTP actions support responses up to ${MAX_RESPONSE_BYTES / 2 ** 20} MiB`,
      ]),
    onEnd: end,
  };
}

/** What is wrong with a handler's result, if anything. */
function problemOf(response: unknown): FunctionFailure | undefined {
  return isResponse(response) ? undefined : refused("HTTP actions must return a Response");
}

/** Responses may come from another realm; `Response.error()` is none that can be sent. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== "object" || value === null) return false;
  const { status, headers, body } = value as Partial<Response>;
  const isSendable = typeof status === "number" && status >= 200 && status <= 599;
  return isSendable && typeof headers?.forEach === "function" && body !== undefined;
}

function notAnAction(path: string): FunctionFailure {
  return refused(`The handler of ${path} is not an HTTP action. Wrap it in \`httpAction(…)\`.`);
}

function refused(message: string): FunctionFailure {
  return refusedFailure(userError("FunctionInvalid", message));
}

/** The refusal that reading the request's body ended in, if that is what the handler threw. */
function bodyRefusal(thrown: unknown): Response | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const refusal = [thrown, cause].find(
    (error) => isInvexError(error) && error.code === "RequestInvalid",
  );
  return refusalResponse(refusal);
}

/** The JSON of a failed HTTP action; `data` of a `ConvexError` reaches the client in any case. */
function failureResponse({ text, data }: FunctionFailure, call: FailedCall): Response {
  const code = `[Request ID: ${call.requestId}] Server Error`;
  const payload = data === undefined ? {} : { data: convexToJson(data) };
  const body = call.redact
    ? { code, ...payload }
    : { code: `${code}: ${withoutFrames(text)}`, trace: text, ...payload };
  return Response.json(body, { status: 500 });
}

function withoutFrames(text: string): string {
  return text.replace(/(?:\n {4}at .*)*\n$/, "");
}

function notFound(message: string): Response {
  return new Response(message, { status: 404, headers: PLAIN_TEXT });
}

function unrouted(kind: Unrouted): Response {
  if (kind === "unmatched") return notFound("No matching routes found");
  return notFound("This Convex deployment does not have HTTP actions enabled.");
}
