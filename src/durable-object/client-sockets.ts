/**
 * The clients connected to an object, over WebSockets that stay open while it hibernates: each has a
 * session of the backend, which goes on from what is remembered of it when there is a new backend.
 * A session that cannot go on ends its socket; its client connects again, and repeats what it has no
 * answer to.
 */
import type { DurableSql } from "../persistence/durable-object/durable-storage";
import { secretBytes } from "../shared/secure-random";
import type { Connectable, SyncConnection } from "../sync/connection";
import { PING } from "../sync/server-message";
import type { SessionState } from "../sync/session-state";
import type { ObjectSocket, ObjectState } from "./durable-object-state";
import { SocketState } from "./socket-state";

/** The client is to come back at once. */
const RESTARTED = { code: 1012, reason: "Restarted" };

interface Client {
  readonly connection: SyncConnection;
  readonly state: SocketState;
  /** Ends the wait for what is under way. */
  onRest: () => void;
}

export class ClientSockets {
  readonly #context: ObjectState;
  readonly #clients = new Map<ObjectSocket, Client>();

  constructor(context: ObjectState) {
    this.#context = context;
  }

  /** Whether nobody is connected but, perhaps, this one. */
  isLast(socket: ObjectSocket): boolean {
    return this.#context.getWebSockets().every((each) => each === socket);
  }

  /** Tells all clients that the object is there. Needs no backend. @returns how many there are */
  ping(): number {
    const sockets = this.#context.getWebSockets();
    for (const socket of sockets) {
      try {
        socket.send(PING);
      } catch {
        // It is closing: its close event follows.
      }
    }
    return sockets.length;
  }

  /** Goes on with the sessions of all sockets, on a new backend. */
  resumeAll(backend: Connectable): void {
    const sockets = this.#context.getWebSockets();
    SocketState.prepare(this.#sql, sockets);
    for (const socket of sockets) this.#resume(backend, socket);
  }

  /** A socket of a new client, which the platform has accepted. */
  add(backend: Connectable, socket: ObjectSocket): void {
    const id = Array.from(secretBytes(12), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const state = new SocketState(socket, this.#sql, id);
    state.markBusy();
    this.#connect(backend, { socket, state });
  }

  receive(socket: ObjectSocket, message: string): void {
    const client = this.#clients.get(socket);
    // It was told to come back, and has not read it yet.
    if (client === undefined) return;
    client.state.markBusy();
    client.connection.receive(message);
    if (client.connection.state() === undefined) this.#stayAwakeFor(client);
    else this.#remember(client);
  }

  /** The socket has closed. */
  remove(socket: ObjectSocket): void {
    const client = this.#clients.get(socket);
    if (client === undefined) return;
    this.#clients.delete(socket);
    client.connection.close();
    client.state.remove();
    client.onRest();
  }

  get #sql(): DurableSql {
    return this.#context.storage.sql;
  }

  #resume(backend: Connectable, socket: ObjectSocket): void {
    const state = SocketState.of(socket, this.#sql);
    const resume = state?.read();
    if (state !== undefined && resume !== undefined)
      this.#connect(backend, { socket, state, resume });
    else closeSocket(socket, RESTARTED);
  }

  #connect(
    backend: Connectable,
    {
      socket,
      state,
      resume,
    }: {
      readonly socket: ObjectSocket;
      readonly state: SocketState;
      readonly resume?: SessionState;
    },
  ): void {
    const connection = backend.connect((message) => socket.send(message), {
      ...(resume === undefined ? {} : { resume }),
      pings: false,
      onRest: () => this.#remember(client),
      onClose: (frame) => {
        this.remove(socket);
        closeSocket(socket, frame);
      },
    });
    const client: Client = { connection, state, onRest: () => {} };
    this.#clients.set(socket, client);
  }

  #remember({ connection, state, onRest }: Client): void {
    const now = connection.state();
    if (now === undefined) return;
    state.write(now);
    onRest();
  }

  /** What runs for a client would be lost in a hibernating object. */
  #stayAwakeFor(client: Client): void {
    const before = client.onRest;
    const rest = new Promise<void>((resolve) => {
      client.onRest = () => {
        before();
        resolve();
      };
    });
    this.#context.waitUntil(rest);
  }
}

/** Harmless for one that is closed. */
export function closeSocket(
  socket: ObjectSocket,
  { code, reason }: { code?: number; reason?: string },
): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already.
  }
}
