/**
 * A backend inside a Durable Object, as everything but the class itself: opened by the first event
 * that needs it, told of alarms and sockets, forgotten with the object.
 */
import { createBackend } from "../backend";
import type { Backend, BackendOptions } from "../backend/types";
import { durableObjectPersistence } from "../persistence/durable-object/durable-object-persistence";
import { userError } from "../shared/errors";
import { ClientSockets, closeSocket } from "./client-sockets";
import type { ObjectSocket, ObjectState } from "./durable-object-state";
import { MountedHandlers } from "./mounted-handlers";
import { ObjectAlarm } from "./object-alarm";
import type { DurableBackendOptions } from "./options";

const SYNC_PATH = /^\/api\/(?:[^/]+\/)?sync$/;

export interface BackendObjectOptions {
  readonly context: ObjectState;
  readonly env: unknown;
  readonly options: DurableBackendOptions;
}

export class BackendObject {
  readonly #parts: BackendObjectOptions;
  readonly #alarm: ObjectAlarm;
  readonly #sockets: ClientSockets;
  readonly #mounted: MountedHandlers;
  #backend: Backend | undefined;
  #opening: Promise<Backend> | undefined;

  constructor(parts: BackendObjectOptions) {
    this.#parts = parts;
    const { context } = parts;
    this.#mounted = new MountedHandlers(parts.options.mounts);
    this.#sockets = new ClientSockets(context);
    this.#alarm = new ObjectAlarm({
      storage: context.storage,
      onPing: () => this.#ping(),
      open: () => this.open(),
    });
  }

  /** The backend, loaded if it was not. What is wrong with it resets the object. */
  open(): Promise<Backend> {
    if (this.#backend !== undefined) return Promise.resolve(this.#backend);
    this.#opening ??= this.#parts.context.blockConcurrencyWhile(async () => {
      const backend = createBackend(this.#backendOptions());
      await backend.ready;
      await this.#alarm.opened();
      this.#sockets.resumeAll(backend);
      this.#backend = backend;
      return backend;
    });
    return this.#opening;
  }

  /** @param accept makes the two ends of a WebSocket: the client's response and ours */
  async fetch(request: Request, accept: () => [Response, ObjectSocket]): Promise<Response> {
    const backend = await this.open();
    const isUpgrade = request.headers.get("Upgrade")?.toLowerCase() === "websocket";
    if (!isUpgrade) return this.#mounted.answer(backend, request) ?? backend.fetch(request);
    if (!SYNC_PATH.test(new URL(request.url).pathname)) {
      return new Response("WebSockets connect to /api/sync", { status: 404 });
    }
    const [response, socket] = accept();
    this.#sockets.add(backend, socket);
    this.#alarm.startPings();
    return response;
  }

  alarm(): Promise<void> {
    return this.#alarm.handle();
  }

  async receive(socket: ObjectSocket, message: unknown): Promise<void> {
    await this.open();
    // What is no text is answered like any other message that makes no sense.
    this.#sockets.receive(socket, message as string);
  }

  /** The socket has closed, for whatever reason. Needs no backend. */
  closed(socket: ObjectSocket): void {
    this.#sockets.remove(socket);
    if (this.#sockets.isLast(socket)) this.#alarm.stopPings();
    // Completes the handshake, where the platform does not.
    closeSocket(socket, {});
  }

  #ping(): void {
    const pinged = this.#sockets.ping();
    if (pinged === 0) this.#alarm.stopPings();
  }

  #backendOptions(): BackendOptions {
    const { context, env, options } = this.#parts;
    const { files, maxLoadedBytes, mounts, ...rest } = options;
    for (const name of ["persistence", "clock"]) {
      if (!(name in rest)) continue;
      throw userError(
        "OptionsInvalid",
        `durableBackend: option \`${name}\`: a Durable Object has its own. Use createBackend with durableObjectPersistence(ctx) in a class of your own.`,
        { option: name },
      );
    }
    return {
      env: stringsOf(env),
      ...rest,
      clock: this.#alarm.clock,
      persistence: durableObjectPersistence(context, {
        ...(files === undefined ? {} : { files }),
        ...(maxLoadedBytes === undefined ? {} : { maxLoadedBytes }),
      }),
    };
  }
}

/** Variables and secrets among a Worker's bindings. */
function stringsOf(env: unknown): Record<string, string> {
  const entries = Object.entries(env ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
