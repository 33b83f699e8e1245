/**
 * A look into one backend for as long as somebody looks: sessions of the sync protocol with an
 * admin's authority, and a reactive layer of their own. What inspectors subscribe to is therefore
 * none of the app's live queries, and nothing of it is left when the last one has gone.
 */
import { admitAdmin } from "../auth/admin-key";
import { authFailure } from "../auth/auth-failure";
import type { EngineInside } from "../backend/engine-inside";
import { transact } from "../backend/own-transaction";
import type { CommitRecord } from "../db/commit-record";
import type { Snapshot } from "../db/live-snapshots";
import type { Transaction } from "../db/transaction";
import { type LiveQueryReport, RerunRecorder } from "../explain/live-query-report";
import { type CallOutcome, failed, succeeded } from "../functions/call-outcome";
import { refusedFailure, thrownFailure } from "../functions/function-failure";
import { reportToHost } from "../functions/host-log";
import type { LogEntry } from "../functions/logs";
import type { CallRequest } from "../functions/query-request";
import { createRequestId } from "../functions/request-id";
import type { ActionRun, FunctionCall, QueryRun } from "../functions/runner";
import { Reactivity } from "../reactivity/reactivity";
import { isInvexError } from "../shared/errors";
import { randomFromEntropy } from "../shared/random";
import type { ConnectOptions, Send, SyncConnection } from "../sync/connection";
import { SyncServer } from "../sync/sync-server";
import type { Value } from "../values/value";
import { createDirectory, type SystemFunctionOf } from "./inspector-directory";
import type { SystemHost, SystemQuery } from "./system/system-function";

/** What the page's sessions say to be admitted: that they may was decided when it was let in. */
export const SESSION_KEY = "inspector";

/** Somebody who is told what happens. Must be quick and must not throw. */
export interface Watcher {
  onLog(entry: LogEntry): void;
  onCommit(record: CommitRecord): void;
  /** The backend has closed. */
  onClosed(): void;
}

/** A question of the page's looks at as much as it looks at: it has bounds of its own. */
const UNLIMITED = {
  bytesRead: Number.POSITIVE_INFINITY,
  bytesWritten: Number.POSITIVE_INFINITY,
  databaseQueries: Number.POSITIVE_INFINITY,
  documentsRead: Number.POSITIVE_INFINITY,
  documentsWritten: Number.POSITIVE_INFINITY,
  functionsScheduled: Number.POSITIVE_INFINITY,
  scheduledFunctionArgsBytes: Number.POSITIVE_INFINITY,
};

export class Inspection {
  readonly #inside: EngineInside;
  readonly #host: SystemHost;
  readonly #systemFunctionOf: SystemFunctionOf;
  readonly #reactivity: Reactivity;
  readonly #server: SyncServer;
  readonly #reruns = new RerunRecorder();
  readonly #watchers = new Set<Watcher>();
  readonly #stops: readonly (() => void)[];

  constructor(inside: EngineInside) {
    this.#inside = inside;
    const random = randomFromEntropy();
    const { directory, systemFunctionOf } = createDirectory(inside);
    this.#systemFunctionOf = systemFunctionOf;
    this.#reactivity = this.#createReactivity();
    const watch = inside.explainer.watch();
    this.#host = {
      inside,
      createRequestId: () => createRequestId(random),
      liveQueries: () => ({ app: watch.liveQueries(), inspector: this.#ownLiveQueries() }),
    };
    this.#server = new SyncServer({
      database: inside.database,
      runner: {
        mutation: (call, hooks) => inside.runner.mutation(call, hooks),
        action: (call) => this.#act(call),
      },
      directory,
      reactivity: this.#reactivity,
      auth: { verify: noTokens, admit: (credentials) => admitAdmin(credentials, SESSION_KEY) },
      transact: (body) => transact(inside, body),
      createRequestId: this.#host.createRequestId,
      redactErrors: false,
      outside: inside.outside,
      onError: (error) => reportToHost("an inspector's session", error),
    });
    this.#stops = [
      watch.stop,
      inside.database.onCommit((record) => this.#onCommit(record)),
      inside.logs.tap((entry) => this.#tell((watcher) => watcher.onLog(entry))),
      inside.onClose(() => this.#end()),
    ];
  }

  /** One more session. Its client authenticates as an admin with {@link SESSION_KEY}. */
  connect(send: Send, options: ConnectOptions): SyncConnection {
    // Whoever looks asks by itself whether anybody is there, by whatever clock the backend has.
    return this.#server.connect(send, { ...options, pings: false });
  }

  /** @returns ends it */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Leaves no trace in the backend. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#server.close();
    this.#reactivity.close();
  }

  #createReactivity(): Reactivity {
    const { database, outside } = this.#inside;
    const reactivity = new Reactivity({
      snapshots: database,
      runner: { run: (request, snapshot) => this.#query(request as CallRequest, snapshot) },
      clock: database.clock,
      outside,
      onListenerError: (error) => reportToHost("an inspector's subscription", error),
      cache: { maxEntries: 0, maxBytes: 0 },
    });
    reactivity.rerunListener = this.#reruns;
    return reactivity;
  }

  #ownLiveQueries(): LiveQueryReport[] {
    const { database } = this.#inside;
    return this.#reactivity
      .liveQueries()
      .map((query) =>
        this.#reruns.describe(query, (id) => database.planOfId(query.request.componentPath, id)),
      );
  }

  #onCommit(record: CommitRecord): void {
    this.#reactivity.onCommit(record);
    this.#tell((watcher) => watcher.onCommit(record));
  }

  #tell(what: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        what(watcher);
      } catch (error) {
        reportToHost("an inspector", error);
      }
    }
  }

  #end(): void {
    this.#tell((watcher) => watcher.onClosed());
  }

  #query({ call, journal }: CallRequest, snapshot: Snapshot): Promise<QueryRun> {
    const system = this.#systemFunctionOf(call.fn);
    if (system?.kind !== "query") return this.#inside.runner.query(call, snapshot, journal);
    return Promise.resolve(this.#read(system, call, snapshot));
  }

  #read(system: SystemQuery, { args }: FunctionCall, snapshot: Snapshot): QueryRun {
    const { database } = this.#inside;
    const tx: Transaction = database.begin(UNLIMITED, database.share(snapshot));
    let outcome: CallOutcome;
    try {
      outcome = succeeded(system.run(tx, args, this.#host));
    } catch (error) {
      outcome = failureOf(error);
    }
    tx.close();
    const ran = { readIdentity: false, observedTime: false, journal: null, logLines: [] };
    return { outcome, reads: tx.reads, ...ran };
  }

  async #act(call: FunctionCall): Promise<ActionRun> {
    const system = this.#systemFunctionOf(call.fn);
    if (system?.kind !== "action") return this.#inside.runner.action(call);
    try {
      const value: Value = await system.run(call.args, this.#host);
      return { outcome: succeeded(value), logLines: [] };
    } catch (error) {
      return { outcome: failureOf(error), logLines: [] };
    }
  }
}

function failureOf(error: unknown): CallOutcome {
  return failed(isInvexError(error) ? refusedFailure(error) : thrownFailure(error));
}

async function noTokens(): Promise<never> {
  throw authFailure("InvalidAuthHeader", "The inspector's sessions are an admin's.");
}
