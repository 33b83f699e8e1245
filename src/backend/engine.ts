/**
 * One running backend: every layer's parts, wired to each other, and the embedder's calls turned
 * into theirs. Untyped; `handle.ts` is its face.
 */
import { Catalog } from "../db/catalog";
import type { CommitRecord } from "../db/commit-record";
import { Committer } from "../db/committer";
import { CursorKey } from "../db/cursor";
import { Database } from "../db/database";
import type { Snapshot } from "../db/live-snapshots";
import { searchVectors } from "../db/search/vector-search";
import type { ExecutionWorld, RequestOrigin } from "../functions/call-execution";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { createConvexBridge } from "../functions/convex-bridge";
import { errorToCaller, errorToEmbedder } from "../functions/function-failure";
import { printToHost, reportToHost } from "../functions/host-log";
import { isInlineHandler } from "../functions/inline-function";
import { LogBook } from "../functions/log-book";
import type { LogEntry } from "../functions/logs";
import { ModuleMap, type Modules } from "../functions/module-map";
import { type CallRequest, queryRequestOf } from "../functions/query-request";
import { createRequestId } from "../functions/request-id";
import { type FunctionCall, FunctionRunner, type QueryRun } from "../functions/runner";
import { sandbox } from "../functions/sandbox/sandbox";
import { noSandbox, type Sandbox } from "../functions/sandbox-port";
import { unsupportedServices } from "../functions/unsupported-services";
import type { QueryRequest } from "../reactivity/ports";
import { Reactivity } from "../reactivity/reactivity";
import type { AdvanceReport } from "../scheduler/advance-report";
import type { SchedulerHost, SchedulerNotice } from "../scheduler/ports";
import { Scheduler, type SchedulerOptions } from "../scheduler/scheduler";
import type { UserIdentity } from "../server/authentication";
import type { Clock } from "../shared/clock";
import type { Duration } from "../shared/duration";
import { userError } from "../shared/errors";
import { outsideClock } from "../shared/outside-clock";
import { createRandom, type Random, randomFromEntropy } from "../shared/random";
import { secretBytes } from "../shared/secure-random";
import type { Files } from "../storage/files";
import type { ConnectOptions, Send, SyncConnection } from "../sync/connection";
import { SyncServer } from "../sync/sync-server";
import type { Value } from "../values/value";
import type { Concessions } from "./concessions";
import { type CallableKind, type Caller, EmbedderCalls } from "./embedder-calls";
import { createHttpSide, type HttpSide } from "./http-wiring";
import type { LoadedBackend } from "./load-components";
import { MountedComponents } from "./mounted-components";
import type { ParsedOptions } from "./options";
import { type OwnTransactions, transact } from "./own-transaction";
import { publicCommit } from "./public-commit";
import { EngineSchedulerHost } from "./scheduler-host";
import { schedulingServices } from "./scheduling-services";
import { openFiles, storageServices } from "./storage-services";
import { systemTables } from "./system-tables";
import type { Commit } from "./types";

export interface EngineSubscription {
  readonly query: unknown;
  readonly args: unknown;
  readonly identity: UserIdentity | null;
  readonly onResult: (result: unknown) => void;
  readonly onError: ((error: Error) => void) | undefined;
  /** Told what is subscribed to, when that is known. */
  readonly onBegin?: (request: QueryRequest) => void;
}

/** What a copy of an engine has of its own. */
export interface ForkOptions {
  readonly clock?: Clock;
  readonly concessions?: Concessions;
  /** Whether modules that were loaded are loaded again. Default: `loaded`. */
  readonly modules?: "loaded" | "reloaded";
}

interface EngineParts {
  readonly options: ParsedOptions;
  readonly components: MountedComponents;
  readonly database: Database;
  readonly random: Random;
  readonly cursorSecret: Uint8Array;
  readonly concessions: Concessions | undefined;
  /** The engine this is a copy of, made at this moment. */
  readonly origin?: Engine;
}

export class Engine {
  readonly #parts: EngineParts;
  readonly #directory: ComponentDirectory;
  readonly #committer: Committer;
  readonly #runner: FunctionRunner;
  readonly #reactivity: Reactivity;
  readonly #scheduler: Scheduler;
  readonly #logs: LogBook;
  readonly #calls: EmbedderCalls;
  readonly #files: Files;
  /** Made by the first request and the first connection. */
  #httpSide: HttpSide | undefined;
  #syncServer: SyncServer | undefined;
  #isClosed = false;

  /** @throws InvexError `SchemaInvalid` */
  static create(
    options: ParsedOptions,
    { components: loaded, mounts }: LoadedBackend,
    concessions?: Concessions,
  ): Engine {
    const random = options.seed === undefined ? randomFromEntropy() : createRandom(options.seed);
    const catalog = new Catalog();
    const components = new MountedComponents({
      catalog,
      mounts,
      url: options.url,
      systemTables: systemTables(concessions?.jobName),
    });
    for (const component of loaded) components.add(component);
    const { limits } = options;
    const clock = outsideClock(options.clock, (body) => sandboxFor(options).outside(body));
    const database = new Database({ catalog, clock, random: random.fork(), limits });
    const cursorSecret = options.seed === undefined ? secretBytes(32) : random.bytes(32);
    return new Engine({ options, components, database, random, cursorSecret, concessions });
  }

  private constructor(parts: EngineParts) {
    const { options, components, database, random, cursorSecret, origin, concessions } = parts;
    this.#parts = parts;
    this.#directory = components.directory;
    this.#calls = new EmbedderCalls({
      directory: this.#directory,
      random,
      redact: options.redactErrors,
    });
    this.#committer = new Committer(database);
    const own = this.#own;
    this.#files =
      origin === undefined
        ? openFiles({ url: options.url, random: random.fork(), secret: cursorSecret })
        : origin.#files.fork(random.fork());
    this.#logs = new LogBook(options.onLog ?? printToHost);
    this.#runner = new FunctionRunner({
      database,
      committer: this.#committer,
      directory: this.#directory,
      services: {
        ...unsupportedServices,
        ...schedulingServices(this.#directory, () => schedulerHost),
        ...storageServices(this.#files, (body) => transact(own, body)),
        vectorSearch: async ({ component }, table, index, query) =>
          searchVectors(database, { component, table, index, query }),
      },
      sandbox: sandboxFor(options),
      cursorKey: new CursorKey(cursorSecret, options.url),
      world: this.#createWorld(),
      folder: components.app.modules.folder,
      errorToCaller: concessions?.errorToCaller ?? errorToCaller,
    });
    this.#reactivity = new Reactivity({
      snapshots: database,
      runner: { run: (request, snapshot) => this.#runQuery(request as CallRequest, snapshot) },
      clock: database.clock,
      outside: (body) => sandboxFor(options).outside(body),
      onListenerError: (error) => reportToHost("a subscription's listener", error),
    });
    const host = new EngineSchedulerHost({
      database,
      committer: this.#committer,
      runner: this.#runner,
      directory: this.#directory,
      createRequestId: () => createRequestId(random),
    });
    const schedulerHost = concessions?.host(host) ?? host;
    this.#scheduler = this.#startScheduler(schedulerHost);
    database.onCommit((record) => {
      this.#files.onCommit(record);
      this.#httpSide?.held.releaseExpired();
      this.#reactivity.onCommit(record);
      this.#scheduler.onCommit(EngineSchedulerHost.changesOf(record));
    });
  }

  /** What transactions of the engine's own are made of. */
  get #own(): OwnTransactions {
    return { database: this.#parts.database, committer: this.#committer };
  }

  get #http(): HttpSide {
    const { options, components, random } = this.#parts;
    this.#httpSide ??= createHttpSide({
      ...this.#own,
      options,
      runner: this.#runner,
      directory: this.#directory,
      mounts: components.mounts,
      files: this.#files,
      ask: (call) => this.#ask(call),
      createRequestId: () => createRequestId(random),
    });
    return this.#httpSide;
  }

  get #sync(): SyncServer {
    const { options, database, random } = this.#parts;
    this.#syncServer ??= new SyncServer({
      database,
      runner: this.#runner,
      directory: this.#directory,
      reactivity: this.#reactivity,
      auth: this.#http.auth,
      transact: (body) => transact(this.#own, body),
      createRequestId: () => createRequestId(random),
      redactErrors: options.redactErrors,
      outside: (body) => sandboxFor(options).outside(body),
      onError: (error) => reportToHost("a sync session", error),
    });
    return this.#syncServer;
  }

  #createWorld(): ExecutionWorld {
    const { components, database, random, concessions } = this.#parts;
    const { clock } = database;
    const seeds = random.fork();
    return {
      originMs: clock.now(),
      clockMs: () => clock.now(),
      createRandom: () => seeds.fork(),
      heedsStubs: concessions !== undefined,
      opensSystemTables: concessions !== undefined,
      envOf: (component) => {
        const env = components.envOf(component);
        return concessions?.env(env) ?? env;
      },
      createBridge: (execution) => createConvexBridge(execution, this.#directory),
      log: (execution, level, args) => {
        const print = concessions && (() => concessions.print(level, args));
        this.#logs.write(execution, level, args, print);
      },
    };
  }

  #startScheduler(host: SchedulerHost): Scheduler {
    const { components, database, random, origin, concessions } = this.#parts;
    const options: SchedulerOptions = {
      host,
      clock: database.clock,
      random: random.fork(),
      components: components.directory.components,
      crons: components.crons,
      onNotice: (notice) => this.#logs.emit(noticeEntry(notice, database.clock.now())),
      ...concessions?.scheduler,
    };
    return origin === undefined ? Scheduler.start(options) : origin.#scheduler.fork(options);
  }

  /** What runs functions later. */
  get scheduler(): Scheduler {
    return this.#scheduler;
  }

  /** Resolves once crons are deployed; rejects when they are invalid. */
  get ready(): Promise<void> {
    return this.#scheduler.ready;
  }

  /** Runs what is due now, and what that schedules for now; then waits for the listeners. */
  async settle(): Promise<AdvanceReport> {
    const report = await this.#scheduler.settle();
    await this.#reactivity.settled();
    return report;
  }

  async advance(duration: Duration): Promise<AdvanceReport> {
    const report = await this.#scheduler.advance(duration);
    await this.#reactivity.settled();
    return report;
  }

  /**
   * Answers one HTTP request; see `http/http-server.ts`.
   * @param vouched a user the embedder speaks for, instead of what the request says
   */
  async fetch(request: Request, vouched: UserIdentity | null): Promise<Response> {
    if (this.#isClosed) throw userError("BackendClosed", "This backend has been closed.");
    return sandboxFor(this.#parts.options).outside(() => this.#http.server.fetch(request, vouched));
  }

  /** One session of the sync protocol; see `sync/session.ts`. */
  connect(send: Send, options?: ConnectOptions): SyncConnection {
    return this.#sync.connect(send, options);
  }

  async query(
    reference: unknown,
    args: unknown,
    identity: UserIdentity | null,
    origin?: RequestOrigin,
  ): Promise<unknown> {
    const prepared = this.#prepare("query", reference, args, { identity, origin });
    const call = prepared instanceof Promise ? await prepared : prepared;
    if (isInlineHandler(reference)) return this.#queryUncached(call);
    const answer = this.#reactivity.query(queryRequestOf(call));
    const { result } = answer instanceof Promise ? await answer : answer;
    return this.#calls.deliver(call, result as CallOutcome);
  }

  /** Keeps `onResult` up to date from now on; problems go to `onError`, never before this returns. */
  subscribe(subscription: EngineSubscription): () => void {
    // Let go of when it ends: whoever keeps the stop function must not keep the listener alive.
    let wanted: EngineSubscription | undefined = subscription;
    let stop: (() => void) | undefined;
    const begin = (call: FunctionCall) => {
      if (wanted !== undefined) stop = this.#listen(call, wanted);
    };
    const refuse = (error: Error) => {
      if (wanted !== undefined) reportTo(wanted.onError, error);
    };
    try {
      const { query, args, identity } = subscription;
      const prepared = this.#prepare("query", query, args, { identity });
      if (prepared instanceof Promise) prepared.then(begin, refuse);
      else begin(prepared);
    } catch (error) {
      queueMicrotask(() => refuse(error as Error));
    }
    return () => {
      wanted = undefined;
      stop?.();
      stop = undefined;
    };
  }

  #listen(call: FunctionCall, subscription: EngineSubscription): () => void {
    const { onResult, onError, onBegin } = subscription;
    const request = queryRequestOf(call);
    onBegin?.(request);
    return this.#reactivity.subscribe(request, (result) => {
      const outcome = result as CallOutcome;
      if (outcome.ok) onResult(outcome.value);
      else reportTo(onError, errorToEmbedder(outcome.failure, this.#calls.failedCall(call)));
    });
  }

  async mutation(
    reference: unknown,
    args: unknown,
    identity: UserIdentity | null,
    origin?: RequestOrigin,
  ): Promise<unknown> {
    const prepared = this.#prepare("mutation", reference, args, { identity, origin });
    const call = prepared instanceof Promise ? await prepared : prepared;
    const { outcome } = await this.#runner.mutation(call);
    return this.#calls.deliver(call, outcome);
  }

  async action(
    reference: unknown,
    args: unknown,
    identity: UserIdentity | null,
    origin?: RequestOrigin,
  ): Promise<unknown> {
    const call = await this.#prepare("action", reference, args, { identity, origin });
    const { outcome } = await this.#runner.action(call);
    return this.#calls.deliver(call, outcome);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    const tell = (record: CommitRecord) => {
      try {
        listener(publicCommit(record));
      } catch (error) {
        reportToHost("an onCommit listener", error);
      }
    };
    const { database, options } = this.#parts;
    return database.onCommit((record) => sandboxFor(options).outside(() => tell(record)));
  }

  /**
   * Runs the HTTP action a request leads to, for a caller the embedder vouches for.
   * @returns nothing when no route leads anywhere, else what the handler returned
   * @throws what `mutation` would throw
   */
  async httpAction(request: Request, caller: Caller): Promise<Response | undefined> {
    const { actions } = this.#http;
    const attempt = await sandboxFor(this.#parts.options).outside(() =>
      actions.attempt(request, caller),
    );
    if (attempt === undefined) return undefined;
    if (attempt.failure === undefined) return attempt.response;
    throw errorToEmbedder(attempt.failure, attempt.call);
  }

  /** @throws InvexError `SchemaInvalid`, `ModuleInvalid`; `OptionsInvalid` when the path is taken */
  registerComponent(path: string, schema: unknown, modules: Modules | ModuleMap): void {
    const map = modules instanceof ModuleMap ? modules : new ModuleMap(modules);
    this.#parts.components.add({ path, modules: map, schema, crons: undefined, env: {} });
  }

  /** @param own what the copy does not share. Default: a fork of the clock */
  fork(own: ForkOptions = {}): Engine {
    const { components, database, random } = this.#parts;
    const fork = database.fork(own.clock ?? forkClock(database.clock), random.fork());
    return new Engine({
      ...this.#parts,
      concessions: own.concessions ?? this.#parts.concessions,
      origin: this,
      database: fork,
      components: components.fork(fork.catalog, own.modules ?? "loaded"),
      random: random.fork(),
    });
  }

  /** Resolves when scheduled functions that were running have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#httpSide?.held.close();
    this.#syncServer?.close();
    this.#reactivity.close();
    await this.#scheduler.close();
    sandbox.rest();
  }

  #prepare(kind: CallableKind, reference: unknown, args: unknown, caller: Caller) {
    if (this.#isClosed) throw userError("BackendClosed", "This backend has been closed.");
    return this.#calls.prepare(kind, reference, args, caller);
  }

  /** A query of a client, whose outcome is told and not thrown. */
  async #ask(call: FunctionCall): Promise<{ outcome: CallOutcome; logLines: readonly string[] }> {
    const { result, logLines } = await this.#reactivity.query(queryRequestOf(call));
    return { outcome: result as CallOutcome, logLines };
  }

  async #queryUncached(call: FunctionCall): Promise<Value> {
    const snapshot = this.#parts.database.current();
    try {
      const { outcome } = await this.#runner.query(call, snapshot);
      return this.#calls.deliver(call, outcome);
    } finally {
      snapshot.release();
    }
  }

  /** A run for the reactive layer: the request says everything, so it can be repeated at any time. */
  #runQuery(request: CallRequest, snapshot: Snapshot): Promise<QueryRun> {
    const { concessions } = this.#parts;
    const run = this.#runner.query(this.#calls.again(request.call), snapshot, request.journal);
    return concessions === undefined ? run : reported(run, request, concessions);
  }
}

async function reported(
  run: Promise<QueryRun>,
  request: QueryRequest,
  { onQueryRun }: Concessions,
): Promise<QueryRun> {
  onQueryRun(request, (await run).readIdentity);
  return run;
}

/** Without anybody to tell, a failing query is not silent. */
function reportTo(onError: ((error: Error) => void) | undefined, error: Error): void {
  if (onError === undefined) reportToHost("a subscribed query", error);
  else onError(error);
}

/** A clock moved by hand is the original's own: its copy begins at the same time and goes its own way. */
function forkClock(clock: Clock): Clock {
  return clock.fork?.() ?? clock;
}

function sandboxFor({ determinism }: ParsedOptions): Sandbox {
  return determinism === "off" ? noSandbox : sandbox;
}

function noticeEntry(notice: SchedulerNotice, timeMs: number): LogEntry {
  const { level, message, component: componentPath, function: name } = notice;
  const source = { function: name, componentPath, kind: "scheduler", requestId: "" } as const;
  return { ...source, level, timeMs, args: [message], text: message };
}
