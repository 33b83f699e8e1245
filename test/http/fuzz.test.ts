// Random requests, as wrong as they come: every one gets a sound answer, the store stays whole, and
// honest requests in between are served as ever.

import { httpRouter } from "invex/server";
import { v } from "invex/values";
import { expect, it } from "vitest";
import { createRandom, type Random } from "../../src/shared/random";
import { action, httpAction, internalMutation, mutation, query } from "../fixtures/lab";
import { createHttpLab, json, post } from "./http-lab";

const REQUESTS = 10_000;
const SEED = process.env.INVEX_FUZZ_SEED ?? "http-fuzz-1";

const functions = {
  add: mutation({
    args: { n: v.number() },
    handler: async (ctx, args) => ctx.db.insert("things", args),
  }),
  all: query(async (ctx) => (await ctx.db.query("things").collect()).length),
  echo: query({ args: { value: v.any() }, handler: async (_ctx, { value }) => value }),
  shout: action({ args: { text: v.string() }, handler: async (_ctx, { text }) => text }),
  half: mutation(async (ctx) => {
    await ctx.db.insert("others", { half: true });
    throw new Error("half");
  }),
  hidden: internalMutation(async (ctx) => {
    await ctx.db.insert("others", { hidden: true });
  }),
  uploadUrl: mutation(async (ctx) => ctx.storage.generateUploadUrl()),
};

function appRouter() {
  const http = httpRouter();
  const echo = httpAction(async (_ctx, request) => new Response(await request.arrayBuffer()));
  const parse = httpAction(async (_ctx, request) => Response.json(await request.json()));
  http.route({ path: "/echo", method: "POST", handler: echo });
  http.route({ path: "/parse", method: "PUT", handler: parse });
  http.route({ pathPrefix: "/files/", method: "GET", handler: echo });
  return http;
}

class Chooser {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(n: number): number {
    return Math.floor(this.#random.next() * n);
  }

  chance(p: number): boolean {
    return this.#random.next() < p;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  text(maxLength: number): string {
    const odd = [
      "/",
      "..",
      "%",
      "%2f",
      "%00",
      "\u0000",
      "é",
      "😀",
      '"',
      "{",
      "}",
      "[",
      "]",
      ":",
      "a",
      "m",
      " ",
      "?",
      "#",
      "&",
      "=",
    ];
    return Array.from({ length: this.below(maxLength) }, () => this.of(odd)).join("");
  }

  bytes(maxLength: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#random.bytes(this.below(maxLength)));
  }
}

const METHODS = [
  "GET",
  "GET",
  "HEAD",
  "POST",
  "POST",
  "POST",
  "POST",
  "POST",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "PROPFIND",
];
const PATHS = [
  ...[
    "/api/query",
    "/api/mutation",
    "/api/action",
    "/api/function",
    "/api/query_ts",
    "/api/query_at_ts",
  ],
  ...["/api/query_batch", "/api/run/m/add", "/api/run/m", "/api/run/%ff/x", "/api/storage/upload"],
  ...[
    "/api/storage/00000000-0000-4000-8000-000000000000",
    "/api/storage/x",
    "/api/1.48.0/sync",
    "/api",
  ],
  ...[
    "/echo",
    "/parse",
    "/files/a",
    "/files/../echo",
    "//echo",
    "/",
    "/http",
    "/.files",
    "/api/../echo",
  ],
];
const FUNCTION_PATHS = [
  "m:add",
  "m:all",
  "m:echo",
  "m:shout",
  "m:half",
  "m:hidden",
  "m.js:add",
  "m",
  ":",
  "x:y",
  "m:add:all",
  "__proto__:constructor",
];

function randomJson(choose: Chooser, depth = 0): unknown {
  if (depth > 4 || choose.chance(0.5)) {
    return choose.of([
      null,
      true,
      0,
      -0,
      1e308,
      "text",
      "\ud800",
      { $integer: "AA==" },
      { $bytes: "x" },
      { $float: 1 },
      { $set: [] },
      { "": 1 },
      { _id: 1 },
    ]);
  }
  if (choose.chance(0.4))
    return Array.from({ length: choose.below(4) }, () => randomJson(choose, depth + 1));
  const keys = ["n", "value", "text", "__proto__", "constructor", "$x", "a b", "args"];
  return Object.fromEntries(
    Array.from({ length: choose.below(4) }, () => [choose.of(keys), randomJson(choose, depth + 1)]),
  );
}

function randomBody(choose: Chooser): BodyInit {
  const call = {
    path: choose.chance(0.9) ? choose.of(FUNCTION_PATHS) : randomJson(choose),
    args: choose.of([
      {},
      { n: 1 },
      [{ n: 1 }],
      { value: randomJson(choose) },
      { text: "x" },
      randomJson(choose),
    ]),
    ...(choose.chance(0.5)
      ? { format: choose.of(["json", "convex_encoded_json", "xml", 1, null]) }
      : {}),
    ...(choose.chance(0.2) ? { ts: choose.of(["AAAAAAAAAAA=", "x", 1, "//////////8="]) } : {}),
    ...(choose.chance(0.1) ? { componentPath: choose.of(["", "x", 1, null]) } : {}),
  };
  const kind = choose.below(10);
  if (kind < 5) return JSON.stringify(call);
  if (kind < 6) return JSON.stringify({ queries: [call, call] });
  if (kind < 7) return JSON.stringify(randomJson(choose));
  if (kind < 8) return JSON.stringify(call).slice(0, choose.below(80));
  if (kind < 9) return choose.text(50);
  return choose.chance(0.5) ? choose.bytes(2000) : brokenStream(choose);
}

/** A body that breaks off, or turns out to hold no bytes. */
function brokenStream(choose: Chooser): ReadableStream {
  const isText = choose.chance(0.3);
  const left = choose.below(3);
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (pulls++ < left) controller.enqueue(isText ? "text" : new Uint8Array(10));
      else controller.error(new Error("broken off"));
    },
  });
}

function randomHeaders(choose: Chooser): Headers {
  const headers = new Headers();
  const types = [
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "application/json, text/plain",
    "\u00e9",
  ];
  if (choose.chance(0.8))
    headers.append("Content-Type", choose.chance(0.7) ? types[0]! : choose.of(types));
  if (choose.chance(0.1))
    headers.append("Content-Length", choose.of(["0", "99999999999", "-1", "x"]));
  if (choose.chance(0.15)) {
    const schemes = [
      "Bearer",
      "Bearer ",
      "Bearer a.b.c",
      "Bearer e30.e30.",
      "Convex key",
      "Convex key:e30=",
      "Basic x",
      "\u00e9",
    ];
    headers.append("Authorization", choose.of(schemes));
    if (choose.chance(0.3)) headers.append("Authorization", choose.of(schemes));
  }
  if (choose.chance(0.1))
    headers.append(
      "Range",
      choose.of([
        "bytes=0-",
        "bytes=-1",
        "bytes=a",
        "bytes=0-1,2-3",
        "bytes=99999999999999999999-",
      ]),
    );
  if (choose.chance(0.1))
    headers.append("Digest", choose.of(["sha-256=x", "sha-256=", "=", "sha-256"]));
  if (choose.chance(0.02)) headers.append("X-Huge", "x".repeat(100_000));
  return headers;
}

function uploadOrPath(choose: Chooser, base: string, paths: readonly string[]): string {
  const path = choose.of(paths);
  return path.startsWith("/") ? `${base}${path}` : path;
}

function randomRequest(choose: Chooser, base: string, uploadUrl: string): Request {
  const method = choose.of(METHODS);
  const paths = choose.chance(0.05) ? [uploadUrl, `${uploadUrl}x`] : PATHS;
  const query = choose.chance(0.2)
    ? `?${choose.of(["path=m:all", "path=m:all&args={", "args=[]", "token=x", "component=x", choose.text(10)])}`
    : "";
  const url = new URL(
    `${uploadOrPath(choose, base, paths)}${choose.chance(0.2) ? choose.text(8) : ""}${query}`,
  );
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers: randomHeaders(choose),
    duplex: "half",
  };
  if (method !== "GET" && method !== "HEAD" && choose.chance(0.9)) init.body = randomBody(choose);
  if (choose.chance(0.03)) init.signal = AbortSignal.abort();
  return new Request(url, init);
}

it(`[HTTP25] ${REQUESTS} random requests (seed ${SEED}) get sound answers and do no harm`, async () => {
  const choose = new Chooser(createRandom(SEED));
  const { backend } = createHttpLab({
    functions,
    http: appRouter(),
    adminKey: "key",
    url: "http://fuzz.test",
  });
  const uploadUrl = (await backend.mutation("m:uploadUrl")) as string;
  const statuses = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i++) {
    const request = randomRequest(choose, backend.url, uploadUrl);
    const where = `request ${i}: ${request.method} ${request.url}`;
    const response = await backend.fetch(request);
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status === 500) {
      // Only the app's own actions may fail so.
      expect([where, JSON.parse(text).code]).toEqual([
        where,
        expect.stringMatching(/^\[Request ID: /),
      ]);
    }
    const isOwn = new URL(request.url).pathname.startsWith("/api/");
    if (isOwn && response.status >= 400 && request.method !== "HEAD" && response.status !== 404) {
      expect([where, JSON.parse(text)]).toEqual([
        where,
        { code: expect.any(String), message: expect.any(String) },
      ]);
    }
    if (i % 500 === 0) {
      const honest = await json(
        post(backend, "/api/action", { path: "m:shout", args: { text: "hi" } }),
      );
      expect(honest).toEqual([200, { status: "success", value: "hi" }]);
    }
  }
  console.info(
    `statuses: ${[...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, n]) => `${status}: ${n}`)
      .join(", ")}`,
  );
  for (const status of [200, 400, 401, 403, 404, 405, 413]) expect(statuses.has(status)).toBe(true);
  const { others, things } = await backend.run(async (ctx) => ({
    others: await ctx.db.query("others").collect(),
    things: await ctx.db.query("things").collect(),
  }));
  // `hidden` is for admins only, and some requests were; `half` never commits.
  expect(others.filter((each) => "half" in each)).toEqual([]);
  expect(things.every((each) => each.n === 1)).toBe(true);
});

it("[HTTP26] many requests at the same time keep apart", async () => {
  const { backend } = createHttpLab({ functions, http: appRouter() });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      if (i % 3 === 0)
        return json(post(backend, "/api/mutation", { path: "m:add", args: { n: i } }));
      if (i % 3 === 1)
        return json(post(backend, "/api/query", { path: "m:echo", args: { value: i } }));
      return json(backend.fetch("/parse", { method: "PUT", body: String(i) }));
    }),
  );
  for (const [i, [status, body]] of answers.entries()) {
    expect(status).toBe(200);
    if (i % 3 === 1) expect(body).toEqual({ status: "success", value: i });
    if (i % 3 === 2) expect(body).toBe(i);
  }
  expect(await backend.query("m:all")).toBe(67);
});
