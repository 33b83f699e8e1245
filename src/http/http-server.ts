/**
 * One request in, one response out: the whole outside of a backend (`backend.fetch`). Paths under
 * `/api/` that the backend knows are its own; everything else belongs to the app's HTTP actions.
 *
 * Never rejects because of what a request holds: what is wrong with it is the response.
 */
import type { UserIdentity } from "../server/authentication";
import { isInvexError } from "../shared/errors";
import { preflightResponse, withCors } from "./cors";
import { type FileEndpoints, STORAGE_PREFIX, UPLOAD_PATH } from "./file-endpoints";
import { apiEndpoint, type FunctionApi } from "./function-api";
import type { HttpActions } from "./http-actions";
import { errorResponse, internalErrorResponse, refusal, refusalResponse } from "./refusal";
import { type CallerOptions, callerOf } from "./request-caller";
import { withoutBody } from "./response-body";

export interface HttpServerOptions extends CallerOptions {
  readonly actions: HttpActions;
  readonly api: FunctionApi;
  readonly files: FileEndpoints;
  /** The keys that verify what the backend has signed. */
  readonly jwks: () => Promise<unknown>;
  readonly redactErrors: boolean;
  /** Told of failures that the response does not explain. */
  readonly onError: (error: unknown) => void;
}

type Answer = (request: Request) => Response | Promise<Response>;

/** The app may serve keys of its own there, as auth libraries do: in Convex on another host. */
const JWKS_PATH = "/.well-known/jwks.json";

const RUNNING = "This Convex deployment is running. See https://docs.convex.dev/.";

export class HttpServer {
  readonly #options: HttpServerOptions;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /**
   * Answers a request. Resolves when the head of the response is known.
   * @param vouched a user the embedder speaks for, instead of the `Authorization` header
   */
  async fetch(request: Request, vouched: UserIdentity | null): Promise<Response> {
    const response = await this.#answer(request, vouched);
    return request.method === "HEAD" && response.body !== null ? withoutBody(response) : response;
  }

  /** Whether the app's HTTP actions have no say in a path: files and the API are served there. */
  owns(pathname: string): boolean {
    return pathname.startsWith(STORAGE_PREFIX) || apiEndpoint(pathname) !== undefined;
  }

  async #answer(request: Request, vouched: UserIdentity | null): Promise<Response> {
    const url = new URL(request.url);
    const own = this.#ownEndpoint(url, vouched);
    if (own === undefined) return this.#guarded(() => this.#action(request, url, vouched));
    if (request.method === "OPTIONS") return preflightResponse(request);
    return withCors(await this.#guarded(() => answerBy(own, request)));
  }

  /** The answers of the backend's own path, by method; `undefined` when it is the app's. */
  #ownEndpoint(url: URL, vouched: UserIdentity | null): ReadonlyMap<string, Answer> | undefined {
    const { files } = this.#options;
    const { pathname } = url;
    if (pathname === UPLOAD_PATH)
      return new Map([["POST", (request) => files.upload(request, url)]]);
    if (pathname.startsWith(STORAGE_PREFIX)) {
      const download: Answer = (request) => files.download(request, url);
      return new Map([
        ["GET", download],
        ["HEAD", download],
      ]);
    }
    const endpoint = apiEndpoint(pathname);
    if (endpoint === undefined) return undefined;
    const answers = Object.entries(endpoint).map(([method, handle]): [string, Answer] => [
      method,
      async (request) => {
        const caller = await callerOf(request, this.#options, vouched);
        if (caller.problem !== undefined) throw caller.problem;
        return handle(this.#options.api, { request, url, caller });
      },
    ]);
    return new Map(answers);
  }

  async #action(request: Request, url: URL, vouched: UserIdentity | null): Promise<Response> {
    const caller = await callerOf(request, this.#options, vouched);
    return this.#options.actions.answer(request, caller, (kind) => {
      if (request.method !== "GET") return undefined;
      if (url.pathname === JWKS_PATH) return this.#keys();
      return url.pathname === "/" && kind === "none" ? new Response(RUNNING) : undefined;
    });
  }

  async #keys(): Promise<Response> {
    return withCors(Response.json(await this.#options.jwks()));
  }

  async #guarded(answer: () => Promise<Response>): Promise<Response> {
    try {
      return await answer();
    } catch (error) {
      return refusalResponse(error) ?? this.#failure(error);
    }
  }

  /** The embedder's mistakes are explained unless errors are redacted; bugs never are. */
  #failure(error: unknown): Response {
    const { redactErrors, onError } = this.#options;
    const isExplained = !redactErrors && isInvexError(error) && error.kind === "user";
    if (isExplained) return errorResponse(500, error.code, error.message);
    onError(error);
    return internalErrorResponse();
  }
}

async function answerBy(answers: ReadonlyMap<string, Answer>, request: Request): Promise<Response> {
  const answer = answers.get(request.method);
  if (answer !== undefined) return answer(request);
  const allowed = [...answers.keys(), "OPTIONS"].join(", ");
  throw refusal(405, "MethodNotAllowed", `Method ${request.method} is not allowed here.`, {
    Allow: allowed,
  });
}
