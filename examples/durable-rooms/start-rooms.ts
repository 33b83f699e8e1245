// What `wrangler dev` would do, in a few lines: bundles the Worker, runs it in workerd.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

export interface RoomsOptions {
  readonly port: number;
  /** Where rooms keep their data. Default: in memory. */
  readonly folder?: string;
}

export interface Rooms {
  readonly url: string;
  close(): Promise<void>;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The page must have been built into `dist/`. */
export async function startRooms({ port, folder }: RoomsOptions): Promise<Rooms> {
  const miniflare = new Miniflare({
    name: "durable-rooms",
    modules: [{ type: "ESModule", path: "worker.js", contents: await bundle(path("./worker.ts")) }],
    compatibilityDate: "2026-04-20",
    compatibilityFlags: ["nodejs_compat"],
    durableObjects: { ROOMS: { className: "Room", useSQLite: true } },
    ...(folder === undefined ? {} : { durableObjectsPersist: folder }),
    assets: { directory: path("./dist"), routerConfig: { has_user_worker: true } },
    host: "127.0.0.1",
    port,
  });
  const url = (await miniflare.ready).origin;
  return { url, close: () => miniflare.dispose() };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
