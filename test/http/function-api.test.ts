// The HTTP API to functions: endpoints, formats, refusals, snapshots.

import { ConvexError, v } from "invex/values";
import { describe, expect, it } from "vitest";
import { action, httpAction, internalQuery, mutation, query } from "../fixtures/lab";
import { createHttpLab, json, post } from "./http-lab";

const functions = {
  add: mutation({
    args: { n: v.number() },
    handler: async (ctx, { n }) => {
      await ctx.db.insert("things", { n });
      return n;
    },
  }),
  all: query(async (ctx) => (await ctx.db.query("things").collect()).map((each) => each.n)),
  echo: query({ args: { value: v.any() }, handler: async (_ctx, { value }) => value }),
  shout: action({
    args: { text: v.string() },
    handler: async (_ctx, { text }) => text.toUpperCase(),
  }),
  hidden: internalQuery(async () => "hidden"),
  hook: httpAction(async () => new Response()),
  fail: mutation(async (ctx) => {
    await ctx.db.insert("things", { n: -1 });
    throw new ConvexError({ code: "NO", amount: 7n });
  }),
  broken: query(async () => {
    throw new Error("secret detail");
  }),
  noisy: query(async () => {
    console.log("heard", { a: 1 });
    return null;
  }),
};

function lab(options: Parameters<typeof createHttpLab>[0] = {}) {
  const { backend, clock } = createHttpLab({ functions, ...options });
  const call = (path: string, body: unknown, headers?: Record<string, string>) =>
    json(post(backend, path, body, headers));
  return { backend, clock, call };
}

const success = (value: unknown) => [200, { status: "success", value }];

describe("endpoints", () => {
  it("[API1] queries, mutations and actions answer with their value", async () => {
    const { backend, call } = lab();
    expect(await call("/api/mutation", { path: "m:add", args: { n: 1 } })).toEqual(success(1));
    expect(await call("/api/mutation", { path: "m.js:add", args: [{ n: 2 }] })).toEqual(success(2));
    expect(await call("/api/query", { path: "m:all", args: {} })).toEqual(success([1, 2]));
    expect(await call("/api/action", { path: "m:shout", args: { text: "a" } })).toEqual(
      success("A"),
    );
    const url = `/api/query?path=m:echo&args=${encodeURIComponent('{"value":{"$integer":"AQAAAAAAAAA="}}')}`;
    expect(await json(backend.fetch(`${url}&format=json`))).toEqual(success("1"));
    expect(await json(backend.fetch("/api/query?path=m:all"))).toEqual(success([1, 2]));
  });

  it("[API2] /api/function and /api/run call a function of any kind", async () => {
    const { call } = lab();
    expect(await call("/api/function", { path: "m:add", args: { n: 1 } })).toEqual(success(1));
    expect(await call("/api/function", { path: "m:all", args: {} })).toEqual(success([1]));
    expect(await call("/api/run/m/shout", { args: { text: "x" } })).toEqual(success("X"));
    expect(await call("/api/run/m/all", { args: {}, format: "json" })).toEqual(success([1]));
    const short = await call("/api/run/m", { args: {} });
    expect(short).toEqual([
      400,
      {
        code: "BadConvexFunctionIdentifier",
        message: "Path or function name not provided in path, e.g. /api/run/messages/list",
      },
    ]);
  });

  it("[API3] a mutation is atomic, and a failure is an answer with status 200", async () => {
    const { call } = lab();
    const [status, body] = await call("/api/mutation", { path: "m:fail", args: {} });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: "error",
      errorMessage: expect.stringMatching(
        /^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught ConvexError: .*\n {4}at /s,
      ),
      errorData: { code: "NO", amount: "7" },
    });
    expect(await call("/api/query", { path: "m:all", args: {} })).toEqual(success([]));
  });

  it("[API4] with redaction callers learn the request id and a ConvexError's data only", async () => {
    const { call } = lab({ redactErrors: true });
    const headline = expect.stringMatching(/^\[Request ID: [0-9a-f]{16}\] Server Error$/);
    expect(await call("/api/query", { path: "m:broken", args: {} })).toEqual([
      200,
      { status: "error", errorMessage: headline },
    ]);
    expect(await call("/api/mutation", { path: "m:fail", args: {} })).toEqual([
      200,
      { status: "error", errorMessage: headline, errorData: { code: "NO", amount: "7" } },
    ]);
    expect(await call("/api/query", { path: "m:noisy", args: {} })).toEqual(success(null));
  });

  it("[API5] log lines come along, and are left out when there are none", async () => {
    const { call } = lab();
    expect(await call("/api/query", { path: "m:noisy", args: {} })).toEqual([
      200,
      { status: "success", value: null, logLines: ["[LOG] 'heard' { a: 1 }"] },
    ]);
  });

  it("[API6] only public functions exist; what is hidden and what is missing look the same", async () => {
    const { call } = lab();
    const text = async (path: string, endpoint = "/api/query") => {
      const [status, body] = await call(endpoint, { path, args: {} });
      return [status, (body as { errorMessage: string }).errorMessage.split("\n").slice(1).join()];
    };
    expect(await text("m:hidden")).toEqual([
      200,
      "Could not find public function for 'm:hidden'.,",
    ]);
    expect(await text("m:missing")).toEqual([
      200,
      "Could not find public function for 'm:missing'.,",
    ]);
    expect(await text("x:hidden")).toEqual([
      200,
      "Could not find public function for 'x:hidden'.,",
    ]);
    expect(await text("m:hidden", "/api/function")).toEqual([
      200,
      "Could not find function for 'm:hidden'. Did you forget to run `npx convex dev`?,",
    ]);
    expect(await text("m:all", "/api/mutation")).toEqual([
      200,
      "Trying to execute m.js:all as Mutation, but it is defined as Query.,",
    ]);
    expect((await text("m:hook", "/api/function"))[1]).toContain("Could not find");
  });

  it("[API7] arguments are checked as everywhere, and wrong ones are a function's failure", async () => {
    const { call } = lab();
    const message = async (args: unknown) => {
      const [status, body] = await call("/api/mutation", { path: "m:add", args });
      return [
        status,
        (body as { errorMessage: string }).errorMessage.split("\n").slice(1).join("\n"),
      ];
    };
    expect(await message({ n: "x" })).toEqual([
      200,
      'ArgumentValidationError: Value does not match validator.\nPath: .n\nValue: "x"\nValidator: v.float64()\n',
    ]);
    expect((await message([]))[1]).toMatch(/^Expected to receive a single object/);
    expect((await message([1]))[1]).toMatch(/^Expected to receive an object/);
    expect((await message({ n: { $integer: "AA==" } }))[1]).toMatch(
      /^Invalid arguments for m.js:add: Received 1 bytes, expected 8 for \$integer/,
    );
  });

  it("[API8] a component's function needs the admin key and its path", async () => {
    const shop = { modules: { m: functions } };
    const { call } = lab({ adminKey: "key", components: { shop } });
    const body = { componentPath: "shop", path: "m:hidden", args: {} };
    expect(await call("/api/function", body)).toEqual([
      403,
      {
        code: "Unauthorized",
        message: "Only admin or system users can call functions on non-root components directly",
      },
    ]);
    const headers = { Authorization: "Convex key" };
    expect(await call("/api/function", body, headers)).toEqual(success("hidden"));
    const [status, missing] = await call("/api/function", { ...body, componentPath: "x" }, headers);
    expect([status, (missing as { status: string }).status]).toEqual([200, "error"]);
  });
});

describe("formats", () => {
  const value = {
    int: 2n ** 62n,
    bytes: new Uint8Array([1, 2, 255]).buffer,
    nan: Number.NaN,
    infinite: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    nested: { text: "t", none: null, yes: true, n: 1.5 },
  };
  const give = { give: query(async () => value) };
  const encoded = {
    int: { $integer: "AAAAAAAAAEA=" },
    bytes: { $bytes: "AQL/" },
    nan: { $float: "AAAAAAAA+H8=" },
    infinite: [{ $float: "AAAAAAAA8H8=" }, { $float: "AAAAAAAA8P8=" }],
    nested: value.nested,
  };
  const clean = {
    int: "4611686018427387904",
    bytes: "AQL/",
    nan: "NaN",
    infinite: ["Infinity", "-Infinity"],
    nested: value.nested,
  };

  it.each([
    ["convex_encoded_json", encoded],
    ["convex_json", encoded],
    ["json", clean],
    ["convex_clean_json", clean],
    [undefined, clean],
    [null, clean],
  ])("[API9] format %s", async (format, expected) => {
    const { call } = lab({ functions: give });
    expect(await call("/api/query", { path: "m:give", args: {}, format })).toEqual(
      success(expected),
    );
  });

  it("[API9] an unknown format is refused", async () => {
    const { call } = lab();
    expect(await call("/api/query", { path: "m:all", args: {}, format: "xml" })).toEqual([
      400,
      { code: "InvalidFormat", message: "format param must be one of [`json`]. Got xml" },
    ]);
  });
});

describe("snapshots", () => {
  it("[API10] query_at_ts answers as of query_ts, for 60 seconds of the backend's clock", async () => {
    const { backend, clock, call } = lab();
    await call("/api/mutation", { path: "m:add", args: { n: 1 } });
    const { ts } = (await (await post(backend, "/api/query_ts", {})).json()) as { ts: string };
    await call("/api/mutation", { path: "m:add", args: { n: 2 } });
    const then = () => call("/api/query_at_ts", { path: "m:all", args: {}, ts });
    expect(await then()).toEqual(success([1]));
    await clock.advanceTo(clock.now() + 59_999);
    await call("/api/mutation", { path: "m:add", args: { n: 3 } });
    expect(await then()).toEqual(success([1]));
    await clock.advanceTo(clock.now() + 1);
    const [status, body] = await then();
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: "SnapshotNotFound",
      message: expect.stringContaining("within the last 60 seconds"),
    });
    expect(await call("/api/query", { path: "m:all", args: {} })).toEqual(success([1, 2, 3]));
  });

  it("[API10] the newest timestamp can be read however old it is; a malformed one is refused", async () => {
    const { backend, clock, call } = lab();
    const { ts } = (await (await post(backend, "/api/query_ts", {})).json()) as { ts: string };
    await clock.advanceTo(clock.now() + 3_600_000);
    expect(await call("/api/query_at_ts", { path: "m:all", args: {}, ts })).toEqual(success([]));
    for (const wrong of ["", "x", "AAAA", "AAAAAAAAAA==", ts.replace(/.=$/, "/=")]) {
      const [status] = await call("/api/query_at_ts", { path: "m:all", args: {}, ts: wrong });
      expect([wrong, status]).toEqual([wrong, 400]);
    }
  });

  it("[API11] all queries of a batch read one snapshot, each with a result of its own", async () => {
    const { call } = lab();
    await call("/api/mutation", { path: "m:add", args: { n: 1 } });
    const queries = [
      { path: "m:all", args: {} },
      { path: "m:missing", args: {} },
      { path: "m:echo", args: { value: 1 }, format: "convex_encoded_json" },
    ];
    const [status, body] = await call("/api/query_batch", { queries });
    expect(status).toBe(200);
    expect(body).toEqual({
      results: [
        { status: "success", value: [1] },
        { status: "error", errorMessage: expect.stringContaining("m:missing") },
        { status: "success", value: 1 },
      ],
    });
  });
});

describe("refusals", () => {
  it("[API12] a path that is none is refused", async () => {
    const { call } = lab();
    for (const path of ["a b:c", "m.ts:all", ":", "m:1", "../m:all"]) {
      const [status, body] = await call("/api/query", { path, args: {} });
      expect([path, status]).toEqual([path, 400]);
      expect((body as { message: string }).message).toContain(
        `${path} is not a valid path to a Convex function. `,
      );
    }
  });

  it("[API13] a body that is no JSON, or of another shape, is refused with what is wrong", async () => {
    const { backend, call } = lab();
    const send = (body: string | undefined, type = "application/json") =>
      json(
        backend.fetch("/api/query", {
          method: "POST",
          headers: { "Content-Type": type },
          ...(body === undefined ? {} : { body }),
        }),
      );
    const good = JSON.stringify({ path: "m:all", args: {} });
    expect(await send(good, "application/json; charset=utf-8")).toEqual(success([]));
    const wrong: [string | undefined, string, RegExp][] = [
      ["{", "application/json", /^Failed to parse the request body as JSON/],
      [undefined, "application/json", /^Failed to parse the request body as JSON/],
      [good, "text/plain", /^Expected request with `Content-Type: application\/json`$/],
      [good, "application/json, application/json", /^Expected request with/],
      ["[]", "application/json", /^Failed to deserialize the JSON body/],
      ['{"path":1,"args":{}}', "application/json", /: path: /],
      ['{"path":"m:all"}', "application/json", /: args: /],
      ['{"path":"m:all","args":1}', "application/json", /: args: /],
      ['{"path":"m:all","args":{},"format":1}', "application/json", /: format: /],
    ];
    for (const [body, type, message] of wrong) {
      const [status, answer] = await send(body, type);
      expect([body, status]).toEqual([body, 400]);
      expect(answer).toEqual({ code: "BadJsonBody", message: expect.stringMatching(message) });
    }
    const bytes = new Uint8Array([0x22, 0xff, 0x22]);
    const headers = { "Content-Type": "application/json" };
    const invalid = await backend.fetch("/api/query", { method: "POST", headers, body: bytes });
    expect(invalid.status).toBe(400);
    expect((await call("/api/query_batch", { queries: [{ path: "m:all" }] }))[0]).toBe(400);
  });

  it("[API14] a body beyond 16 MiB and 2000 bytes is refused", async () => {
    const { backend, call } = lab();
    const value = "x".repeat(16 * 2 ** 20 + 2000);
    const [status, body] = await call("/api/query", { path: "m:echo", args: { value } });
    expect([status, (body as { code: string }).code]).toEqual([413, "RequestTooLarge"]);
    expect((await json(backend.fetch("/api/query?path=m:all")))[0]).toBe(200);
  });

  it("[API15] other methods are refused with those there are", async () => {
    const { backend } = lab();
    const response = await backend.fetch("/api/mutation", { method: "GET" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("[API16] every origin may call, and read the answer", async () => {
    const { backend } = lab();
    const preflight = await backend.fetch("/api/mutation", {
      method: "OPTIONS",
      headers: {
        Origin: "https://a.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "convex-client,content-type",
      },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toBe(
      "convex-client,content-type",
    );
    for (const path of ["m:all", "m:missing", " "]) {
      const response = await post(backend, "/api/query", { path, args: {} });
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
    }
  });

  it("[API17] deep JSON is refused, not a crash", async () => {
    const { backend, call } = lab();
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const headers = { "Content-Type": "application/json" };
    for (const value of [
      deep,
      deep.replaceAll("[", '{"a":').replaceAll("]", "}").replace(":}", ":1}"),
    ]) {
      const body = `{"path":"m:echo","args":{"value":${value}}}`;
      const [status, answer] = await json(
        backend.fetch("/api/query", { method: "POST", headers, body }),
      );
      expect([200, 400]).toContain(status);
      expect((answer as { status?: string }).status).not.toBe("success");
    }
    expect(await call("/api/query", { path: "m:all", args: {} })).toEqual(success([]));
  });
});
