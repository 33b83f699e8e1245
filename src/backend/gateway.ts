/**
 * Where clients come in: HTTP requests, and sessions of the sync protocol. Each side is loaded and
 * put together by its first use, so a backend without clients pays for neither. What clients ask for
 * is run by the parts handed in.
 */
import { errorToEmbedder } from "../functions/function-failure";
import { reportToHost } from "../functions/host-log";
import type { Outside } from "../reactivity/ports";
import type { Reactivity } from "../reactivity/reactivity";
import type { UserIdentity } from "../server/authentication";
import { must } from "../shared/assert";
import { Late } from "../shared/late";
import type { ConnectOptions, Send, SyncConnection } from "../sync/connection";
import { deferredConnection } from "../sync/deferred-connection";
import type { SyncServer } from "../sync/sync-server";
import type { Caller } from "./embedder-calls";
import type { HttpParts, HttpSide } from "./http-wiring";
import { transact } from "./own-transaction";

export interface GatewayParts extends HttpParts {
  readonly reactivity: Reactivity;
  /** What clients want is no doing of the function that happens to run. */
  readonly outside: Outside;
}

type HttpCode = typeof import("./http-wiring");
type SyncCode = typeof import("../sync/sync-server");

const httpCode = new Late(() => import("./http-wiring"));
const syncCode = new Late(() => import("../sync/sync-server"));

export class Gateway {
  readonly #parts: GatewayParts;
  #http: HttpSide | undefined;
  #sync: SyncServer | undefined;
  #isClosed = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /**
   * Answers one HTTP request; see `http/http-server.ts`.
   * @param vouched a user the embedder speaks for, instead of what the request says
   */
  fetch(request: Request, vouched: UserIdentity | null): Promise<Response> {
    return this.#parts.outside(async () => {
      const { server } = await this.#ready();
      return server.fetch(request, vouched);
    });
  }

  /**
   * Runs the HTTP action a request leads to, for a caller the embedder vouches for.
   * @returns nothing when no route leads anywhere, else what the handler returned
   * @throws what a mutation would throw
   */
  async httpAction(request: Request, caller: Caller): Promise<Response | undefined> {
    const attempt = await this.#parts.outside(async () => {
      const { actions } = await this.#ready();
      return actions.attempt(request, caller);
    });
    if (attempt === undefined) return undefined;
    if (attempt.failure === undefined) return attempt.response;
    throw errorToEmbedder(attempt.failure, attempt.call);
  }

  /** Whether a path is served by the backend itself, whatever the app's routes say. */
  async owns(pathname: string): Promise<boolean> {
    return (await this.#ready()).server.owns(pathname);
  }

  /** One session of the sync protocol; see `sync/session.ts`. */
  connect(send: Send, options?: ConnectOptions): SyncConnection {
    const server = this.#syncNow;
    if (server !== undefined) return server.connect(send, options);
    const opening = this.#parts.outside(() => this.#openSync());
    return deferredConnection(opening, send, options);
  }

  /** To be called for every published commit. */
  onCommit(): void {
    this.#http?.held.releaseExpired();
  }

  /** Ends all sessions. */
  close(): void {
    this.#isClosed = true;
    this.#http?.held.close();
    this.#sync?.close();
  }

  async #openSync(): Promise<SyncServer> {
    // One after the other: Jest's modules cannot link what they share twice at once.
    await httpCode.ready();
    await syncCode.ready();
    return must(this.#syncNow);
  }

  /** `undefined` while its code is not loaded. */
  get #syncNow(): SyncServer | undefined {
    if (syncCode.now === undefined || httpCode.now === undefined) return undefined;
    this.#sync ??= this.#createSync(syncCode.now, httpCode.now);
    return this.#sync;
  }

  #createSync({ SyncServer }: SyncCode, { createHttpSide }: HttpCode): SyncServer {
    const server = new SyncServer({
      ...this.#parts,
      auth: this.#openHttp(createHttpSide).auth,
      transact: (body) => transact(this.#parts, body),
      redactErrors: this.#parts.options.redactErrors,
      onError: (error) => reportToHost("a sync session", error),
    });
    if (this.#isClosed) server.close();
    return server;
  }

  async #ready(): Promise<HttpSide> {
    return this.#openHttp((await httpCode.ready()).createHttpSide);
  }

  #openHttp(create: HttpCode["createHttpSide"]): HttpSide {
    this.#http ??= create(this.#parts);
    return this.#http;
  }
}
