/** The sync side of a backend: all its sessions, and what they share. */
import type { Database } from "../db/database";
import type { Transaction } from "../db/transaction";
import type { FunctionDirectory } from "../functions/function-directory";
import type { FunctionRunner } from "../functions/runner";
import type { Outside } from "../reactivity/ports";
import type { Reactivity } from "../reactivity/reactivity";
import type { ConnectOptions, Send, SyncConnection } from "./connection";
import { Heartbeat } from "./heartbeat";
import { MutationRuns } from "./mutation-runs";
import { Session } from "./session";
import type { SessionHost } from "./session-host";
import { KEPT_MS, removeAnswersBefore } from "./session-requests";
import type { SyncAuth } from "./sync-caller";

export interface SyncServerOptions {
  readonly database: Pick<Database, "clock" | "latest">;
  readonly runner: Pick<FunctionRunner, "mutation" | "action">;
  readonly directory: FunctionDirectory;
  readonly reactivity: Pick<Reactivity, "group">;
  readonly auth: SyncAuth;
  /** A transaction of the engine's own. */
  readonly transact: (body: (tx: Transaction) => void) => Promise<void>;
  readonly createRequestId: () => string;
  readonly redactErrors: boolean;
  /** Clients' messages are nobody's doing, even when a running function hands them in. */
  readonly outside: Outside;
  /** Gets what is no client's fault. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/** Old answers are looked for when somebody connects, but not more often than this. */
const REMOVE_EVERY_MS = 60 * 60 * 1000;

export class SyncServer {
  readonly #options: SyncServerOptions;
  readonly #sessions = new Set<Session>();
  readonly #heartbeat: Heartbeat;
  readonly #host: SessionHost;
  #removedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: SyncServerOptions) {
    this.#options = options;
    const { database, runner, reactivity } = options;
    this.#heartbeat = new Heartbeat(database.clock);
    this.#host = {
      ...options,
      now: () => database.clock.now(),
      mutations: new MutationRuns({ runner, latestSeq: () => database.latest.seq }),
      runAction: (call) => runner.action(call),
      createGroup: (group) => reactivity.group(group),
      onClosed: (session) => this.#forget(session),
    };
  }

  /** One more session, over any transport. Cost: O(1). */
  connect(send: Send, options: ConnectOptions = {}): SyncConnection {
    const { outside } = this.#options;
    const session = new Session(this.#host, (message) => outside(() => send(message)), options);
    this.#sessions.add(session);
    if (options.pings !== false) this.#heartbeat.add(session);
    if (this.#isClosed) queueMicrotask(() => session.end(CLOSED));
    else this.#removeOldAnswers();
    return {
      receive: (message) => outside(() => session.receive(message)),
      state: () => session.state,
      close: () => session.close(),
    };
  }

  /** Ends all sessions, and every new one at once. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions) session.end(CLOSED);
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    this.#heartbeat.remove(session);
  }

  #removeOldAnswers(): void {
    const { database, transact, onError } = this.#options;
    const now = database.clock.now();
    if (now < this.#removedAtMs + REMOVE_EVERY_MS) return;
    this.#removedAtMs = now;
    transact((tx) => removeAnswersBefore(tx, now - KEPT_MS)).catch(onError);
  }
}

const CLOSED = { code: 1001, reason: "BackendClosed" };
