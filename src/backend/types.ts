/** What `createBackend` takes and gives: the typed face of the engine (DESIGN 1). */
import type { IdentityAttributes } from "../auth/identity";
import type { ListedComponent } from "../components/listed-instances";
import type { TransactionLimits } from "../db/limits";
import type { Explanation } from "../explain/explanation";
import type { LiveQueryReport } from "../explain/live-query-report";
import type { LogEntry } from "../functions/logs";
import type { Modules } from "../functions/module-map";
import type { Persistence } from "../persistence/persistence";
import type { AdvanceReport } from "../scheduler/advance-report";
import type { AnyApi, ApiFromModules, FilterApi } from "../server/api";
import type { AuthConfig } from "../server/authentication";
import type { AnyDataModel, GenericDataModel } from "../server/data-model";
import type { GenericActionCtx, GenericMutationCtx, GenericQueryCtx } from "../server/function-ctx";
import type {
  FunctionArgs,
  FunctionReference,
  FunctionReturnType,
  FunctionType,
  OptionalRestArgs,
} from "../server/function-reference";
import type {
  AnySchemaDefinition,
  DataModelFromSchemaDefinition,
} from "../server/schema-definition";
import type { Clock } from "../shared/clock";
import type { Duration } from "../shared/duration";
import type { ByteSource } from "../snapshot/byte-source";
import type {
  ExportSnapshotOptions,
  ExportTableOptions,
  ImportReport,
  ImportSnapshotOptions,
  ImportTableOptions,
} from "../snapshot/options";
import type { ConnectOptions, Send, SyncConnection } from "../sync/connection";
import type { Value } from "../values/value";

// biome-ignore lint/suspicious/noExplicitAny: a reference of either visibility, with any arguments and result
type AnyReference<Type extends FunctionType> = FunctionReference<Type, any>;

export interface BackendOptions<
  M extends Modules = Modules,
  Schema extends AnySchemaDefinition = AnySchemaDefinition,
> {
  /**
   * The functions: eager namespaces (`{ messages, "admin/users": users }`), or a lazy
   * `import.meta.glob("../convex/**\/*.ts")` map. `schema` is found by name.
   */
  readonly modules: M;
  /** Default: the default export of the module named `schema`, if there is one. */
  readonly schema?: Schema;
  /**
   * The components, by the name they are installed under: `{ modules, schema?, components?, env?,
   * httpPrefix? }`, or what a published component exports for tests (`@convex-dev/…/test`).
   * Default: what `convex.config` installs; then the map must hold the components' folders. If
   * given, `convex.config` is not read.
   * @example
   * import rateLimiter from "@convex-dev/rate-limiter/test";
   * createBackend({ schema, modules, components: { rateLimiter } });
   */
  readonly components?: Readonly<Record<string, ListedComponent>>;
  /** Where data outlives the process, such as `sqlite(db)`. Default: memory only. */
  readonly persistence?: Persistence;
  /** Default: the system clock, looked up at each call so that fake timers work. */
  readonly clock?: Clock;
  /** Makes ids, `Math.random` and request ids reproducible. Default: entropy. */
  readonly seed?: string;
  /** `process.env` inside functions. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Limits of a transaction. Default: Convex's (engine.md 7.1). */
  readonly limits?: Partial<TransactionLimits>;
  /** `"off"` leaves time, randomness and globals inside queries and mutations alone. Default: `"enforce"`. */
  readonly determinism?: "enforce" | "off";
  /** Production error texts: callers learn the request id and a `ConvexError`'s data only. Default: false. */
  readonly redactErrors?: boolean;
  /** Gets every `console` call of a function. Default: the real console, with Convex's prefix. */
  readonly onLog?: (entry: LogEntry) => void;
  /**
   * Whose tokens are believed: what `auth.config` exports. Default: the default export of the module
   * `auth.config`, read when the first token comes; without one, nobody's.
   */
  readonly auth?: AuthConfig;
  /** Lets who has it call internal functions over HTTP, and act as any user. Default: nobody can. */
  readonly adminKey?: string;
  /**
   * How the backend itself reaches the network: the keys of token issuers. Owes its own timeouts.
   * URLs below `url` are asked of the backend itself. Default: the global `fetch`, looked up at each
   * call.
   */
  readonly fetch?: (url: string) => Promise<Response>;
  /** What `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL` say inside functions. Default: `"http://invex.localhost"`. */
  readonly url?: string;
}

/** The namespaces of a map of modules, loaded or not, by path. */
type NamespacesOf<M extends Modules> = {
  -readonly [Path in keyof M & string]: M[Path] extends () => Promise<infer Namespace>
    ? Extract<Namespace, object>
    : Extract<M[Path], object>;
};

/** The public part of the `api` of a map of modules; untyped when the map is. */
export type ApiOf<M extends Modules> = string extends keyof M
  ? AnyApi
  : // biome-ignore lint/suspicious/noExplicitAny: functions of every kind
    FilterApi<ApiFromModules<NamespacesOf<M>>, FunctionReference<any, "public">>;

/** The internal part of the `api` of a map of modules; untyped when the map is. */
export type InternalApiOf<M extends Modules> = string extends keyof M
  ? AnyApi
  : // biome-ignore lint/suspicious/noExplicitAny: functions of every kind
    FilterApi<ApiFromModules<NamespacesOf<M>>, FunctionReference<any, "internal">>;

/** The data model of a schema; anything when there is none. */
export type ModelOf<Schema extends AnySchemaDefinition> = AnySchemaDefinition extends Schema
  ? AnyDataModel
  : DataModelFromSchemaDefinition<Schema>;

/** Calls of functions, and requests. A string names a function by its path: `"messages:list"`. */
export interface Callers<Model extends GenericDataModel = AnyDataModel> {
  /**
   * Runs a query, or answers from the cache when nothing it read has changed. The result belongs to
   * the caller. An inline `(ctx) => …` is never cached.
   * @throws `FunctionError`, or the function's own `ConvexError`
   */
  query<Query extends AnyReference<"query">>(
    query: Query,
    ...args: OptionalRestArgs<Query>
  ): Promise<FunctionReturnType<Query>>;
  query(query: string, args?: Record<string, unknown>): Promise<Value>;
  query<T>(query: (ctx: GenericQueryCtx<Model>) => T | Promise<T>): Promise<T>;

  /**
   * Runs a mutation as one serializable transaction. Resolves once it is committed (and durable,
   * with persistence); subscribers hear of it afterwards. At most two executions, whatever the
   * contention (DESIGN law 4).
   * @throws `FunctionError`, or the function's own `ConvexError`; then nothing was written
   */
  mutation<Mutation extends AnyReference<"mutation">>(
    mutation: Mutation,
    ...args: OptionalRestArgs<Mutation>
  ): Promise<FunctionReturnType<Mutation>>;
  mutation(mutation: string, args?: Record<string, unknown>): Promise<Value>;
  mutation<T>(mutation: (ctx: GenericMutationCtx<Model>) => T | Promise<T>): Promise<T>;

  /**
   * Runs an action: side effects, and transactions of its own.
   * @throws `FunctionError`, or the function's own `ConvexError`; what it committed stays
   */
  action<Action extends AnyReference<"action">>(
    action: Action,
    ...args: OptionalRestArgs<Action>
  ): Promise<FunctionReturnType<Action>>;
  action(action: string, args?: Record<string, unknown>): Promise<Value>;
  action<T>(action: (ctx: GenericActionCtx<Model>) => T | Promise<T>): Promise<T>;

  /**
   * Runs a query or a mutation and tells what it did to the database: the ranges it read, the
   * documents and bytes it scanned, its share of every limit, whether the cache would have answered,
   * and which index would help. A mutation is rolled back: nothing is committed, nobody is told, but
   * what its handler does beside the database is done, and its ids and random numbers are drawn. An
   * inline function runs as a query. What functions read on stale snapshots is not in the report.
   *
   * For development and tests; other calls pay nothing for it.
   * @returns also when the function throws: then `result` says so
   * @throws InvexError `NotSupported` for an action; what a call throws that cannot be made
   * @example
   * const { reads, warnings } = await backend.explain(api.messages.list, { channel: "general" });
   * reads[0].text; // 'messages.by_channel: channel = "general"'
   * warnings; // []
   */
  explain<Fn extends AnyReference<"query" | "mutation">>(
    fn: Fn,
    ...args: OptionalRestArgs<Fn>
  ): Promise<Explanation>;
  explain(fn: string, args?: Record<string, unknown>): Promise<Explanation>;
  explain(fn: (ctx: GenericQueryCtx<Model>) => unknown): Promise<Explanation>;

  /**
   * Answers an HTTP request as the deployed backend would: HTTP actions, file uploads and downloads,
   * and the HTTP API under `/api/`, so that any server can mount it, and any client that takes a
   * `fetch` can use it without one. Who calls is what `Authorization` says, or the user of
   * `withIdentity`. Strings that are no whole URL count from `url`.
   *
   * Resolves when the head of the response is known; what is wrong with a request is the response.
   * Snapshots that `/api/query_ts` names can be read for 60 seconds.
   * @throws InvexError `BackendClosed`
   * @example
   * const response = await backend.fetch("/webhooks/github", { method: "POST", body });
   * const client = new ConvexHttpClient(backend.url, { fetch: backend.fetch });
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;

  /**
   * Keeps a query's result up to date: `onResult` is called with the first result, and after every
   * commit that changed it. Results are deeply frozen; what did not change keeps its identity.
   * A failing query calls `onError` and recovers when its data changes.
   * @returns ends the subscription; no call follows
   */
  subscribe<Query extends AnyReference<"query">>(
    query: Query,
    args: FunctionArgs<Query>,
    onResult: (result: FunctionReturnType<Query>) => void,
    onError?: (error: Error) => void,
  ): () => void;
  subscribe(
    query: string,
    args: Record<string, unknown>,
    onResult: (result: Value) => void,
    onError?: (error: Error) => void,
  ): () => void;
}

/** One document's way through a commit. Deeply frozen copies. */
export interface CommittedChange {
  readonly component: string;
  readonly table: string;
  readonly id: string;
  /** `null` for an insert. */
  readonly before: Record<string, Value> | null;
  /** `null` for a deletion. */
  readonly after: Record<string, Value> | null;
}

export interface Commit {
  /** Nanoseconds since the epoch; strictly increasing. */
  readonly ts: bigint;
  readonly changes: readonly CommittedChange[];
}

/** A running backend. Plain `Backend` is what any backend can be passed as. */
export interface Backend<
  // biome-ignore lint/suspicious/noExplicitAny: the api of whichever backend it is
  Api = any,
  // biome-ignore lint/suspicious/noExplicitAny: the api of whichever backend it is
  Internal = any,
  // biome-ignore lint/suspicious/noExplicitAny: the data model of whichever backend it is
  Model extends GenericDataModel = any,
> extends Callers<Model> {
  /** References to public functions, typed from eager `modules`. */
  readonly api: Api;
  /** References to internal functions: the embedder may call them, clients may not. */
  readonly internal: Internal;
  readonly url: string;
  /** Resolves when lazily loaded parts (the schema) are there; rejects when they are wrong. */
  readonly ready: Promise<void>;

  /**
   * The same callers as a signed-in user. Missing `subject`, `issuer` and `tokenIdentifier` are
   * filled in as Convex's tools do for tests.
   */
  withIdentity(identity: IdentityAttributes): Callers<Model>;

  /** Runs `fn` as one mutation with full access, for seeding and assertions. */
  run<T>(fn: (ctx: GenericMutationCtx<Model>) => T | Promise<T>): Promise<T>;

  /**
   * Opens one session of Convex's sync protocol, for any transport that carries texts: what the
   * client sends goes to `receive`, what `send` gets goes to the client. The client may call public
   * functions only. `invex/client` has transports within a process and over a MessagePort.
   *
   * @param send called in order, never from within `receive`'s caller's own functions; returns a
   * promise where the transport is full, and gets nothing until it resolves
   * @example
   * sockets.on("connection", (socket) => {
   *   const session = backend.connect((message) => socket.send(message), {
   *     onClose: ({ code, reason }) => socket.close(code, reason),
   *   });
   *   socket.on("message", (message) => session.receive(String(message)));
   *   socket.on("close", () => session.close());
   * });
   */
  connect(send: Send, options?: ConnectOptions): SyncConnection;

  /**
   * All live queries, of subscriptions and of connected clients: what each has read, and why it ran
   * again. The first call begins to record reruns, the last 20 of each; until then nothing is
   * recorded, and nothing costs.
   * @throws InvexError `NotSupported` before `ready`
   * @example
   * backend.liveQueries(); // from here on
   * await backend.mutation(api.messages.send, { channel: "general", body: "hi" });
   * await backend.settle();
   * const [list] = backend.liveQueries();
   * list.reruns[0].because[0].read.text; // 'messages.by_channel: channel = "general"'
   */
  liveQueries(): LiveQueryReport[];

  /** Calls `listener` after every commit, in order, once it is visible. */
  onCommit(listener: (commit: Commit) => void): () => void;

  /**
   * Moves a manual clock forward and runs every scheduled function and cron that falls due, in order,
   * each at its own time and to its end, what it schedules included. Resolves when listeners have
   * heard of all of it.
   * @throws InvexError `NotSupported` without a manual clock, `SchedulerInvalid` when functions
   * schedule each other without end
   */
  advance(duration: Duration): Promise<AdvanceReport>;

  /**
   * Runs what is due now, and what that schedules for now, until nothing is due. Resolves when
   * listeners have heard of all commits so far. Works with every clock; time does not move.
   * @throws InvexError `SchedulerInvalid` when functions schedule each other without end
   */
  settle(): Promise<AdvanceReport>;

  /**
   * Adds a component, `"shop/mailer"` one installed in another, as the test helpers of published
   * components do: `rateLimiterTest.register(backend)`. Its crons do not run. Without a schema its
   * tables hold anything.
   * @throws InvexError `SchemaInvalid`, `ModuleInvalid`; `OptionsInvalid` when the path is taken.
   * Before `ready`, `ready` rejects with it instead.
   */
  registerComponent(path: string, schema: unknown, modules: Modules): void;

  /**
   * Everything as it is now, as the ZIP that `npx convex import` takes: documents of every table and
   * component, and the files of `ctx.storage`. Scheduled functions and crons are not in it. The
   * archive is made as it is read; until it has ended or is cancelled it holds what is changed
   * meanwhile, so read it or cancel it.
   * @throws InvexError `OptionsInvalid`; the stream fails with `ExportFailed`
   * @example
   * await writeFile("snapshot.zip", backend.exportSnapshot());
   */
  exportSnapshot(options?: ExportSnapshotOptions): ReadableStream<Uint8Array<ArrayBuffer>>;

  /**
   * Reads what `exportSnapshot` or `npx convex export` wrote: documents with their ids and creation
   * times, files with their URLs. All of it is one commit, checked against the schema; limits of
   * transactions do not count. Tables take over the numbers that the ids carry. The archive may be as
   * large as memory allows: all documents are held until they are committed.
   * @throws InvexError `ImportFailed`, naming file, line and field; then nothing has changed
   * @example
   * await backend.importSnapshot(await openAsBlob("snapshot.zip"), { mode: "replaceAll" });
   */
  importSnapshot(source: ByteSource, options?: ImportSnapshotOptions): Promise<ImportReport>;

  /**
   * One table as lines of JSON, as it is now; see `exportSnapshot`.
   * @throws InvexError `OptionsInvalid`; the stream fails with `ExportFailed` when there is no such
   * table, or a value that the format has no form for
   */
  exportTable(table: string, options?: ExportTableOptions): ReadableStream<Uint8Array<ArrayBuffer>>;

  /**
   * Reads one table in a format of `npx convex import`; see `importSnapshot`. Rows without `_id` or
   * `_creationTime` get new ones. A table that is not there is made.
   * @throws InvexError `ImportFailed`, naming line and field; then nothing has changed
   * @example
   * await backend.importTable("users", new Blob(['{"name": "Ada"}']), { mode: "append" });
   */
  importTable(
    table: string,
    source: ByteSource,
    options?: ImportTableOptions,
  ): Promise<ImportReport>;

  /**
   * An independent in-memory copy: writes on either side are invisible to the other. O(tables),
   * whatever they hold.
   * @throws `NotSupported` before `ready`
   */
  fork(): Backend<Api, Internal, Model>;

  /** Ends every subscription; calls reject from here on. Again does nothing. */
  close(): Promise<void>;
}
