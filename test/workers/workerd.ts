// Real workerd, through miniflare: the test Worker, bundled as a deployment would be, and calls of
// its objects from Node.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convexToJson, jsonToConvex, type Value } from "invex/values";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { afterAll, beforeAll } from "vitest";
import { createIssuer, type Issuer } from "../sync/tokens";

const ENTRY = fileURLToPath(new URL("./worker.ts", import.meta.url));

const CLASSES = {
  ROOM: "Room",
  CRON_ROOM: "RoomWithCrons",
  R2_ROOM: "RoomOnR2",
  SMALL_ROOM: "SmallRoom",
  LARGE_ROOM: "LargeRoom",
  OWN: "OwnClass",
  CONFORMANCE: "Conformance",
};

export type Binding = keyof typeof CLASSES;

// biome-ignore lint/suspicious/noExplicitAny: methods of whichever object it is
export type Stub = any;

export interface Workerd {
  /** An object's RPC methods, by its name; called by the Worker on behalf of the test. */
  object(name: string, binding?: Binding): Stub;
  /** Throws an object away; its storage, and its alarm, stay. */
  evict(name: string, binding?: Binding): Promise<void>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  readonly url: string;
  readonly issuer: Issuer;
}

async function bundleWorker(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

export interface RunningWorkerd extends Workerd {
  close(): Promise<void>;
}

/** One runtime, until it is closed. @param folder where objects keep their data. Default: in memory */
export async function startWorkerd(folder?: string): Promise<RunningWorkerd> {
  const issuer = await createIssuer();
  const miniflare = new Miniflare({
    ...optionsOf(await bundleWorker(ENTRY), issuer),
    ...(folder === undefined ? {} : { durableObjectsPersist: folder }),
  });
  const url = (await miniflare.ready).href.replace(/\/$/, "");
  const object = (name: string, binding: Binding = "ROOM"): Stub => {
    const call = (method: string, args: unknown[]) =>
      callObject(url, { binding, name, method, args });
    return new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: unknown[]) =>
            call(String(method), args),
      },
    );
  };
  return {
    object,
    // The call ends in an error, as all calls of an object do that is thrown away.
    evict: (name, binding) =>
      object(name, binding)
        .evict()
        .catch(() => {}),
    fetch: (path, init) => fetch(url + path, init),
    url,
    issuer,
    close: () => miniflare.dispose(),
  };
}

/** One runtime for the tests of a file. Call it at the top of the file. */
export function workerdForFile(): Workerd {
  let running: RunningWorkerd | undefined;
  beforeAll(async () => {
    running = await startWorkerd();
  });
  afterAll(() => running?.close());
  return new Proxy({} as Workerd, { get: (_, name) => running?.[name as keyof Workerd] });
}

interface RemoteCall {
  readonly binding: Binding;
  readonly name: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

async function callObject(url: string, { args, ...call }: RemoteCall): Promise<unknown> {
  const encoded = args.map((arg) => convexToJson(arg as Value));
  const body = JSON.stringify({ ...call, args: encoded });
  const { value, error } = await (await fetch(`${url}/call`, { method: "POST", body })).json();
  if (error !== undefined) throw new Error(error);
  return jsonToConvex(value);
}

function optionsOf(script: string, issuer: Issuer): MiniflareOptions {
  return {
    modules: [{ type: "ESModule", path: "worker.js", contents: script }],
    compatibilityDate: "2026-04-20",
    compatibilityFlags: ["nodejs_compat"],
    bindings: { GREETING: "hello", AUTH: JSON.stringify(issuer.auth) },
    r2Buckets: ["FILES"],
    durableObjects: Object.fromEntries(
      Object.entries(CLASSES).map(([binding, className]) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
  };
}
