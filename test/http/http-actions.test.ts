// HTTP actions through `backend.fetch`: routes, responses, failures, streams.

import * as convexServer from "convex/server";
import { httpRouter } from "invex/server";
import { ConvexError } from "invex/values";
import { describe, expect, it } from "vitest";
import { gate, httpAction, internalMutation, query, refs } from "../fixtures/lab";
import { createHttpLab, json, saying, told } from "./http-lab";

const MiB = 2 ** 20;

describe("routes", () => {
  const fronts = [
    { front: "invex", make: httpRouter },
    { front: "convex", make: convexServer.httpRouter as unknown as typeof httpRouter },
  ];

  it.each(fronts)(
    "[HTTP1] a router of $front serves exact paths, then the longest prefix",
    async ({ make }) => {
      const http = make();
      http.route({ path: "/a", method: "GET", handler: saying("exact GET") });
      http.route({ path: "/a", method: "POST", handler: saying("exact POST") });
      http.route({ pathPrefix: "/a/", method: "GET", handler: saying("prefix") });
      http.route({ pathPrefix: "/a/b/", method: "GET", handler: saying("longer") });
      http.route({ path: "/a/b/exact", method: "POST", handler: saying("post only") });
      const { backend } = createHttpLab({ http });
      const get = (path: string) => told(backend.fetch(path));
      expect(await get("/a")).toEqual([200, "exact GET"]);
      expect(await told(backend.fetch("/a", { method: "POST" }))).toEqual([200, "exact POST"]);
      expect(await get("/a/x")).toEqual([200, "prefix"]);
      expect(await get("/a/b/x")).toEqual([200, "longer"]);
      // Registered for another method only: no obstacle for the prefix.
      expect(await get("/a/b/exact")).toEqual([200, "longer"]);
      expect(await get("/a?b=/c")).toEqual([200, "exact GET"]);
    },
  );

  it("[HTTP2] HEAD runs the route of GET and carries its head only", async () => {
    const seen: string[] = [];
    const http = httpRouter();
    const handler = httpAction(async (_ctx, request) => {
      seen.push(request.method);
      return new Response("body", { status: 201, headers: { "X-Kind": "get" } });
    });
    http.route({ path: "/a", method: "GET", handler });
    const { backend } = createHttpLab({ http });
    const response = await backend.fetch("/a", { method: "HEAD" });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-kind")).toBe("get");
    expect(response.body).toBeNull();
    expect(seen).toEqual(["HEAD"]);
    const missing = await backend.fetch("/missing", { method: "HEAD" });
    expect([missing.status, missing.body]).toEqual([404, null]);
  });

  it("[HTTP3] what no route matches is a 404 in Convex's words", async () => {
    const http = httpRouter();
    http.route({ path: "/a", method: "GET", handler: saying("a") });
    const { backend } = createHttpLab({ http });
    const response = await backend.fetch("/b");
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("No matching routes found");
    expect(await told(backend.fetch("/a", { method: "POST" }))).toEqual([
      404,
      "No matching routes found",
    ]);
    expect(await told(backend.fetch("/a", { method: "PROPFIND" }))).toEqual([
      404,
      "No matching routes found",
    ]);
    const { backend: without } = createHttpLab();
    expect(await told(without.fetch("/a"))).toEqual([
      404,
      "This Convex deployment does not have HTTP actions enabled.",
    ]);
    expect((await told(without.fetch("/")))[1]).toBe(
      "This Convex deployment is running. See https://docs.convex.dev/.",
    );
  });

  it("[HTTP4] only the raw path counts: nothing is decoded, nothing climbs out", async () => {
    const http = httpRouter();
    http.route({ path: "/a/b", method: "GET", handler: saying("a/b") });
    http.route({ pathPrefix: "/files/", method: "GET", handler: saying("files") });
    const { backend } = createHttpLab({ http });
    const paths = ["/a%2Fb", "/a//b", "/files/../a/c", "/%2e%2e/a", "/a/b/", "/A/b"];
    for (const path of paths) {
      const [status] = await told(backend.fetch(new URL(path, backend.url)));
      expect([path, status]).toEqual([path, 404]);
    }
    expect(await told(backend.fetch("/x/%2e%2e/a/b"))).toEqual([200, "a/b"]);
    expect(await told(backend.fetch("/files/%2e%2e%2fa"))).toEqual([200, "files"]);
  });

  it("[HTTP5] a module `http` that exports no router says so", async () => {
    const { backend } = createHttpLab({ http: { not: "a router" } });
    const [status, body] = await json(backend.fetch("/a"));
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "ModuleInvalid" });
    const http = httpRouter();
    http.route({ path: "/a", method: "GET", handler: (() => new Response()) as never });
    const { backend: unwrapped } = createHttpLab({ http });
    expect((await told(unwrapped.fetch("/a")))[1]).toContain("Wrap it in `httpAction(…)`");
  });
});

describe("requests and responses", () => {
  it("[HTTP6] the handler gets the request whole, and its response arrives whole", async () => {
    const http = httpRouter();
    const handler = httpAction(async (_ctx, request) => {
      const { method, url } = request;
      const headers = new Headers({ "X-Echo": request.headers.get("x-in") ?? "" });
      headers.append("Set-Cookie", "a=1");
      headers.append("Set-Cookie", "b=2");
      const body = JSON.stringify({ method, url, body: await request.text() });
      return new Response(body, { status: 299, statusText: "Fine", headers });
    });
    http.route({ pathPrefix: "/", method: "PUT", handler });
    const { backend } = createHttpLab({ http, url: "https://example.test" });
    const init = { method: "PUT", body: "héllo", headers: { "X-In": "1" } };
    const response = await backend.fetch("/a/b?c=%20d#e", init);
    expect([response.status, response.statusText]).toEqual([299, "Fine"]);
    expect(response.headers.get("x-echo")).toBe("1");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.json()).toEqual({
      method: "PUT",
      url: "https://example.test/a/b?c=%20d#e",
      body: "héllo",
    });
  });

  it("[HTTP6] bytes pass unharmed in both directions", async () => {
    const http = httpRouter();
    const handler = httpAction(async (_ctx, request) => new Response(await request.arrayBuffer()));
    http.route({ path: "/echo", method: "POST", handler });
    const { backend } = createHttpLab({ http });
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7);
    const response = await backend.fetch("/echo", { method: "POST", body: bytes });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  it("[HTTP7] it runs as an action: transactions of its own, internal functions included", async () => {
    const http = httpRouter();
    const handler = httpAction(async (ctx, request) => {
      expect(Object.keys(ctx).sort()).toEqual([
        "auth",
        "meta",
        "runAction",
        "runMutation",
        "runQuery",
        "scheduler",
        "storage",
        "vectorSearch",
      ]);
      const { n } = (await request.json()) as { n: number };
      await ctx.runMutation(refs.mutation("add"), { n });
      if (n === 2) throw new Error("after the commit");
      return Response.json(await ctx.runQuery(refs.query("all")), { status: 201 });
    });
    http.route({ path: "/add", method: "POST", handler });
    const functions = {
      add: internalMutation(async (ctx, { n }: { n: number }) => {
        await ctx.db.insert("things", { n });
      }),
      all: query(async (ctx) => (await ctx.db.query("things").collect()).map((each) => each.n)),
    };
    const { backend } = createHttpLab({ functions, http });
    const add = (n: number) =>
      backend.fetch("/add", { method: "POST", body: JSON.stringify({ n }) });
    expect(await json(add(1))).toEqual([201, [1]]);
    expect((await add(2)).status).toBe(500);
    expect(await json(add(3))).toEqual([201, [1, 2, 3]]);
  });

  it("[HTTP8] nothing about origins is added, and OPTIONS is the app's", async () => {
    const http = httpRouter();
    const cors = { "Access-Control-Allow-Origin": "https://app.test" };
    http.route({
      path: "/open",
      method: "POST",
      handler: httpAction(async () => new Response("ok", { headers: cors })),
    });
    http.route({
      path: "/open",
      method: "OPTIONS",
      handler: httpAction(async (_ctx, request) => {
        const asked = request.headers.get("Access-Control-Request-Headers") ?? "";
        return new Response(null, {
          status: 204,
          headers: { ...cors, "Access-Control-Allow-Headers": asked },
        });
      }),
    });
    http.route({ path: "/closed", method: "POST", handler: saying("ok") });
    const { backend } = createHttpLab({ http });
    const preflight = await backend.fetch("/open", {
      method: "OPTIONS",
      headers: { Origin: "https://app.test", "Access-Control-Request-Headers": "X-Mine" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("X-Mine");
    const open = await backend.fetch("/open", { method: "POST" });
    expect(open.headers.get("access-control-allow-origin")).toBe("https://app.test");
    const closed = await backend.fetch("/closed", { method: "POST" });
    expect([...closed.headers.keys()]).toEqual(["content-type"]);
    expect((await backend.fetch("/closed", { method: "OPTIONS" })).status).toBe(404);
  });
});

describe("failures", () => {
  const http = httpRouter();
  const throwing = (error: () => unknown) =>
    httpAction(async () => {
      throw error();
    });
  http.route({
    path: "/error",
    method: "GET",
    handler: throwing(() => new TypeError("so\nit goes")),
  });
  http.route({
    path: "/data",
    method: "GET",
    handler: throwing(() => new ConvexError({ code: "FULL", left: 3n })),
  });
  http.route({ path: "/string", method: "GET", handler: throwing(() => "just text") });
  http.route({
    path: "/nothing",
    method: "GET",
    handler: httpAction(async () => undefined as never),
  });
  http.route({ path: "/fail", method: "GET", handler: httpAction(async () => Response.error()) });

  it("[HTTP9] an uncaught error is a 500 with its text, trace and data", async () => {
    const { backend } = createHttpLab({ http });
    const [status, body] = (await json(backend.fetch("/error"))) as [
      number,
      Record<string, string>,
    ];
    expect(status).toBe(500);
    expect(Object.keys(body).sort()).toEqual(["code", "trace"]);
    expect(body.code).toMatch(
      /^\[Request ID: [0-9a-f]{16}\] Server Error: Uncaught TypeError: so\nit goes$/,
    );
    expect(body.trace).toMatch(/^Uncaught TypeError: so\nit goes\n {4}at .*\n$/s);
    const [, data] = (await json(backend.fetch("/data"))) as [number, Record<string, unknown>];
    expect(data.data).toEqual({ code: "FULL", left: { $integer: "AwAAAAAAAAA=" } });
    expect(((await json(backend.fetch("/string")))[1] as { code: string }).code).toMatch(
      /Server Error: Uncaught just text$/,
    );
  });

  it("[HTTP10] with redaction only the request id and the data remain", async () => {
    const { backend } = createHttpLab({ http, redactErrors: true });
    const [status, body] = await json(backend.fetch("/error"));
    expect(status).toBe(500);
    expect(body).toEqual({
      code: expect.stringMatching(/^\[Request ID: [0-9a-f]{16}\] Server Error$/),
    });
    const [, data] = await json(backend.fetch("/data"));
    expect(data).toEqual({
      code: expect.any(String),
      data: { code: "FULL", left: { $integer: "AwAAAAAAAAA=" } },
    });
  });

  it("[HTTP11] what is no response that can be sent is an error", async () => {
    const { backend } = createHttpLab({ http });
    for (const path of ["/nothing", "/fail"]) {
      const [status, body] = (await json(backend.fetch(path))) as [number, { code: string }];
      expect(status).toBe(500);
      expect(body.code).toMatch(/Server Error: HTTP actions must return a Response$/);
    }
  });
});

describe("streams", () => {
  it("[HTTP12] a body arrives as it is produced, and the action goes on meanwhile", async () => {
    const { opened, open } = gate();
    const http = httpRouter();
    const handler = httpAction(async (ctx) => {
      const encoder = new TextEncoder();
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const write = async () => {
        const writer = writable.getWriter();
        await writer.write(encoder.encode("first"));
        await opened;
        await ctx.runMutation(refs.mutation("add"));
        await writer.write(encoder.encode("second"));
        await writer.close();
      };
      void write();
      return new Response(readable);
    });
    http.route({ path: "/stream", method: "GET", handler });
    const add = internalMutation(async (ctx) => {
      await ctx.db.insert("things", {});
    });
    const { backend, logs } = createHttpLab({ functions: { add }, http });
    const reader = (await backend.fetch("/stream")).body!.getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toBe("first");
    open();
    expect(await next()).toBe("second");
    expect((await reader.read()).done).toBe(true);
    expect(await backend.run(async (ctx) => (await ctx.db.query("things").collect()).length)).toBe(
      1,
    );
    expect(logs).toEqual([]);
  });

  it("[HTTP13] a body is pulled no faster than it is read, and reading no further ends it", async () => {
    let pulls = 0;
    let cancelled: unknown;
    const http = httpRouter();
    const handler = httpAction(async () => {
      const source = {
        pull(controller: ReadableStreamDefaultController) {
          pulls += 1;
          controller.enqueue(new Uint8Array(1000));
        },
        cancel(reason: unknown) {
          cancelled = reason;
        },
      };
      return new Response(new ReadableStream(source, { highWaterMark: 0 }));
    });
    http.route({ path: "/endless", method: "GET", handler });
    const { backend } = createHttpLab({ http });
    const reader = (await backend.fetch("/endless")).body!.getReader();
    await reader.read();
    expect(pulls).toBe(1);
    await reader.cancel("enough");
    expect(cancelled).toBe("enough");
  });

  it("[HTTP14] a failure after the head ends the body and is logged", async () => {
    const http = httpRouter();
    const handler = httpAction(async () => {
      let pulls = 0;
      const source = {
        pull(controller: ReadableStreamDefaultController) {
          if (pulls++ > 0) throw new Error("mid stream");
          controller.enqueue(new TextEncoder().encode("half"));
        },
      };
      return new Response(new ReadableStream(source));
    });
    http.route({ path: "/half", method: "GET", handler });
    const { backend, logs } = createHttpLab({ http });
    expect(await told(backend.fetch("/half"))).toEqual([200, "half"]);
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatch(/^GET \/half ERROR .*mid stream/s);
  });

  it("[HTTP15] a body beyond 20 MiB is cut there, and that is logged", async () => {
    const http = httpRouter();
    const handler = httpAction(async () => {
      const pull = (controller: ReadableStreamDefaultController) =>
        controller.enqueue(new Uint8Array(3 * MiB));
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    });
    http.route({ path: "/huge", method: "GET", handler });
    const { backend, logs } = createHttpLab({ http });
    const body = await (await backend.fetch("/huge")).arrayBuffer();
    expect(body.byteLength).toBe(20 * MiB);
    expect(logs.join()).toContain(
      "HttpResponseTooLarge: HTTP actions support responses up to 20 MiB",
    );
  });

  it("[HTTP16] a request body beyond 20 MiB is refused, said beforehand or not", async () => {
    let ran = 0;
    const http = httpRouter();
    const handler = httpAction(async (_ctx, request) => {
      ran += 1;
      return new Response(String((await request.arrayBuffer()).byteLength));
    });
    http.route({ path: "/size", method: "POST", handler });
    const { backend } = createHttpLab({ http });
    const sized = (bytes: number) => {
      const init: RequestInit & { duplex: "half" } = {
        method: "POST",
        body: streamOfBytes(bytes),
        duplex: "half",
      };
      return backend.fetch("/size", init);
    };
    expect(await told(sized(20 * MiB))).toEqual([200, String(20 * MiB)]);
    const [status, body] = await json(sized(20 * MiB + 1));
    expect([status, (body as { code: string }).code]).toEqual([413, "RequestTooLarge"]);
    expect(ran).toBe(2);
    const headers = { "Content-Length": String(20 * MiB + 1) };
    const honest = await backend.fetch("/size", { method: "POST", body: "x", headers });
    expect(honest.status).toBe(413);
    expect(ran).toBe(2);
  });

  it("[HTTP17] the request's signal aborts when the client goes, and the action runs on", async () => {
    const { opened: started, open: start } = gate();
    const http = httpRouter();
    const handler = httpAction(async (ctx, request) => {
      await request.text();
      const aborted = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      start();
      await aborted;
      await ctx.runMutation(refs.mutation("add"));
      return new Response(String(request.signal.aborted));
    });
    http.route({ path: "/wait", method: "POST", handler });
    const add = internalMutation(async (ctx) => {
      await ctx.db.insert("things", {});
    });
    const { backend } = createHttpLab({ functions: { add }, http });
    const controller = new AbortController();
    const init = { method: "POST", body: "x", signal: controller.signal };
    const response = told(backend.fetch("/wait", init));
    await started;
    controller.abort();
    expect(await response).toEqual([200, "true"]);
    expect(await backend.run(async (ctx) => (await ctx.db.query("things").collect()).length)).toBe(
      1,
    );
  });

  it("[HTTP18] operations nobody awaited are named once the response has ended", async () => {
    const { opened, open } = gate();
    const http = httpRouter();
    const handler = httpAction(async (ctx) => {
      ctx.runAction(refs.action("slow")).catch(() => {});
      return new Response("done");
    });
    http.route({ path: "/dangling", method: "GET", handler });
    const { action } = await import("../fixtures/lab");
    const { backend, logs } = createHttpLab({
      functions: { slow: action(async () => opened) },
      http,
    });
    expect(await told(backend.fetch("/dangling"))).toEqual([200, "done"]);
    expect(logs.join()).toContain("1 unawaited operation: [action].");
    open();
  });
});

function streamOfBytes(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const size = Math.min(left, MiB);
      left -= size;
      controller.enqueue(new Uint8Array(size));
    },
  });
}

describe("the backend's state", () => {
  it("[HTTP19] after close, fetch rejects", async () => {
    const { backend } = createHttpLab({ http: httpRouter() });
    await backend.close();
    await expect(backend.fetch("/a")).rejects.toMatchObject({ code: "BackendClosed" });
  });
});
