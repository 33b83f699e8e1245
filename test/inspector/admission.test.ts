// Who is let in, and what may be said.

import { inspector } from "invex/inspector";
import { describe, expect, it } from "vitest";
import { createLab } from "./lab";
import { ask, openInspector, URL_OF_PAGE } from "./open-inspector";

const key = "a-key-of-sixteen-or-more";
const open = { type: "open" };

/** Takes the stream's name from its first line, and leaves it. */
async function statusOf(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}

describe("the page", () => {
  it("[INS1] is one document that may ask nobody but itself", async () => {
    const handler = inspector(createLab(), { key });
    const response = await handler(new Request("https://app.example/some/where/"));
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    const html = await response.text();
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="(?!data:)/);
  });

  it("[INS1] takes no other method", async () => {
    const handler = inspector(createLab(), { key });
    const response = await handler(new Request(URL_OF_PAGE, { method: "DELETE" }));
    expect(response.status).toBe(405);
  });
});

describe("the key", () => {
  it("[INS2] is asked for by everything but the page", async () => {
    const handler = inspector(createLab(), { key });
    const { page } = await openInspector(createLab(), { key });
    expect(page.state.value).toEqual({ kind: "open" });
    for (const wrong of ["", "x", `${key}x`, key.slice(1)]) {
      const answers = [
        await handler(ask(open, { key: wrong })),
        await handler(ask({ type: "say", page: "x", frames: [] }, { key: wrong })),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 401]);
      expect(await answers[0]?.json()).toEqual({ error: "That is not the key." });
    }
    expect(await statusOf(await handler(ask(open, { key })))).toBe(200);
  });

  it("[INS2] that is wrong locks the page", async () => {
    const backend = createLab();
    const handler = inspector(backend, { key });
    const { page } = await openInspector(createLab(), { key });
    page.end();
    const { PageBackend } = await import("../../src/inspector/page/page-backend");
    const locked = new PageBackend({
      post: (init) => handler(new Request(URL_OF_PAGE, init)),
      key: "wrong",
    });
    await new Promise<void>((resolve) => locked.state.listen(resolve));
    expect(locked.state.value).toEqual({ kind: "locked", error: "That is not the key." });
    locked.end();
  });

  it("[INS3] may be left out for whoever is on this machine", async () => {
    const handler = inspector(createLab());
    const answersTo = async (url: string, headers: Record<string, string> = {}) =>
      (await handler(new Request(url, { headers }))).status;
    for (const host of ["localhost", "127.0.0.1:3000", "[::1]:1", "app.localhost:80"]) {
      expect(await answersTo(`http://${host}/x`), host).toBe(200);
    }
    for (const host of ["app.example", "127.0.0.1.app.example", "10.0.0.1", "localhost.example"]) {
      expect(await answersTo(`http://${host}/x`), host).toBe(403);
      // A page elsewhere whose name leads here, on a server that does not look at it.
      expect(await answersTo("http://localhost/x", { host }), host).toBe(403);
    }
    const elsewhere = new Request("http://app.example/", ask(open));
    expect((await handler(elsewhere)).status).toBe(403);
  });

  it("[INS3] that cannot be one is refused when the inspector is made", () => {
    const backend = createLab();
    const unset = process.env.NO_SUCH_VARIABLE as string;
    expect(() => inspector(backend, { key: unset })).toThrow(/option `key`.*got undefined/);
    expect(() => inspector(backend, { key: "short" })).toThrow(/at least 16 characters/);
    expect(() => inspector(backend, { key: "with spaces in between" })).toThrow(/printable/);
    expect(() => inspector(backend, { kye: key } as never)).toThrow(/no such option/);
    expect(() => inspector({} as never)).toThrow(/createBackend/);
  });
});

describe("another site's page", () => {
  it.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://localhost:9999" }],
    ["nobody's origin", { origin: "null" }],
    ["a request across sites", { "sec-fetch-site": "cross-site" }],
    ["a request from a sibling", { "sec-fetch-site": "same-site" }],
    ["a form", { "content-type": "text/plain" }],
    ["a form of files", { "content-type": "multipart/form-data" }],
  ])("[INS4] gets nothing by %s", async (_how, headers) => {
    for (const options of [{ key }, undefined]) {
      const handler = inspector(createLab(), options);
      expect((await handler(ask(open, { key, ...headers }))).status).toBe(403);
    }
  });

  it("[INS4] gets nothing without a header of ours, and the inspector's own gets all", async () => {
    const handler = inspector(createLab());
    const plain = new Request(URL_OF_PAGE, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(open),
    });
    expect((await handler(plain)).status).toBe(403);
    const own = ask(open, { origin: "http://localhost:3210", "sec-fetch-site": "same-origin" });
    expect(await statusOf(await handler(own))).toBe(200);
  });
});

describe("what makes no sense", () => {
  it.each([
    ["no JSON", "{", /parse/],
    ["nothing", "", /parse/],
    ["another type", { type: "nonsense" }, /type: invalid/],
    ["a list", [], /invalid/],
    ["null", null, /invalid/],
    ["no frames", { type: "say", page: "x" }, /frames/],
    ["a frame of another type", { type: "say", page: "x", frames: [{ type: "x" }] }, /frames\.0/],
    [
      "a channel that is none",
      { type: "say", page: "x", frames: [{ type: "open", channel: -1 }] },
      /channel/,
    ],
    ["more than asked for", { type: "open", more: 1 }, /invalid/],
  ])("[INS5] is refused: %s", async (_what, body, problem) => {
    const handler = inspector(createLab());
    const response = await handler(ask(body));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toMatch(problem);
  });

  it("[INS5] is refused when it is too long, or for a page that is not there", async () => {
    const handler = inspector(createLab());
    const long = await handler(ask(" ".repeat((20 << 20) + 1)));
    expect(long.status).toBe(413);
    const stranger = await handler(ask({ type: "say", page: "stranger", frames: [] }));
    expect(stranger.status).toBe(410);
  });
});
