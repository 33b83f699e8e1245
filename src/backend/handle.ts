/**
 * The handle that `createBackend` returns, around an engine that is there or on its way (a lazily
 * loaded schema). Only forwards; the types are in `types.ts`.
 */
import { completeIdentity, type IdentityAttributes } from "../auth/identity";
import type { Modules } from "../functions/module-map";
import { anyApi } from "../server/api";
import type { UserIdentity } from "../server/authentication";
import type { Duration } from "../shared/duration";
import { userError } from "../shared/errors";
import type { Connectable, ConnectOptions, Send, SyncConnection } from "../sync/connection";
import { deferredConnection } from "../sync/deferred-connection";
import type { Engine } from "./engine";
import { INSIDE } from "./engine-inside";
import { openedLater } from "./snapshots";
import type { Backend, Commit } from "./types";

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A listener's registration: what it begins may have to wait for the engine. */
type Stop = () => void;

/** @param source rejects when the schema is wrong; then every call rejects with that */
export function createHandle(source: Engine | Promise<Engine>, url: string): Backend {
  const access = new EngineAccess(source);
  const handle = {
    ...createCallers(access, null, url),
    api: anyApi,
    internal: anyApi,
    url,
    ready: access.ready,
    withIdentity: (identity: IdentityAttributes) =>
      createCallers(access, completeIdentity(identity), url),
    run: async (fn: unknown) => access.use((engine) => engine.mutation(fn, undefined, null)),
    onCommit: (listener: (commit: Commit) => void) =>
      access.start((engine) => engine.onCommit(listener)),
    liveQueries: () => access.mustBeReady("looked into").explainer.liveQueries(),
    connect: (send: Send, options?: ConnectOptions) => access.connect(send, options),
    advance: async (duration: Duration) => access.use((engine) => engine.advance(duration)),
    settle: async () => access.use((engine) => engine.settle()),
    registerComponent: (path: string, schema: unknown, modules: Modules) =>
      access.configure((engine) => engine.registerComponent(path, schema, modules)),
    exportSnapshot: (options?: unknown) =>
      access.stream((engine) => engine.snapshots.exportSnapshot(options)),
    exportTable: (table: string, options?: unknown) =>
      access.stream((engine) => engine.snapshots.exportTable(table, options)),
    importSnapshot: async (bytes: unknown, options?: unknown) =>
      access.use(async (engine) => engine.snapshots.importSnapshot(bytes, options)),
    importTable: async (table: string, bytes: unknown, options?: unknown) =>
      access.use(async (engine) => engine.snapshots.importTable(table, bytes, options)),
    fork: () => createHandle(access.mustBeReady("forked").fork(), url),
    close: async () => access.close(),
    [INSIDE]: () => access.use(async (engine) => engine.inside),
  };
  return handle as unknown as Backend;
}

function createCallers(access: EngineAccess, identity: UserIdentity | null, url: string) {
  return {
    query: (query: unknown, args?: unknown) =>
      access.use((engine) => engine.query(query, args, identity)),
    mutation: (mutation: unknown, args?: unknown) =>
      access.use((engine) => engine.mutation(mutation, args, identity)),
    action: (action: unknown, args?: unknown) =>
      access.use((engine) => engine.action(action, args, identity)),
    explain: (reference: unknown, args?: unknown) =>
      access.use((engine) => engine.explain(reference, args, { identity })),
    fetch: async (input: Request | URL | string, init?: RequestInit) =>
      access.use((engine) => engine.fetch(asRequest(input, init, url), identity)),
    subscribe: (
      query: unknown,
      args: unknown,
      onResult: (result: unknown) => void,
      onError?: (error: Error) => void,
    ): Stop =>
      access.start(
        (engine) => engine.subscribe({ query, args, identity, onResult, onError }),
        onError,
      ),
  };
}

/** As the global `fetch` takes it; what is no whole URL counts from the backend's own. */
function asRequest(
  input: Request | URL | string,
  init: RequestInit | undefined,
  url: string,
): Request {
  if (typeof input !== "string" && "headers" in input) {
    return init === undefined ? input : new Request(input, init);
  }
  // A path may begin with two slashes, which a URL would take for another host.
  const isPath = typeof input === "string" && input.startsWith("/");
  return new Request(isPath ? new URL(url).origin + input : new URL(input, url), init);
}

/** The engine, now or later. */
class EngineAccess {
  readonly ready: Promise<void>;
  #engine: Engine | undefined;
  #isClosed = false;
  /** What was asked for before the engine was there, and comes before everything else. */
  #configurations: ((engine: Engine) => void)[] = [];

  constructor(source: Engine | Promise<Engine>) {
    if (!(source instanceof Promise)) this.#engine = source;
    this.ready = Promise.resolve(source).then(async (engine) => {
      for (const configure of this.#configurations) configure(engine);
      this.#configurations = [];
      this.#engine = engine;
      if (this.#isClosed) await engine.close();
      await engine.ready;
    });
    // Whoever calls hears of it; nobody need await `ready`.
    this.ready.catch(() => {});
  }

  use<T>(call: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = this.#engine;
    return engine === undefined
      ? this.ready.then(() => call(this.mustBeReady("used")))
      : call(engine);
  }

  /** A stream of the engine's; of one on its way it begins with the first read. */
  stream(open: (engine: Engine) => Bytes): Bytes {
    if (this.#engine !== undefined) return open(this.#engine);
    return openedLater(() => this.use(async (engine) => open(engine)));
  }

  /** Adds to the engine, now or before its first use; then what is wrong makes `ready` reject. */
  configure(change: (engine: Engine) => void): void {
    if (this.#engine === undefined) this.#configurations.push(change);
    else change(this.#engine);
  }

  /** Begins something that goes on until it is stopped, as soon as the engine is there. */
  start(begin: (engine: Engine) => Stop, onError?: (error: Error) => void): Stop {
    if (this.#engine !== undefined) return begin(this.#engine);
    let stop: Stop | undefined;
    let isStopped = false;
    const begun = this.ready.then(() => {
      if (!isStopped) stop = begin(this.mustBeReady("used"));
    });
    begun.catch((error: Error) => {
      if (!isStopped) onError?.(error);
    });
    return () => {
      isStopped = true;
      stop?.();
    };
  }

  connect(send: Send, options: ConnectOptions = {}): SyncConnection {
    if (this.#engine !== undefined) return this.#engine.connect(send, options);
    const engine = this.ready.then((): Connectable => this.mustBeReady("connected to"));
    return deferredConnection(engine, send, options);
  }

  mustBeReady(use: string): Engine {
    if (this.#engine !== undefined) return this.#engine;
    throw userError("NotSupported", `A backend can be ${use} once it is ready: await \`ready\`.`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#engine?.close();
  }
}
