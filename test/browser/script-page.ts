// An empty page on a server of its own, that modules of the tests are loaded into.

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build, type Rollup } from "vite";

export interface ScriptPage<Module> {
  readonly url: string;
  /** The same page with an origin of nobody, as in a sandboxed frame. */
  readonly sandboxedUrl: string;
  /** Calls an export of the module in a page of this server. */
  call<Name extends keyof Module>(
    page: Page,
    name: Name,
    ...args: Module[Name] extends (...args: infer A) => unknown ? A : never
  ): Promise<Module[Name] extends (...args: never) => infer R ? Awaited<R> : never>;
  close(): Promise<void>;
}

/** @param module its path from this folder */
export async function serveScript<Module>(module: string): Promise<ScriptPage<Module>> {
  const scripts = await bundled(fileURLToPath(new URL(module, import.meta.url)));
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? "");
    if (script !== undefined) give(response, "text/javascript", script);
    else givePage(response, request.url === "/sandboxed");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    sandboxedUrl: `${url}sandboxed`,
    call: (page, name, ...args) => {
      const given = args.map((arg) => JSON.stringify(arg)).join(", ");
      // As text, because an `import()` in a function would be compiled for these tests.
      const text = `import("${url}module.js").then((module) => module.${String(name)}(${given}))`;
      return page.evaluate(text) as never;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The module as `/module.js`, and what it loads later. */
async function bundled(path: string): Promise<ReadonlyMap<string, string>> {
  const outputs = await build({
    configFile: false,
    logLevel: "warn",
    resolve: { tsconfigPaths: true },
    // What is built for pages has this done; what is built as a library has not.
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: path, formats: ["es"], fileName: () => "module.js" },
    },
  });
  const chunks = (outputs as Rollup.RollupOutput[]).flatMap(({ output }) => output);
  return new Map(
    chunks.flatMap((each) => (each.type === "chunk" ? [[`/${each.fileName}`, each.code]] : [])),
  );
}

function givePage(response: ServerResponse, isSandboxed: boolean): void {
  if (isSandboxed) response.setHeader("Content-Security-Policy", "sandbox allow-scripts");
  give(response, "text/html", '<!doctype html><link rel="icon" href="data:,"><title>test</title>');
}

function give(response: ServerResponse, type: string, body: string): void {
  response.setHeader("Content-Type", type);
  // A sandboxed page is nobody's.
  response.setHeader("Access-Control-Allow-Origin", "*");
  response.end(body);
}
