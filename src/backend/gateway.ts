/**
 * Where clients come in: HTTP requests, and sessions of the sync protocol. Each side is put together
 * by its first use, so a backend without clients pays for neither. What clients ask for is run by
 * the parts handed in.
 */
import { errorToEmbedder } from "../functions/function-failure";
import { reportToHost } from "../functions/host-log";
import type { Outside } from "../reactivity/ports";
import type { Reactivity } from "../reactivity/reactivity";
import type { UserIdentity } from "../server/authentication";
import type { ConnectOptions, Send, SyncConnection } from "../sync/connection";
import { SyncServer } from "../sync/sync-server";
import type { Caller } from "./embedder-calls";
import { createHttpSide, type HttpParts, type HttpSide } from "./http-wiring";
import { transact } from "./own-transaction";

export interface GatewayParts extends HttpParts {
  readonly reactivity: Reactivity;
  /** What clients want is no doing of the function that happens to run. */
  readonly outside: Outside;
}

export class Gateway {
  readonly #parts: GatewayParts;
  #httpSide: HttpSide | undefined;
  #syncServer: SyncServer | undefined;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /**
   * Answers one HTTP request; see `http/http-server.ts`.
   * @param vouched a user the embedder speaks for, instead of what the request says
   */
  async fetch(request: Request, vouched: UserIdentity | null): Promise<Response> {
    return this.#parts.outside(() => this.#http.server.fetch(request, vouched));
  }

  /**
   * Runs the HTTP action a request leads to, for a caller the embedder vouches for.
   * @returns nothing when no route leads anywhere, else what the handler returned
   * @throws what a mutation would throw
   */
  async httpAction(request: Request, caller: Caller): Promise<Response | undefined> {
    const attempt = await this.#parts.outside(() => this.#http.actions.attempt(request, caller));
    if (attempt === undefined) return undefined;
    if (attempt.failure === undefined) return attempt.response;
    throw errorToEmbedder(attempt.failure, attempt.call);
  }

  /** One session of the sync protocol; see `sync/session.ts`. */
  connect(send: Send, options?: ConnectOptions): SyncConnection {
    return this.#sync.connect(send, options);
  }

  /** To be called for every published commit. */
  onCommit(): void {
    this.#httpSide?.held.releaseExpired();
  }

  /** Ends all sessions. */
  close(): void {
    this.#httpSide?.held.close();
    this.#syncServer?.close();
  }

  get #http(): HttpSide {
    this.#httpSide ??= createHttpSide(this.#parts);
    return this.#httpSide;
  }

  get #sync(): SyncServer {
    this.#syncServer ??= new SyncServer({
      ...this.#parts,
      auth: this.#http.auth,
      transact: (body) => transact(this.#parts, body),
      redactErrors: this.#parts.options.redactErrors,
      onError: (error) => reportToHost("a sync session", error),
    });
    return this.#syncServer;
  }
}
