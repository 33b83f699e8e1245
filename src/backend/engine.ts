/**
 * One running backend: every layer's parts, wired to each other, and the embedder's calls turned
 * into theirs. Untyped; `handle.ts` is its face.
 */
import { Catalog } from "../db/catalog";
import type { CommitRecord } from "../db/commit-record";
import { Committer } from "../db/committer";
import { Database } from "../db/database";
import type { Snapshot } from "../db/live-snapshots";
import { LatePages } from "../db/page-reader";
import { searchVectors } from "../db/search/vector-search";
import { Explainer } from "../explain/explainer";
import type { Explanation } from "../explain/explanation";
import type { RequestOrigin } from "../functions/call-execution";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { errorToCaller } from "../functions/function-failure";
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
import type { OpenedStore } from "../persistence/opened-store";
import type { StoredMoment } from "../persistence/store-header";
import type { Outside, QueryRequest } from "../reactivity/ports";
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
import type { Value } from "../values/value";
import type { Concessions } from "./concessions";
import { type CallableKind, type Caller, EmbedderCalls } from "./embedder-calls";
import { EmbedderSubscriptions, type EngineSubscription } from "./embedder-subscriptions";
import { addTo, type EngineInside } from "./engine-inside";
import { createExecutionWorld } from "./execution-world";
import { Gateway } from "./gateway";
import type { LoadedBackend } from "./load-components";
import { MountedComponents } from "./mounted-components";
import type { ParsedOptions } from "./options";
import { type OwnTransactions, transact } from "./own-transaction";
import { publicCommit } from "./public-commit";
import { EngineSchedulerHost } from "./scheduler-host";
import { schedulingServices } from "./scheduling-services";
import { Snapshots } from "./snapshots";
import { openFiles, storageServices, sweepFiles } from "./storage-services";
import { SYSTEM_TABLES, systemTables } from "./system-tables";
import { TokenSigning } from "./token-signing";
import type { Commit } from "./types";

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
  /** Where its data outlives the process. */
  readonly store?: OpenedStore | undefined;
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
  readonly #subscriptions: EmbedderSubscriptions;
  /** Runs `body` as code of the host, whoever calls. */
  readonly #outside: Outside;
  readonly #files: Files;
  readonly #tokens: TokenSigning;
  readonly #gateway: Gateway;
  /** Made by the first question. */
  #explainer: Explainer | undefined;
  readonly #onClose = new Set<() => void>();
  #isClosed = false;

  /**
   * @param store what the data is read from, and commits are written to
   * @throws InvexError `SchemaInvalid`; with a store also `SchemaEnforcementError`, `PersistenceFailed`
   */
  static create(
    options: ParsedOptions,
    { components: loaded, mounts }: LoadedBackend,
    { concessions, store }: { concessions?: Concessions; store?: OpenedStore } = {},
  ): Engine {
    const random = randomOf(options.seed, store?.moment);
    const catalog = new Catalog();
    const components = new MountedComponents({
      catalog,
      mounts,
      url: options.url,
      systemTables: concessions === undefined ? SYSTEM_TABLES : systemTables(concessions.jobName),
      tablesBefore: store && ((component) => store.tables.of(component)),
    });
    for (const component of loaded) components.add(component);
    const { limits } = options;
    const clock = outsideClock(options.clock, (body) => sandboxFor(options).outside(body));
    const database = new Database({
      catalog,
      clock,
      random: random.fork(),
      limits,
      latest: store?.moment?.ts,
      lastCreationTime: store?.moment?.creationTime,
      source: store?.loader,
    });
    for (const { path } of loaded) store?.loader.prepare(database, path);
    const cursorSecret =
      store?.secret ?? (options.seed === undefined ? secretBytes(32) : random.bytes(32));
    return new Engine({ options, components, database, random, cursorSecret, concessions, store });
  }

  private constructor(parts: EngineParts) {
    const { options, components, database, random, cursorSecret, concessions, store } = parts;
    this.#parts = parts;
    this.#outside = (body) => sandboxFor(options).outside(body);
    this.#directory = components.directory;
    this.#calls = new EmbedderCalls({
      directory: this.#directory,
      random,
      redact: options.redactErrors,
    });
    this.#committer = new Committer(database, store?.writer(database, cursorSecret));
    const own = this.#own;
    this.#files = this.#openFiles();
    this.#tokens = new TokenSigning({
      secret: cursorSecret,
      url: options.url,
      outside: this.#outside,
    });
    this.#logs = new LogBook(options.onLog ?? printToHost);
    this.#runner = new FunctionRunner({
      database,
      committer: this.#committer,
      directory: this.#directory,
      services: {
        ...unsupportedServices,
        ...schedulingServices(this.#directory, () => schedulerHost),
        ...storageServices(this.#files, (body) => transact(own, body)),
        signJwt: (frame, options) => this.#tokens.signJwt(frame, options),
        vectorSearch: async ({ component }, table, index, query) =>
          searchVectors(database, { component, table, index, query }),
      },
      sandbox: sandboxFor(options),
      pages: new LatePages({
        secret: cursorSecret,
        instance: options.url,
        outside: this.#outside,
      }),
      world: createExecutionWorld({
        options,
        components,
        directory: this.#directory,
        clock: database.clock,
        seeds: random.fork(),
        logs: this.#logs,
        concessions,
      }),
      folder: components.app.modules.folder,
      errorToCaller: concessions?.errorToCaller ?? errorToCaller,
    });
    this.#reactivity = new Reactivity({
      snapshots: database,
      runner: { run: (request, snapshot) => this.#runQuery(request as CallRequest, snapshot) },
      clock: database.clock,
      outside: this.#outside,
      onListenerError: (error) => reportToHost("a subscription's listener", error),
    });
    this.#subscriptions = new EmbedderSubscriptions({
      prepare: (query, args, identity) => this.#prepare("query", query, args, { identity }),
      reactivity: this.#reactivity,
      failedCall: (call) => this.#calls.failedCall(call),
    });
    this.#gateway = this.#openGateway();
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
      this.#gateway.onCommit();
      this.#reactivity.onCommit(record);
      this.#scheduler.onCommit(EngineSchedulerHost.changesOf(record));
    });
  }

  /** What transactions of the engine's own are made of. */
  get #own(): OwnTransactions {
    return { database: this.#parts.database, committer: this.#committer };
  }

  #openGateway(): Gateway {
    const { options, components, random } = this.#parts;
    return new Gateway({
      ...this.#own,
      options,
      runner: this.#runner,
      directory: this.#directory,
      mounts: components.mounts,
      files: this.#files,
      reactivity: this.#reactivity,
      jwks: () => this.#tokens.jwks(),
      ask: (call) => this.#ask(call),
      createRequestId: () => createRequestId(random),
      outside: this.#outside,
    });
  }

  #openFiles(): Files {
    const { options, database, random, cursorSecret: secret, origin, store } = this.#parts;
    if (origin !== undefined) return origin.#files.fork(random.fork());
    const bytes = store?.files;
    const outside = this.#outside;
    const files = openFiles({ url: options.url, random: random.fork(), secret, bytes, outside });
    if (bytes !== undefined) sweepFiles(files, database, bytes);
    return files;
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

  /** Imports and exports. @throws InvexError `BackendClosed` */
  get snapshots(): Snapshots {
    this.#mustBeOpen();
    return new Snapshots({ ...this.#own, files: this.#files });
  }

  /** See {@link Gateway.fetch}. */
  async fetch(request: Request, vouched: UserIdentity | null): Promise<Response> {
    this.#mustBeOpen();
    return this.#gateway.fetch(request, vouched);
  }

  /** See {@link Gateway.owns}. */
  ownsPath(pathname: string): Promise<boolean> {
    return this.#gateway.owns(pathname);
  }

  /** See {@link TokenSigning.jwks}. */
  jwks(): ReturnType<TokenSigning["jwks"]> {
    return this.#tokens.jwks();
  }

  /** See {@link Gateway.connect}. */
  connect(send: Send, options?: ConnectOptions): SyncConnection {
    return this.#gateway.connect(send, options);
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

  /** See {@link EmbedderSubscriptions.subscribe}. */
  subscribe(subscription: EngineSubscription): () => void {
    return this.#subscriptions.subscribe(subscription);
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

  async explain(reference: unknown, args: unknown, caller: Caller): Promise<Explanation> {
    return this.explainer.explain(await this.#prepare("any", reference, args, caller));
  }

  get explainer(): Explainer {
    this.#explainer ??= new Explainer({
      database: this.#parts.database,
      runner: this.#runner,
      reactivity: this.#reactivity,
      resultOf: (call, outcome) => this.#calls.resultOf(call, outcome),
    });
    return this.#explainer;
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    const tell = (record: CommitRecord) => {
      try {
        listener(publicCommit(record));
      } catch (error) {
        reportToHost("an onCommit listener", error);
      }
    };
    const { database } = this.#parts;
    return database.onCommit((record) => this.#outside(() => tell(record)));
  }

  /** Its parts, for those who look into it. @throws InvexError `BackendClosed` */
  get inside(): EngineInside {
    this.#mustBeOpen();
    return {
      ...this.#own,
      runner: this.#runner,
      directory: this.#directory,
      explainer: this.explainer,
      logs: this.#logs,
      outside: this.#outside,
      onClose: (end) => addTo(this.#onClose, end),
    };
  }

  /** See {@link Gateway.httpAction}. */
  httpAction(request: Request, caller: Caller): Promise<Response | undefined> {
    return this.#gateway.httpAction(request, caller);
  }

  /** @throws InvexError `SchemaInvalid`, `ModuleInvalid`; `OptionsInvalid` when the path is taken */
  registerComponent(path: string, schema: unknown, modules: Modules | ModuleMap): void {
    const { components, database, store } = this.#parts;
    const map = modules instanceof ModuleMap ? modules : new ModuleMap(modules);
    components.add({ path, modules: map, schema, crons: undefined, env: {} });
    store?.loader.prepare(database, path);
  }

  /** @param own what the copy does not share. Default: a fork of the clock */
  fork(own: ForkOptions = {}): Engine {
    const { components, database, random } = this.#parts;
    const fork = database.fork(own.clock ?? forkClock(database.clock), random.fork());
    return new Engine({
      ...this.#parts,
      store: undefined,
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
    for (const end of this.#onClose) end();
    this.#gateway.close();
    this.#reactivity.close();
    await this.#scheduler.close();
    await this.#committer.settled();
    await this.#parts.store?.close();
    sandbox.rest();
  }

  #prepare(kind: CallableKind | "any", reference: unknown, args: unknown, caller: Caller) {
    this.#mustBeOpen();
    return this.#calls.prepare(kind, reference, args, caller);
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw userError("BackendClosed", "This backend has been closed.");
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

/** A store that lived before goes on with ids of its own: the same seed would repeat the first ones. */
function randomOf(seed: string | undefined, moment: StoredMoment | undefined): Random {
  if (seed === undefined) return randomFromEntropy();
  return createRandom(moment === undefined ? seed : `${seed} after ${moment.ts.ns}`);
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
