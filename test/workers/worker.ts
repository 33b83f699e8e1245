// The Worker of the tests: objects with backends, and one that runs the conformance cases. What real
// objects are spared, being thrown away when a test says so, these offer as methods.

import { env as bindings, DurableObject } from "cloudflare:workers";
import { createBackend } from "invex";
import {
  backendIn,
  durableBackend,
  durableObjectPersistence,
  r2Files,
  routeToBackends,
} from "invex/durable-object";
import { inspector } from "invex/inspector";
import { type PersistentStore, persistenceCases } from "invex/persistence";
import { functionsFor } from "invex/server";
import { convexToJson, jsonToConvex, v } from "invex/values";
import { INSPECTOR_KEY } from "./inspector-key";
import { cronModule, http, ledger, schema } from "./ledger";

// biome-ignore lint/suspicious/noExplicitAny: the platform's types are not installed
type Platform = any;

const { action } = functionsFor(schema);

const platform = {
  variables: action({
    args: {},
    handler: () => [process.env.GREETING, process.env.FILES ?? "none"],
  }),
  bindings: action({
    args: { key: v.string() },
    handler: async (_ctx, { key }) => {
      const { FILES } = bindings as Platform;
      await FILES.put(key, "from an action");
      return (await FILES.get(key)).text();
    },
  }),
  evaluate: action({ args: {}, handler: () => new Function("return 1")() }),
};

const modules = { ledger, platform, http };

function withEviction<Base extends new (...args: Platform[]) => Platform>(Class: Base) {
  return class extends Class {
    readonly born = crypto.randomUUID();

    /** Throws the object away, with all it had in memory, in the middle of whatever it does. */
    evict() {
      this.ctx.abort("evicted by a test");
    }

    /** Tells this object from the next. */
    bornAs() {
      return this.born;
    }

    attachments() {
      return this.ctx.getWebSockets().map((socket: Platform) => socket.deserializeAttachment());
    }

    sql(query: string) {
      return this.ctx.storage.sql.exec(query).toArray();
    }

    /** The next ping is in so many milliseconds, for the next life of this object. */
    pingIn(ms: number) {
      const { storage } = this.ctx;
      const at = Date.now() + ms;
      storage.sql.exec("UPDATE invex_alarm SET ping = ?", at);
      return storage.setAlarm(at);
    }

    /** Whether there is a backend: it alone claims the storage. */
    isLoaded() {
      try {
        (durableObjectPersistence(this.ctx).open() as PersistentStore).close();
        return false;
      } catch {
        return true;
      }
    }

    /** As if another version had written them. */
    spoilAttachments() {
      for (const socket of this.ctx.getWebSockets()) {
        const attachment = socket.deserializeAttachment();
        socket.serializeAttachment({ ...attachment, told: '{"format":99}' });
      }
    }

    async download(path: string, range: string) {
      const headers: HeadersInit = range === "" ? {} : { Range: range };
      const response = await this.fetch(new Request(`https://object${path}`, { headers }));
      return response.text();
    }

    breakStorage() {
      this.ctx.storage.sql.exec("DELETE FROM invex_rows");
    }
  };
}

export class Room extends withEviction(
  durableBackend((env: Platform, { name }) => ({
    schema,
    modules,
    onLog: () => {},
    url: `https://rooms.example/${name}`,
    auth: JSON.parse(env.AUTH),
    mounts: { "/inspector": (backend) => inspector(backend, { key: INSPECTOR_KEY }) },
  })),
) {}

export class RoomWithCrons extends withEviction(
  durableBackend({ schema, modules: { ...modules, crons: cronModule }, onLog: () => {} }),
) {}

export class RoomOnR2 extends withEviction(
  durableBackend((env: Platform) => ({ schema, modules, files: r2Files(env.FILES) })),
) {}

export class SmallRoom extends withEviction(
  durableBackend({ schema, modules, onLog: () => {}, maxLoadedBytes: 100_000 }),
) {}

/** For measurements beyond what is allowed. */
export class LargeRoom extends withEviction(
  durableBackend({ schema, modules, onLog: () => {}, maxLoadedBytes: 2 ** 28 }),
) {}

/** A class of one's own on the same storage. */
export class OwnClass extends DurableObject<Platform> {
  readonly backend = createBackend({
    schema,
    modules,
    persistence: durableObjectPersistence((this as Platform).ctx),
  });

  readonly inMemory = createBackend({ schema, modules });

  /** So many commits one after the other, stored or in memory only. @returns their milliseconds */
  async commits(count: number, isStored: boolean) {
    const backend = isStored ? this.backend : this.inMemory;
    const start = Date.now();
    for (let i = 0; i < count; i++) {
      await backend.mutation("ledger:put", { key: `commit ${i}`, balance: i });
    }
    return Date.now() - start;
  }

  put(key: string, balance: number) {
    return this.backend.mutation("ledger:put", { key, balance });
  }

  balances() {
    return this.backend.query("ledger:balances");
  }
}

export class Conformance extends DurableObject<Platform> {
  names() {
    return persistenceCases({ create: () => this.#place("object") }).map(({ name }) => name);
  }

  async run(name: string, filesIn: "object" | "r2") {
    const cases = persistenceCases({ create: () => this.#place(filesIn) });
    await cases.find((each) => each.name === name)?.run();
  }

  #place(filesIn: "object" | "r2") {
    const { storage, id } = (this as Platform).ctx;
    // Cases break writes on purpose, and look at what remains: no reset.
    const context = { storage, id, abort: () => {} };
    const files = r2Files((this as Platform).env.FILES);
    const options = filesIn === "r2" ? { files } : {};
    return { adapter: () => durableObjectPersistence(context, options) };
  }
}

export default {
  async fetch(request: Request, env: Platform): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/from-worker") return fromWorker(env);
    if (pathname === "/call") return callObject(env, await request.text());
    return routeToBackends(env.ROOM, request);
  },
};

/** Calls a method of an object for a test in Node; values in Convex's JSON. */
async function callObject(env: Platform, text: string): Promise<Response> {
  const { binding, name, method, args } = JSON.parse(text);
  const stub = env[binding].get(env[binding].idFromName(name));
  try {
    const value = await stub[method](...args.map(jsonToConvex));
    return Response.json({ value: convexToJson(value ?? null) });
  } catch (error) {
    return Response.json({ error: String(error) });
  }
}

/** What a Worker sees of its objects. */
async function fromWorker(env: Platform): Promise<Response> {
  const room = backendIn<typeof Room>(env.ROOM, "from-worker");
  await room.mutation("ledger:put", { key: "a", balance: 5 });
  const failure = await room
    .mutation("ledger:transfer", { from: "a", to: "b", amount: 1 })
    .catch((error: Error & { data?: unknown }) => ({ name: error.name, data: error.data }));
  const unknown = await room.query("ledger:missing").catch((error: Error) => error.message);
  const who = await room.withIdentity({ name: "Ada" }).query("ledger:whoAmI");
  const plain = await env.ROOM.get(env.ROOM.idFromName("from-worker")).query("ledger:balances");
  return Response.json({ failure, unknown, who, plain });
}
