/// <reference path="./cloudflare-workers.d.ts" />
/**
 * `durableBackend`: the class of Durable Objects that are a backend each. The only file that imports
 * from the platform; what the events do is in `backend-object.ts`.
 */
import { DurableObject } from "cloudflare:workers";
import type { IdentityAttributes } from "../auth/identity";
import type { Modules } from "../functions/module-map";
import type { AnySchemaDefinition } from "../server/schema-definition";
import { BackendObject } from "./backend-object";
import type { ObjectSocket, ObjectState } from "./durable-object-state";
import { answerCall, type ObjectAnswer, type ObjectCall, type ObjectCalls } from "./object-calls";
import type { DurableBackendOptions, DurableBackendSource } from "./options";

type CallParameters = [
  path: string,
  args?: Record<string, unknown>,
  identity?: IdentityAttributes | undefined,
];

/**
 * What a Worker may call on a stub of such an object. Results have no types here, Cloudflare's types
 * of RPC knowing none for values that hold values: see `backendIn` for calls that have.
 */
export interface BackendObjectMethods {
  fetch(request: Request): Promise<Response>;
  /**
   * Runs a function by its path, `"messages:list"`, for `identity` if given, else for nobody.
   * Internal functions may be called: who has the binding is trusted.
   */
  query(...call: CallParameters): Promise<unknown>;
  mutation(...call: CallParameters): Promise<unknown>;
  action(...call: CallParameters): Promise<unknown>;
}

/** What {@link durableBackend} returns. */
export interface BackendObjectClass<M extends Modules = Modules, Env = unknown> {
  // The platform's own constructor; its types are Cloudflare's.
  // biome-ignore lint/suspicious/noExplicitAny: `ctx` is Cloudflare's DurableObjectState, which is not imported
  new (ctx: any, env: Env): DurableObject<Env> & BackendObjectMethods & ObjectCalls;
  /** For types only. */
  readonly modules?: M;
}

/**
 * A class of Durable Objects, each with a backend of its own: a room, a user, a tenant. Convex's own
 * clients connect to it, it sleeps while they stay connected, its scheduled functions wake it.
 *
 * Needs SQLite storage (`new_sqlite_classes`) and the compatibility flag `nodejs_compat`. Options may
 * depend on the Worker's bindings and on which object it is. What is wrong with them is thrown when
 * an object is first used.
 *
 * @example
 * export class Room extends durableBackend({ schema, modules: { messages } }) {}
 * export default { fetch: (request, env) => routeToBackends(env.ROOMS, request) };
 */
export function durableBackend<
  const M extends Modules,
  Schema extends AnySchemaDefinition = AnySchemaDefinition,
  Env = unknown,
>(source: DurableBackendSource<Env, M, Schema>): BackendObjectClass<M, Env> {
  return class extends DurableObject<Env> {
    readonly #context: ObjectState;
    readonly #object: BackendObject;

    constructor(ctx: ObjectState, env: Env) {
      super(ctx, env);
      this.#context = ctx;
      const { id } = ctx;
      const options =
        typeof source === "function" ? source(env, { id: id.toString(), name: id.name }) : source;
      this.#object = new BackendObject({
        context: ctx,
        env,
        options: options as unknown as DurableBackendOptions,
      });
    }

    fetch(request: Request): Promise<Response> {
      return this.#object.fetch(request, () => this.#accept());
    }

    alarm(): Promise<void> {
      return this.#object.alarm();
    }

    webSocketMessage(socket: ObjectSocket, message: unknown): Promise<void> {
      return this.#object.receive(socket, message);
    }

    webSocketClose(socket: ObjectSocket): void {
      this.#object.closed(socket);
    }

    webSocketError(socket: ObjectSocket): void {
      this.#object.closed(socket);
    }

    async query(...call: CallParameters): Promise<unknown> {
      return (await this.#callers(call)).query(call[0], call[1]);
    }

    async mutation(...call: CallParameters): Promise<unknown> {
      return (await this.#callers(call)).mutation(call[0], call[1]);
    }

    async action(...call: CallParameters): Promise<unknown> {
      return (await this.#callers(call)).action(call[0], call[1]);
    }

    async call(call: ObjectCall): Promise<ObjectAnswer> {
      return answerCall(await this.#object.open(), call);
    }

    async #callers([, , identity]: CallParameters) {
      const backend = await this.#object.open();
      return identity === undefined ? backend : backend.withIdentity(identity);
    }

    #accept(): [Response, ObjectSocket] {
      const { 0: client, 1: server } = new WebSocketPair();
      this.#context.acceptWebSocket(server);
      return [new Response(null, { status: 101, webSocket: client } as ResponseInit), server];
    }
  };
}

declare const WebSocketPair: new () => { readonly 0: object; readonly 1: ObjectSocket };
